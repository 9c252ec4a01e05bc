// What runs for a step, its last result, and where one stands. The result of a check survives a visit
// to another view, and a page that is drawn again meanwhile.

/** @import { Report, Step } from "./types.js" */

import { sentence } from "./api.js";

/**
 * @typedef {{report: Report} | {difference: string} | {measured: string} | {problem: string}} Result
 *
 * @typedef {object} Work
 * @property {string} meanwhile what to show while something runs; empty if nothing does
 * @property {Result | null} result null if the page shows it somewhere else
 */

/** @type {Work} */
const NONE = { meanwhile: "", result: null };
/** @type {Map<number, Work>} */
const works = new Map();
/** @type {Set<() => void>} */
const listeners = new Set();

/**
 * @param {number} step
 * @returns {Work}
 */
export function workOf(step) {
  return works.get(step) ?? NONE;
}

/**
 * Call `listener` whenever something begins or ends. Returns a function that stops it.
 * @param {() => void} listener
 */
export function onWork(listener) {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

/**
 * Run one action at a time for each step, and keep its result.
 * @param {number} step
 * @param {string} meanwhile
 * @param {(tell: (meanwhile: string) => void) => Promise<Result | null>} act `tell` changes `meanwhile`
 */
export async function run(step, meanwhile, act) {
  if (workOf(step).meanwhile) return;
  set(step, { meanwhile, result: null });
  /** @type {Result | null} */
  let result;
  try {
    result = await act((now) => set(step, { meanwhile: now, result: null }));
  } catch (error) {
    result = { problem: sentence(error) };
  }
  set(step, { meanwhile: "", result });
}

/**
 * @param {number} step
 * @param {Work} work
 */
function set(step, work) {
  works.set(step, work);
  for (const listener of listeners) listener();
}

/**
 * How many questions of a step there are, and how many are open.
 * @param {{asksGuess: boolean, guess: string, answers: string[]}} filled
 */
export function questionsOf({ asksGuess, guess, answers }) {
  const open = answers.filter((chosen) => chosen === "").length;
  return {
    all: answers.length + Number(asksGuess),
    open: open + Number(asksGuess && guess.trim() === ""),
  };
}

/**
 * Where one stands at a step, in few words.
 * @param {Step} step
 * @param {Work} work
 * @param {{all: number, open: number}} questions
 */
export function standing({ done }, { meanwhile, result }, { all, open }) {
  const parts = [done ? "✓ The check passed" : "The check hasn't passed yet"];
  if (meanwhile) parts[0] = meanwhile.replace(/\..*$/s, "");
  else if (!done && result && "report" in result) parts[0] = "✗ The check didn't pass";
  const questions = all === 1 ? "question" : "questions";
  if (open) parts.push(`${open} of ${all} ${questions} open`);
  else if (all && !done) parts.push(`${all} of ${all} ${questions} answered`);
  return parts.join(" · ");
}
