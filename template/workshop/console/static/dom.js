// Small helpers: elements, and how figures are written.

/** Make an element. Properties that begin with `on` are listeners; `class`, `data-…`, `aria-…` and
 * the like are attributes; an attribute that is null or false is left out. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const name in attributes) {
    const value = attributes[name];
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value);
  }
  add(element, children);
  return element;
}

function add(element, children) {
  for (const child of children) {
    if (Array.isArray(child)) add(element, child);
    else if (child !== null && child !== undefined && child !== false) element.append(child);
  }
}

/** Put rows in their order, and leave those alone that are at their place already. */
export function place(parent, rows) {
  const focused = document.activeElement; // to move it takes the focus away
  let at = parent.firstChild;
  for (const row of rows) {
    if (row === at) at = at.nextSibling;
    else parent.insertBefore(row, at);
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
  if (focused !== document.activeElement && parent.contains(focused)) focused.focus({ preventScroll: true });
}

/** Whether this console is in a container of its own: it has neither the code nor timing.log then. */
export const inContainer = "inContainer" in document.body.dataset;

/** The step in which the code begins to be timed by hand, and the one in which it gets traced. */
export const timingStep = Number(document.body.dataset.timingStep);
export const tracingStep = Number(document.body.dataset.tracingStep);
const DAY = 86_400_000;

/** A duration in milliseconds, in three digits or so. */
export function ms(value) {
  if (value === null) return "–";
  if (value >= 365.25 * DAY) return `${(value / DAY / 365.25).toFixed(1)} years`;
  if (value >= DAY) return `${(value / DAY).toFixed(1)} days`;
  if (value >= 10_000) return `${(value / 1000).toFixed(1)} s`;
  if (value >= 100) return `${Math.round(value)} ms`;
  if (value >= 10) return `${value.toFixed(1)} ms`;
  if (value >= 0.095) return `${value.toFixed(2)} ms`;
  return value ? `${Math.round(value * 1000)} µs` : "0 ms";
}

export function percent(share) {
  return share > 0 && share < 0.01 ? "<1%" : `${Math.round(share * 100)}%`;
}

// Made once: making one takes longer than all else about a line.
const timeOfDay = new Intl.DateTimeFormat([], { timeStyle: "medium", hourCycle: "h23" });

/** The time of day, to the second. */
export function clock(milliseconds) {
  return timeOfDay.format(milliseconds);
}

/** When a trace began; of lines that were in timing.log before the console ran, nobody knows. */
export function begin(trace) {
  return trace.root_start < DAY ? "earlier" : clock(trace.root_start);
}

export function plural(count, word) {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

/** Text in which backticks mark code, as the command prints it. */
export function words(text) {
  return text.split(/`([^`]+)`/).map((part, number) => (number % 2 ? h("code", {}, part) : part));
}

/** A part of an address as people read it; as it stands where its percent signs mean nothing. */
export function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Tell screen readers something that others see. */
export function tell(text) {
  document.getElementById("told").textContent = text;
}

/** Ask the console's own server. Throws an Error that says what was wrong and what to do. */
export async function ask(path, body) {
  const options = body === undefined ? {} : {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  };
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    throw new Error("The console does not answer. Is `workshop up` still running?");
  }
  const document = await answer.json();
  if (!answer.ok) throw new Error([document.error, document.remedy].filter(Boolean).join(" "));
  return document;
}

/** A button that copies what `text()` gives. */
export function copyButton(text, label) {
  const button = h("button", { type: "button", class: "copy", "aria-label": label, title: label, onclick: copy }, "Copy");
  async function copy() {
    try {
      await navigator.clipboard.writeText(text());
      button.textContent = "Copied";
      tell("Copied");
    } catch {
      button.textContent = "Not allowed";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  }
  return button;
}

/** Let the arrow keys move the focus among what `items()` gives. */
export function arrows(event, items, keys = { ArrowDown: 1, ArrowUp: -1 }) {
  const step = keys[event.key];
  if (!step || event.ctrlKey || event.metaKey || event.altKey) return false;
  const all = items();
  const next = all[all.indexOf(document.activeElement) + step];
  if (next) next.focus();
  event.preventDefault();
  return true;
}
