// Parts that several views have.

/** @import { VNode } from "preact" */

import { html, useState } from "./html.js";

/**
 * Text in which backticks mark code, as in the output of the command.
 * @param {string} text
 */
export function words(text) {
  return text
    .split(/`([^`]+)`/)
    .map((part, number) => (number % 2 ? html`<code>${part}</code>` : part));
}

/**
 * Announce to screen readers something that other people see.
 * @param {string} text
 */
export function tell(text) {
  const told = document.getElementById("told");
  if (told) told.textContent = text;
}

/**
 * A button that copies the result of `text()`.
 * @param {{text: () => string, label: string, says?: string}} props
 */
export function CopyButton({ text, label, says: usual = "Copy" }) {
  const [says, say] = useState(usual);
  async function copy() {
    try {
      await navigator.clipboard.writeText(text());
      say("Copied");
      tell("Copied");
    } catch {
      say("Not allowed");
      tell("Not allowed");
    }
    setTimeout(() => say(usual), 1500);
  }
  return html`<button type="button" class="copy" aria-label=${label} title=${label} onClick=${copy}>${says}</button>`;
}

/**
 * A group of buttons to choose one of some values.
 * @template {string | number} Value
 * @param {object} props
 * @param {Value[]} props.values
 * @param {Value} [props.current]
 * @param {(value: Value) => string} props.label
 * @param {(value: Value) => void} props.onChoose
 * @param {string} [props.name] the label of the group; or `labelledby`, the id of the element with the label
 * @param {string} [props.labelledby]
 */
export function Switch({ values, current, label, onChoose, name, labelledby }) {
  return html`<div class="switch" role="group" aria-label=${name} aria-labelledby=${labelledby}>
    ${values.map(
      (value) => html`<button
        key=${value} type="button" aria-pressed=${String(value === current)}
        onClick=${() => onChoose(value)}
      >${label(value)}</button>`,
    )}
  </div>`;
}

/**
 * @param {{label: string, id: string, kind?: string, children?: VNode}} props
 */
export function Field({ label, id, kind = "", children }) {
  return html`<div class=${`field ${kind}`}><label for=${id}>${label}</label>${children}</div>`;
}

/**
 * A link that opens a page of Datadog.
 * @param {{href: string, kind?: string, children?: string}} props
 */
export function OutwardLink({ href, kind, children }) {
  return html`<a class=${kind} href=${href} target="_blank" rel="noopener noreferrer">${children}</a>`;
}

/**
 * Let the arrow keys move the focus among elements.
 * @param {KeyboardEvent} event
 * @param {HTMLElement[]} elements
 */
export function moveFocus(event, elements) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
  const at = elements.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  elements[at + step]?.focus();
  event.preventDefault();
}

/**
 * Bring the element of a span into view.
 * @param {HTMLElement | null} picture
 * @param {{id: string, withFocus: boolean}} span
 */
export function reach(picture, { id, withFocus }) {
  const elements = /** @type {NodeListOf<HTMLElement>} */ (picture?.querySelectorAll("[data-id]"));
  const element = [...(elements ?? [])].find((one) => spanIdOf(one) === id);
  // At once: a smooth way past thousands of lines would draw all of them.
  element?.scrollIntoView({ block: "nearest", behavior: "instant" });
  if (withFocus) element?.focus({ preventScroll: true });
}

/**
 * The ID of the span that an element shows.
 * @param {EventTarget | null} target
 */
export function spanIdOf(target) {
  const element = target instanceof Element ? target.closest("[data-id]") : null;
  return element instanceof HTMLElement ? (element.dataset.id ?? "") : "";
}
