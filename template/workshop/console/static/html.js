// What views are written with: templates, and hooks into what the server tells.

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

/** Elements and components as a template; values in it are text, and never markup. */
export const html = /** @type {(strings: TemplateStringsArray, ...values: unknown[]) => VNode} */ (
  htm.bind(h)
);

/**
 * A component that is drawn again only if one of its properties is another.
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
 * Keys for elements by what they are called: those that have the same name are numbered.
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

/** A function that has the component drawn again. */
export function useRedraw() {
  const [, count] = useState(0);
  return () => count((before) => before + 1);
}

/**
 * Call `listener` whenever the server has told something, as long as the component is there.
 * @param {() => void} listener
 */
export function useNews(listener) {
  const latest = useRef(listener);
  latest.current = listener;
  useLayoutEffect(() => onNews(() => latest.current()), []);
}

/** @param {string} title what the tab is called */
export function useTitle(title) {
  useLayoutEffect(() => {
    document.title = title;
  }, [title]);
}

/**
 * Keep the focus where it is while rows change places: in a browser without `moveBefore`, a row that
 * is moved loses it.
 */
export function useKeptFocus() {
  const focused = document.activeElement;
  useLayoutEffect(() => {
    const isLost = document.activeElement === document.body;
    if (isLost && focused instanceof HTMLElement && focused.isConnected)
      focused.focus({ preventScroll: true });
  });
}
