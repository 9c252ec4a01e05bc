// The result of a check, and the hints.

/** @import { Hint, Outcome, Report, Requirement, StepPage } from "../types.js" */

import { ask } from "../api.js";
import { html, useState } from "../html.js";
import { words } from "../parts.js";

/** @type {Record<Outcome, [sign: string, text: string]>} */
const OUTCOMES = { pass: ["✓", "met"], fail: ["✗", "not met"], open: ["–", "not checked yet"] };
/** @type {("expected" | "seen" | "hint")[]} */
const PARTS = ["expected", "seen", "hint"];

/** @param {{report: Report}} props */
export function ReportLines({ report }) {
  return html`
    <p class=${`verdict ${report.passed ? "good" : "bad"}`}>
      ${report.passed ? "This step is done." : "This step isn't done yet."}
    </p>
    ${report.problem && html`<p class="message">${words(report.problem)}</p>`}
    ${
      report.requirements.length > 0 &&
      html`<ul class="requirements">
        ${report.requirements.map((one, at) => html`<${Line} key=${at} requirement=${one} />`)}
      </ul>`
    }
    ${report.notes.map((note) => html`<p key=${note} class="message">${words(note)}</p>`)}
    ${report.sharing && html`<p class="message">${words(report.sharing)}</p>`}
  `;
}

/** @param {{requirement: Requirement}} props */
function Line({ requirement }) {
  const { name, outcome, seen, is_bonus: isBonus } = requirement;
  const [sign, text] = OUTCOMES[outcome];
  return html`<li class=${outcome}>
    <i aria-hidden="true">${sign}</i>
    <div>
      <b>${words(name)}</b><span class="unseen">${`: ${text}`}</span>
      ${isBonus && html`<small>${" bonus"}</small>`}
      ${outcome === "pass" && seen && html`<small class="seen">${words(seen)}</small>`}
      ${
        outcome === "fail" &&
        html`<dl>${PARTS.map((part) => html`<div key=${part}><dt>${part}</dt><dd>${words(requirement[part])}</dd></div>`)}</dl>`
      }
    </div>
  </li>`;
}

/** @param {{hints: Hint[]}} props */
export function Hints({ hints }) {
  return hints.map(
    ({ number, total, text }) =>
      html`<p key=${number} class="hint"><b>${`Hint ${number} of ${total}`}</b>${" "}${words(text)}</p>`,
  );
}

/**
 * The hints so far, from here or from a terminal, and a function that gets one more.
 * @param {StepPage} page
 */
export function useHints(page) {
  const [asked, setAsked] = useState(/** @type {Hint[]} */ ([]));
  async function askForHint() {
    /** @type {Hint} */
    const next = await ask("/api/hint", {});
    setAsked((before) => [...before, next]);
    return null;
  }
  const known = new Map([...page.hints, ...asked].map((hint) => [hint.number, hint]));
  return { hints: [...known.values()], askForHint };
}
