// The actions for the current step, and their results.

/** @import { Step, StepPage } from "../types.js" */
/** @import { Result } from "../stepwork.js" */

import { at } from "../address.js";
import { ask, follow } from "../api.js";
import { html, useEffect, useLayoutEffect, useRedraw, useRef } from "../html.js";
import { words } from "../parts.js";
import { onWork, run, workOf } from "../stepwork.js";
import { DiffBlock } from "./prose.js";
import { CostGuess, Questions } from "./questions.js";
import { Hints, ReportLines, useHints } from "./report.js";

const CHECKING = "Checking a copy of your code on other ports. This takes a few seconds.";

/** @typedef {ReturnType<typeof import("./questions.js").useDraft>} DraftOfStep */

/**
 * @typedef {object} StepToolsProps
 * @property {Step} step
 * @property {Step} [next]
 * @property {StepPage} page
 * @property {DraftOfStep} draft
 * @property {(moved: {step: number, text: string}) => void} onMove
 */

/** @param {StepToolsProps} props */
export function StepTools({ step, next, page, draft, onMove }) {
  const { hints, askForHint } = useHints(page);
  const { work, start } = useWork(step.number);

  async function check() {
    const sent = draft.send();
    const report = await ask(`/api/steps/${step.number}/check`, sent.values);
    sent.drop(); // the server has the answers now
    return { report };
  }

  async function compare() {
    return { difference: (await ask("/api/diff", {})).text };
  }

  /** @param {(meanwhile: string) => void} tell */
  async function measure(tell) {
    const guess = Number.parseFloat(draft.costGuess);
    if (Number.isNaN(guess)) return { problem: "Guess first. Any number will do." };
    let last = /** @type {{error?: string, text?: string, said?: string}} */ ({});
    await follow("/api/measure", { guess }, (document) => {
      last = document;
      if (last.said) tell(`${last.said}. Read on meanwhile.`);
    });
    if (last.text === undefined) return { problem: last.error ?? "The measurement was cut short." };
    return { measured: last.text };
  }

  async function moveOn() {
    onMove(await ask("/api/next", {}));
    return null;
  }

  const buttons = { isBusy: work.meanwhile !== "", start };
  return html`<section class="card tools" id="check" tabindex="-1" aria-label="This step">
    ${
      page.measures &&
      html`<${CostGuess} label=${page.measures} draft=${draft} />
      <div class="ask measure">
        <${Action} ...${buttons} kind=${page.questions.length ? "quiet" : ""} meanwhile="Starting the variants of the app. Read on meanwhile." act=${measure}>Measure<//>
      </div>`
    }
    <${Questions} page=${page} draft=${draft} />
    <div class="ask">
      <${Action} ...${buttons} kind=${step.done ? "quiet" : ""} meanwhile=${CHECKING} act=${check}>Run the check<//>
      <${Action} ...${buttons} kind="quiet" meanwhile="Getting a hint …" act=${askForHint}>Give me a hint<//>
      ${page.has_solution && html`<${Action} ...${buttons} kind="quiet" meanwhile="Building the solution of this step …" act=${compare}>Compare with the solution<//>`}
    </div>
    <div class="answer" role="status">
      ${work.meanwhile && html`<p class="quiet">${work.meanwhile}</p>`}
      ${work.result && html`<${Shown} result=${work.result} />`}
      ${!work.meanwhile && !work.result && html`<${Hints} hints=${hints} />`}
    </div>
    ${!next && step.done && html`<a class="button onward" href=${at("/finish")}>See what you built</a>`}
    ${
      next &&
      step.done &&
      html`<${Action} ...${buttons} kind="onward" meanwhile="Moving to the next step. Your code stays as it is." act=${moveOn}>${`Continue with step ${next.number}: ${next.title}`}<//>`
    }
  </section>`;
}

/** @param {{result: Result}} props */
function Shown({ result }) {
  if ("report" in result) return html`<${ReportLines} report=${result.report} />`;
  if ("problem" in result) return html`<p class="message">${words(result.problem)}</p>`;
  if ("measured" in result) return html`<pre tabindex="0">${result.measured}</pre>`;
  if (result.difference) return html`<${DiffBlock} text=${result.difference} />`;
  return html`<p class="verdict good">Your code matches the solution.</p>`;
}

/**
 * What runs for a step, or its last result, and a function that runs something.
 * @param {number} step
 */
function useWork(step) {
  const redraw = useRedraw();
  useEffect(() => onWork(redraw), []);
  const work = workOf(step);
  const pressed = /** @type {{current: HTMLElement | null}} */ (useRef(null));

  useLayoutEffect(() => {
    // A disabled button loses the focus. Return it, unless the person moved the focus elsewhere.
    if (!work.meanwhile && document.activeElement === document.body) pressed.current?.focus();
  }, [work.meanwhile]);

  /**
   * @param {HTMLElement} button
   * @param {string} meanwhile
   * @param {(tell: (meanwhile: string) => void) => Promise<Result | null>} act
   */
  function start(button, meanwhile, act) {
    pressed.current = button;
    run(step, meanwhile, act);
  }

  return { work, start };
}

/**
 * @typedef {object} ActionProps
 * @property {boolean} isBusy
 * @property {(button: HTMLElement, meanwhile: string, act: (tell: (meanwhile: string) => void) => Promise<Result | null>) => void} start
 * @property {string} [kind]
 * @property {string} meanwhile the text to show until the action ends
 * @property {(tell: (meanwhile: string) => void) => Promise<Result | null>} act
 * @property {string} [children]
 */

/** @param {ActionProps} props */
function Action({ isBusy, start, kind = "", meanwhile, act, children }) {
  return html`<button
    type="button" class=${`button ${kind}`} disabled=${isBusy}
    onClick=${(/** @type {Event} */ event) => start(/** @type {HTMLElement} */ (event.currentTarget), meanwhile, act)}
  >${children}</button>`;
}
