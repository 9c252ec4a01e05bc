// The text of a page, which the server made from Markdown, and diffs of the code.

import { at } from "../address.js";
import { html, memo, render, useLayoutEffect, useRef } from "../html.js";
import { CopyButton } from "../parts.js";

/** The text. It renders again only if it changes, so that opened details stay open. */
export const Prose = memo((/** @type {{html: string}} */ { html: text }) => {
  const place = /** @type {{current: HTMLElement | null}} */ (useRef(null));
  useLayoutEffect(() => {
    const prose = place.current;
    if (!prose) return;
    const opened = new Set(
      summaries(prose)
        .filter(({ isOpen }) => isOpen)
        .map(({ name }) => name),
    );
    prose.replaceChildren(contentOf(text));
    for (const { name, details } of summaries(prose)) details.open ||= opened.has(name);
    for (const code of prose.querySelectorAll("pre > code")) dress(code);
  }, [text]);
  return html`<div class="prose" ref=${place} />`;
});

/**
 * What a page contains. Its addresses begin with a slash, so a proxy's path has to come before them.
 * @param {string} text
 */
function contentOf(text) {
  const page = document.createElement("template");
  page.innerHTML = text; // a page of this repository; the page's security policy blocks scripts in it
  for (const name of ["href", "src"])
    for (const element of page.content.querySelectorAll(`[${name}^="/"]`))
      element.setAttribute(name, at(element.getAttribute(name) ?? ""));
  return page.content;
}

/** @param {HTMLElement} prose */
function summaries(prose) {
  return [...prose.querySelectorAll("details")].map((details) => ({
    details,
    name: details.querySelector("summary")?.textContent ?? "",
    isOpen: details.open,
  }));
}

/**
 * Give a block of code a button that copies the code, or the commands only. Color a diff.
 * @param {Element} code
 */
function dress(code) {
  const frame = document.createElement("div");
  const kind = code.className.replace("language-", "");
  frame.className = `frame ${kind}`;
  code.parentElement?.replaceWith(frame);
  render(html`<${Block} kind=${kind} text=${code.textContent ?? ""} />`, frame);
}

/** @param {{kind: string, text: string}} props */
function Block({ kind, text }) {
  const lines = text.split(/(?<=\n)/);
  const commands = lines
    .filter(isCommand)
    .map((line) => line.slice(2).trimEnd())
    .join("\n");
  const isConsole = kind === "console" && commands !== "";
  const marked = isConsole && lines.map((line) => (isCommand(line) ? html`<b>${line}</b>` : line));
  const isOfCode = !isConsole && kind !== "diff" && kind !== "text";
  return html`
    <pre tabindex="0"><code class=${`language-${kind}`}>${kind === "diff" ? colored(lines) : marked || text}</code></pre>
    ${isConsole && html`<${CopyButton} text=${() => commands} label="Copy the commands" />`}
    ${isOfCode && html`<${CopyButton} text=${() => text} label="Copy the code" />`}
  `;
}

/** @param {string} line */
function isCommand(line) {
  return line.startsWith("$ ");
}

/**
 * The difference between two states of the code, as git prints it.
 * @param {{text: string}} props
 */
export function DiffBlock({ text }) {
  return html`<pre tabindex="0"><code class="language-diff">${colored(text.split(/(?<=\n)/))}</code></pre>`;
}

/** @param {string[]} lines */
function colored(lines) {
  return lines.map((line) => {
    if (line.startsWith("+++") || line.startsWith("---")) return html`<b>${line}</b>`;
    if (line.startsWith("+")) return html`<ins>${line}</ins>`;
    if (line.startsWith("-")) return html`<del>${line}</del>`;
    if (line.startsWith("@@")) return html`<i>${line}</i>`;
    return line;
  });
}
