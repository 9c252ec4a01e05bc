// The actions for the current step, and their results.

/** @import { ComponentChild } from "preact" */
/** @import { Step, StepPage } from "../types.js" */

import { ask, sentence } from "../api.js";
import { html, useLayoutEffect, useRef, useState } from "../html.js";
import { words } from "../parts.js";
import { DiffBlock } from "./prose.js";
import { Questions, useDraft } from "./questions.js";
import { Hints, ReportLines, useHints } from "./report.js";

const CHECKING = "Checking a copy of your code on other ports. This takes a few seconds.";

/**
 * @typedef {object} StepToolsProps
 * @property {Step} step
 * @property {Step} [next]
 * @property {StepPage} page
 * @property {(moved: {step: number, text: string}) => void} onMove
 */

/** @param {StepToolsProps} props */
export function StepTools({ step, next, page, onMove }) {
  const { hints, askForHint } = useHints(page);
  const draft = useDraft(step.number, page);
  const { answer, isBusy, start } = useActions();

  async function check() {
    const report = await ask(`/api/steps/${step.number}/check`, draft.toSend());
    draft.drop(); // the server has the answers now
    return html`<${ReportLines} report=${report} />`;
  }

  async function compare() {
    const { text, same } = await ask("/api/diff", {});
    if (!same) return html`<${DiffBlock} text=${text} />`;
    return html`<p class="verdict good">Your code matches the solution.</p>`;
  }

  async function moveOn() {
    onMove(await ask("/api/next", {}));
    return null;
  }

  return html`<section class="card tools" aria-label="This step">
    <${Questions} page=${page} draft=${draft} />
    <div class="ask">
      <${Action} isBusy=${isBusy} start=${start} meanwhile=${CHECKING} act=${check}>Run the check<//>
      <${Action} isBusy=${isBusy} start=${start} kind="quiet" meanwhile="…" act=${askForHint}>Give me a hint<//>
      ${page.has_solution && html`<${Action} isBusy=${isBusy} start=${start} kind="quiet" meanwhile="Building the solution of this step …" act=${compare}>Compare with the solution<//>`}
    </div>
    <div class="answer" role="status">${answer ?? html`<${Hints} hints=${hints} />`}</div>
    ${
      next &&
      step.done &&
      html`<${Action} isBusy=${isBusy} start=${start} kind="onward" meanwhile="Moving to the next step. Your code stays as it is." act=${moveOn}>${`Continue with step ${next.number}: ${next.title}`}<//>`
    }
  </section>`;
}

/**
 * Runs one slow action at a time. `answer` is the result of the last one. It's null at first, and if
 * the page shows the result somewhere else.
 */
function useActions() {
  const [answer, setAnswer] = useState(/** @type {ComponentChild} */ (null));
  const [isBusy, setBusy] = useState(false);
  const pressed = /** @type {{current: HTMLElement | null}} */ (useRef(null));

  useLayoutEffect(() => {
    // A disabled button loses the focus. Return it, unless the person moved the focus elsewhere.
    if (!isBusy && document.activeElement === document.body) pressed.current?.focus();
  }, [isBusy]);

  /**
   * @param {HTMLElement} button
   * @param {string} meanwhile
   * @param {() => Promise<ComponentChild>} act
   */
  async function start(button, meanwhile, act) {
    pressed.current = button;
    setBusy(true);
    setAnswer(html`<p class="quiet">${meanwhile}</p>`);
    try {
      setAnswer(await act());
    } catch (error) {
      setAnswer(html`<p class="message">${words(sentence(error))}</p>`);
    }
    setBusy(false);
  }

  return { answer, isBusy, start };
}

/**
 * @typedef {object} ActionProps
 * @property {boolean} isBusy
 * @property {(button: HTMLElement, meanwhile: string, act: () => Promise<ComponentChild>) => void} start
 * @property {string} [kind]
 * @property {string} meanwhile the text to show until the action ends
 * @property {() => Promise<ComponentChild>} act
 * @property {string} [children]
 */

/** @param {ActionProps} props */
function Action({ isBusy, start, kind = "", meanwhile, act, children }) {
  return html`<button
    type="button" class=${`button ${kind}`} disabled=${isBusy}
    onClick=${(/** @type {Event} */ event) => start(/** @type {HTMLElement} */ (event.currentTarget), meanwhile, act)}
  >${children}</button>`;
}
