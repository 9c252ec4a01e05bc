// The step pages, your progress, and the output of the `workshop` command for a step.

/** @import { Step, StepPage } from "../types.js" */

import { at } from "../address.js";
import { ask, sentence } from "../api.js";
import { html, useEffect, useNews, useRef, useState, useTitle } from "../html.js";
import { live } from "../live.js";
import { words } from "../parts.js";
import { Prose } from "./prose.js";
import { Page } from "./step.js";

/**
 * @typedef {object} Book
 * @property {Step[]} steps
 * @property {Step} [step] the one to show; missing if there is no such step
 * @property {StepPage} [page]
 * @property {string} [atWork] the text of the page that belongs to no step, if that's the one to show
 */

const AT_WORK = "at-work";

/** @param {{id: string, go: (url: string) => void}} props */
export function StepsView({ id, go }) {
  const { book, problem } = useBook(id);
  const { steps = [], step, page, atWork } = book ?? {};
  const title = step ? `Step ${step.number}` : atWork ? "At work" : "Steps";
  useTitle(`${title} · Matchmaker`);
  return html`
    <div class="bar">
      <h1>Steps</h1>
      <p class="count">${book && `${steps.filter((one) => one.done).length} of ${steps.length} done`}</p>
    </div>
    <div class="book">
      <nav aria-label="Steps"><ol class="steps">
        ${steps.map((one) => html`<${Entry} key=${one.number} step=${one} isShown=${one === step} />`)}
      </ol>
      <p class="steps extra"><a href=${at(`/steps/${AT_WORK}`)} aria-current=${atWork ? "page" : null}>At work</a></p></nav>
      <article class="page">
        ${problem && html`<p class="message">${words(problem)}</p>`}
        ${atWork && html`<header><h2>At work</h2></header><${Prose} html=${atWork} />`}
        ${book && !step && !atWork && html`<h2>${`There is no step ${id}`}</h2><p>${`The steps are 1 to ${steps.length}.`}</p>`}
        ${step && page && html`<${Page} key=${step.number} step=${step} steps=${steps} page=${page} go=${go} />`}
      </article>
    </div>
  `;
}

/**
 * The steps and one of their pages, requested again after a command in a terminal.
 * @param {string} id the number in the address; empty for the current step
 */
function useBook(id) {
  const [book, setBook] = useState(/** @type {Book | null} */ (null));
  const [problem, setProblem] = useState("");
  const asked = useRef(0);
  const isStale = useRef(true);
  const known = useRef(live.state);

  /** @param {boolean} withPage whether the page might have changed, too */
  async function load(withPage) {
    asked.current += 1;
    const number = asked.current;
    isStale.current ||= withPage;
    try {
      /** @type {Step[]} */
      const steps = await ask("/api/steps");
      const step = wanted(steps, id);
      const atWork = id === AT_WORK ? (await ask("/api/at-work")).html : undefined;
      const page =
        step && (isStale.current || step.number !== book?.page?.number)
          ? await ask(`/api/steps/${step.number}`)
          : book?.page;
      if (number !== asked.current) return;
      isStale.current = false;
      setBook({ steps, step, page, atWork });
      setProblem("");
    } catch (error) {
      if (number === asked.current) setProblem(sentence(error));
    }
  }

  useEffect(() => {
    load(true);
  }, []);
  useNews(() => {
    const before = known.current;
    const now = live.state;
    known.current = now;
    if (before.step === undefined) return;
    if (now.step !== before.step || now.measured !== before.measured) load(true);
    else if (String(now.done) !== String(before.done)) load(false);
  });
  return { book, problem };
}

/**
 * @param {Step[]} steps
 * @param {string} id
 */
function wanted(steps, id) {
  if (id) return steps.find((step) => String(step.number) === id);
  return steps.find((step) => step.here) ?? steps[0];
}

/** @param {{step: Step, isShown: boolean}} props */
function Entry({ step, isShown }) {
  const state = [step.done && "done", step.here && "here"].filter(Boolean).join(" ");
  return html`<li class=${state}>
    <a href=${at(`/steps/${step.number}`)} aria-current=${isShown ? "page" : null}>
      <i aria-hidden="true">${step.done ? "✓" : step.number}</i>
      <span>${step.title}<small>${[stateOf(step), `${step.minutes} min`].filter(Boolean).join(" · ")}</small></span>
    </a>
  </li>`;
}

/** @param {Step} step */
function stateOf(step) {
  if (step.here) return step.done ? "you are here, done" : "you are here";
  if (step.done) return "done";
  return step.in_the_code ? "in the code" : "";
}
