// What you filled in at a step but didn't check yet. It survives a visit to another view.

/** @import { StepPage } from "./types.js" */

/**
 * @typedef {object} Draft
 * @property {string} [guess] as typed
 * @property {string[]} [answers] the chosen text for each question, or "" if there is none yet
 * @property {string} [costGuess] as typed
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
  return {
    guess: draft.guess ?? String(page.guess ?? ""),
    costGuess: draft.costGuess ?? String(page.cost_guess ?? ""),
    answers: page.questions.map(({ choices }, number) => {
      const chosen = draft.answers?.[number] || page.answers[number] || "";
      return choices.includes(chosen) ? chosen : ""; // the choices may be others by now
    }),
  };
}

/**
 * A copy in a random order.
 * @template T
 * @param {T[]} list
 */
export function shuffled(list) {
  const mixed = [...list];
  for (let last = mixed.length - 1; last > 0; last--) {
    const other = Math.floor(Math.random() * (last + 1));
    [mixed[last], mixed[other]] = [/** @type {T} */ (mixed[other]), /** @type {T} */ (mixed[last])];
  }
  return mixed;
}

/**
 * What the page sends with the check.
 * @param {{guess: string, answers: string[]}} filled
 * @param {StepPage} page
 */
export function given({ guess, answers }, page) {
  const chosen = page.questions.flatMap(({ text }, at) =>
    answers[at] ? [[text, answers[at]]] : [],
  );
  return {
    ...(guess && { guess: Number(guess) }),
    ...(chosen.length > 0 && { answers: Object.fromEntries(chosen) }),
  };
}
