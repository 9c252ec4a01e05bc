// The keys of the view of a trace.

/**
 * @typedef {"search" | "next" | "previous" | "zoomIn" | "zoomOut" | "whole" | "earlier" | "later"
 *   | "critical" | "details" | "help" | "close"} Action
 */

/**
 * What each key does.
 * @type {{action: Action, keys: string[], text: string}[]}
 */
export const KEYS = [
  { action: "search", keys: ["/"], text: "Search in this trace" },
  { action: "next", keys: ["n"], text: "Go to the next hit" },
  { action: "previous", keys: ["Shift+n"], text: "Go to the previous hit" },
  { action: "zoomIn", keys: ["+", "="], text: "Zoom in" },
  { action: "zoomOut", keys: ["-"], text: "Zoom out" },
  { action: "whole", keys: ["0"], text: "Show the whole trace" },
  { action: "earlier", keys: ["a", "Shift+ArrowLeft"], text: "Move to an earlier time" },
  { action: "later", keys: ["d", "Shift+ArrowRight"], text: "Move to a later time" },
  { action: "critical", keys: ["c"], text: "Show or hide the critical path" },
  { action: "details", keys: ["i"], text: "Open or close the details of the span" },
  { action: "close", keys: ["Escape"], text: "Close the details of the span" },
  { action: "help", keys: ["?"], text: "Show these keys" },
];

/** What the keys within a picture do. `walk.js` has them. */
export const IN_PICTURE = [
  { keys: ["ArrowUp", "ArrowDown"], text: "Waterfall: go to the line above or below" },
  { keys: ["ArrowLeft", "ArrowRight", "Enter"], text: "Waterfall: fold or unfold a span" },
  { keys: ["Home", "End"], text: "Waterfall: go to the first or the last line" },
  { keys: ["ArrowLeft", "ArrowRight"], text: "Flame graph: go to an earlier or a later span" },
  { keys: ["ArrowUp", "ArrowDown"], text: "Flame graph: go to the parent or the first child" },
];

/** @type {Record<string, string>} */
const NAMES = {
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  Escape: "Esc",
};

/**
 * A key as keyboards have it.
 * @param {string} key
 */
export function keyName(key) {
  return key.replace(/Arrow\w+|Escape/, (name) => NAMES[name]);
}

/**
 * What a pressed key does. Undefined if that's nothing.
 *
 * Signs are what the keyboard layout makes of a key, with Shift or without. Letters and arrows are
 * other keys with Shift.
 * @param {{key: string, shiftKey: boolean, ctrlKey: boolean, metaKey: boolean, altKey: boolean}} event
 * @returns {Action | undefined}
 */
export function actionOf({ key, shiftKey, ctrlKey, metaKey, altKey }) {
  if (ctrlKey || metaKey || altKey) return undefined;
  const isSign = key.length === 1 && key.toLowerCase() === key.toUpperCase();
  const name = key.length === 1 ? key.toLowerCase() : key;
  const pressed = shiftKey && !isSign ? `Shift+${name}` : name;
  return KEYS.find(({ keys }) => keys.includes(pressed))?.action;
}

/**
 * Whether a key is a letter, a digit, or a sign, with Shift or without, and not an arrow or Escape.
 * @param {{key: string}} event
 */
export function isCharacter({ key }) {
  return [...key].length === 1;
}

/**
 * Whether an element takes what somebody types.
 * @param {{tagName: string, type?: string, isContentEditable?: boolean} | null} element
 */
export function isField(element) {
  if (!element) return false;
  const { tagName, type = "", isContentEditable } = element;
  if (tagName === "INPUT") return !["checkbox", "radio", "button", "submit"].includes(type);
  return isContentEditable === true || tagName === "TEXTAREA" || tagName === "SELECT";
}
