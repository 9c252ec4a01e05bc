// The questions of a step: a guess, and multiple-choice questions.

/** @import { Draft } from "../drafts.js" */
/** @import { Question, StepPage } from "../types.js" */

import { dropDraft, filledIn, given, keepDraft, readDraft, withAnswer } from "../drafts.js";
import { html, useState } from "../html.js";
import { Field, words } from "../parts.js";

const LETTERS = "abcdef";

/**
 * The filled-in values, and functions that change and send them.
 * @param {number} step
 * @param {StepPage} page
 */
export function useDraft(step, page) {
  const [draft, setDraft] = useState(() => readDraft(step));
  const filled = filledIn(draft, page);
  return {
    ...filled,
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
        values: given(filled),
        drop: () => JSON.stringify(readDraft(step)) === before && dropDraft(step),
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
        key=${number} question=${question} number=${number} answer=${draft.answers[number]}
        onAnswer=${(/** @type {string} */ letter) => draft.fill({ answers: withAnswer(draft.answers, number, letter) })}
      />`,
    )}
  `;
}

/**
 * @param {{question: Question, number: number, answer: string, onAnswer: (letter: string) => void}} props
 */
function Choice({ question, number, answer, onAnswer }) {
  return html`<fieldset>
    <legend>${words(question.text)}</legend>
    ${question.choices.map((text, at) => {
      const letter = LETTERS[at];
      return html`<label key=${letter} class="check">
        <input
          type="radio" name=${`question-${number}`} value=${letter} checked=${answer === letter}
          onChange=${() => onAnswer(letter)}
        />
        <span>${words(text)}</span>
      </label>`;
    })}
  </fieldset>`;
}
