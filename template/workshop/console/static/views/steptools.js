// What there is to do for the current step, and what came of it.

/** @import { ComponentChild } from "preact" */
/** @import { Step, StepPage } from "../types.js" */

import { ask, sentence } from "../api.js";
import { html, useLayoutEffect, useRef, useState } from "../html.js";
import { words } from "../parts.js";
import { DiffBlock } from "./prose.js";
import { Questions, useDraft } from "./questions.js";
import { Hints, ReportLines, useHints } from "./report.js";

const CHECKING = "Checking: your code runs aside, on other ports. That takes some seconds.";

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
    draft.drop(); // it is kept with what was told now
    return html`<${ReportLines} report=${report} />`;
  }

  async function compare() {
    const { text, same } = await ask("/api/diff", {});
    if (!same) return html`<${DiffBlock} text=${text} />`;
    return html`<p class="verdict good">Your code is the solution.</p>`;
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
      ${page.has_solution && html`<${Action} isBusy=${isBusy} start=${start} kind="quiet" meanwhile="Making this step's solution …" act=${compare}>Compare with the solution<//>`}
    </div>
    <div class="answer" role="status">${answer ?? html`<${Hints} hints=${hints} />`}</div>
    ${
      next &&
      step.done &&
      html`<${Action} isBusy=${isBusy} start=${start} kind="onward" meanwhile="Moving on. Your code stays as it is." act=${moveOn}>${`Go on to step ${next.number}: ${next.title}`}<//>`
    }
  </section>`;
}

/**
 * One thing after the other that takes a while. `answer` is what came of the last; null at first, and
 * where what came of it is shown anyway.
 */
function useActions() {
  const [answer, setAnswer] = useState(/** @type {ComponentChild} */ (null));
  const [isBusy, setBusy] = useState(false);
  const pressed = /** @type {{current: HTMLElement | null}} */ (useRef(null));

  useLayoutEffect(() => {
    // A button that is disabled loses the focus. Whoever types meanwhile keeps it where it is.
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
 * @property {string} meanwhile what is said while it goes on
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
