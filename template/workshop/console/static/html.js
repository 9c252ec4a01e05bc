// The tools to write views with: templates, and hooks for news from the server.

/** @import { ComponentChild, ComponentType, VNode } from "preact" */

import { onNews } from "./live.js";
import htm from "./vendor/htm/htm.js";
import { useLayoutEffect, useRef, useState } from "./vendor/preact/hooks.js";
import { Component, h } from "./vendor/preact/preact.js";

export {
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "./vendor/preact/hooks.js";
export { render } from "./vendor/preact/preact.js";

/** Elements and components as a template. Its values are always text, never markup. */
export const html = /** @type {(strings: TemplateStringsArray, ...values: unknown[]) => VNode} */ (
  htm.bind(h)
);

/**
 * A component that renders again only if one of its properties changes.
 * @template {object} Props
 * @param {(props: Props) => ComponentChild} view
 * @returns {ComponentType<Props>}
 */
export function memo(view) {
  return class extends Component {
    /** @param {Readonly<object>} next */
    shouldComponentUpdate(next) {
      const before = /** @type {Record<string, unknown>} */ (this.props);
      const after = /** @type {Record<string, unknown>} */ (next);
      for (const name in after) if (after[name] !== before[name]) return true;
      return false;
    }
    render() {
      return view(/** @type {Props} */ (this.props));
    }
  };
}

/**
 * Keys for elements, made from their names. Elements with the same name get numbers.
 * @template Item
 * @param {Item[]} items
 * @param {(item: Item) => string} name
 */
export function keysOf(items, name) {
  /** @type {Map<string, number>} */
  const seen = new Map();
  return items.map((item) => {
    const number = (seen.get(name(item)) ?? 0) + 1;
    seen.set(name(item), number);
    return `${number} ${name(item)}`;
  });
}

/** A function that renders the component again. */
export function useRedraw() {
  const [, count] = useState(0);
  return () => count((before) => before + 1);
}

/**
 * Call `listener` at each message from the server, while the component is mounted.
 * @param {() => void} listener
 */
export function useNews(listener) {
  const latest = useRef(listener);
  latest.current = listener;
  useLayoutEffect(() => onNews(() => latest.current()), []);
}

/** @param {string} title the title of the tab */
export function useTitle(title) {
  useLayoutEffect(() => {
    document.title = title;
  }, [title]);
}

/**
 * Keep the focus while rows change places. In a browser without `moveBefore`, a row that moves loses
 * the focus.
 */
export function useKeptFocus() {
  const focused = document.activeElement;
  useLayoutEffect(() => {
    const isLost = document.activeElement === document.body;
    if (isLost && focused instanceof HTMLElement && focused.isConnected)
      focused.focus({ preventScroll: true });
  });
}
