// What you filled in at a step but didn't check yet. It survives a visit to another view.

/** @import { StepPage } from "./types.js" */

/**
 * @typedef {object} Draft
 * @property {string} [guess] as typed
 * @property {string} [answers] a letter for each question, or `-` if there is none yet
 */

/**
 * @param {number} step
 * @returns {Draft}
 */
export function readDraft(step) {
  try {
    return JSON.parse(sessionStorage.getItem(`draft-${step}`) ?? "{}");
  } catch {
    return {};
  }
}

/**
 * @param {number} step
 * @param {Draft} draft
 */
export function keepDraft(step, draft) {
  sessionStorage.setItem(`draft-${step}`, JSON.stringify(draft));
}

/** @param {number} step */
export function dropDraft(step) {
  sessionStorage.removeItem(`draft-${step}`);
}

/**
 * What the page shows as filled in: the draft, or else what the server knows.
 * @param {Draft} draft
 * @param {StepPage} page
 */
export function filledIn(draft, page) {
  const known = draft.answers ?? page.answers;
  return {
    guess: draft.guess ?? String(page.guess ?? ""),
    answers: page.questions.map((_, number) => known[number] ?? "-").join(""),
  };
}

/**
 * @param {string} answers
 * @param {number} number the question, counted from 0
 * @param {string} letter
 */
export function withAnswer(answers, number, letter) {
  return answers.slice(0, number) + letter + answers.slice(number + 1);
}

/**
 * What the page sends with the check.
 * @param {{guess: string, answers: string}} filled
 */
export function given({ guess, answers }) {
  return { ...(guess && { guess: Number(guess) }), ...(answers && { answers }) };
}
