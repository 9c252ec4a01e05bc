// The questions of a step: a guess, and multiple-choice questions.

/** @import { Draft } from "../drafts.js" */
/** @import { Question, StepPage } from "../types.js" */

import { dropDraft, filledIn, given, keepDraft, readDraft, shuffled } from "../drafts.js";
import { html, useState } from "../html.js";
import { Field, words } from "../parts.js";

/**
 * The filled-in values, and functions that change and send them.
 * @param {number} step
 * @param {StepPage} page
 */
export function useDraft(step, page) {
  const [draft, setDraft] = useState(() => readDraft(step));
  const [tries, setTries] = useState(0);
  const filled = filledIn(draft, page);
  return {
    ...filled,
    /** How many checks have ended. After each, the choices are in another order. */
    tries,
    /** @param {Draft} changed */
    fill(changed) {
      const now = { ...filled, ...changed };
      keepDraft(step, now);
      setDraft(now);
    },
    /** The values to send, and a function that drops the draft, unless it changed since then. */
    send() {
      const before = JSON.stringify(readDraft(step));
      return {
        values: given(filled, page),
        drop() {
          setTries((count) => count + 1);
          if (JSON.stringify(readDraft(step)) === before) dropDraft(step);
        },
      };
    },
  };
}

/** @param {{page: StepPage, draft: ReturnType<typeof useDraft>}} props */
export function Questions({ page, draft }) {
  /** @param {Event} event */
  const guess = ({ target }) =>
    draft.fill({ guess: /** @type {HTMLInputElement} */ (target).value });
  return html`
    ${
      page.asks_guess &&
      html`<${Field} id="guess" label="Your guess: how many milliseconds a pairing takes">
        <input id="guess" type="number" min="0" value=${draft.guess} onInput=${guess} />
      <//>`
    }
    ${page.questions.map(
      (question, number) => html`<${Choice}
        key=${`${question.text} ${draft.tries}`}
        question=${question} number=${number} answer=${draft.answers[number]}
        onAnswer=${(/** @type {string} */ chosen) => draft.fill({ answers: draft.answers.with(number, chosen) })}
      />`,
    )}
  `;
}

/**
 * The guess before a measurement.
 * @param {{label: string, draft: ReturnType<typeof useDraft>}} props
 */
export function CostGuess({ label, draft }) {
  /** @param {Event} event */
  const guess = ({ target }) =>
    draft.fill({ costGuess: /** @type {HTMLInputElement} */ (target).value });
  return html`<${Field} id="cost-guess" label=${label}>
    <input id="cost-guess" type="number" min="0" step="any" value=${draft.costGuess} onInput=${guess} />
  <//>`;
}

/**
 * @param {{question: Question, number: number, answer: string, onAnswer: (chosen: string) => void}} props
 */
function Choice({ question, number, answer, onAnswer }) {
  const [choices] = useState(() => shuffled(question.choices));
  return html`<fieldset>
    <legend>${words(question.text)}</legend>
    ${choices.map(
      (text) => html`<label key=${text} class="check">
        <input
          type="radio" name=${`question-${number}`} value=${text} checked=${answer === text}
          onChange=${() => onAnswer(text)}
        />
        <span>${words(text)}</span>
      </label>`,
    )}
  </fieldset>`;
}
