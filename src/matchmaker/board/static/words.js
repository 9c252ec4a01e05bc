// How the board says things.

/** @import { Person, Standing, State, Step, Visit } from "./types.js" */

/**
 * What the server said last.
 * @template Content
 * @typedef {object} News
 * @property {Content | null} content
 * @property {number} collected when the records were read, in milliseconds since the epoch; 0 for never
 * @property {"" | "gone" | "locked"} problem
 */

/** A pause that is longer doesn't count as work, as in `record/pace.py`. */
const BREAK_SECONDS = 30 * 60;
/** The server reads the records every ten seconds. After this time, something is wrong. */
const OLD_SECONDS = 60;

/** What each standing looks like and means. */
export const STANDINGS = {
  red: { sign: "✕", text: "not green" },
  working: { sign: "…", text: "not checked" },
  green: { sign: "✓", text: "green" },
  finished: { sign: "★", text: "finished" },
  waiting: { sign: "○", text: "not begun" },
  unknown: { sign: "?", text: "no record" },
};

/**
 * A duration for a glance: minutes, or hours from two hours on.
 * @param {number} seconds
 */
export function minutes(seconds) {
  const count = Math.floor(seconds / 60);
  if (count < 1) return "<1 min";
  if (count < 120) return `${count} min`;
  return `${Math.floor(count / 60)} h`;
}

/**
 * How long somebody has been at their step, or how long ago they passed it. In seconds.
 * @param {Pick<Person, "standing" | "worked" | "seen" | "passed">} person
 * @param {number} now in seconds since the epoch
 */
export function since({ standing, worked, seen, passed }, now) {
  const more = Math.max(0, now - seen);
  if (standing === "green" && passed) return Math.max(0, now - passed);
  if (standing !== "red" && standing !== "working") return worked;
  return worked + (more <= BREAK_SECONDS ? more : 0);
}

/**
 * Everything that a name in a row shows by signs, for who doesn't see them.
 * @param {Person} person
 * @param {number} now in seconds since the epoch
 */
export function described(person, now) {
  const { standing, is_quiet, hints } = person;
  const parts = [STANDINGS[standing].text];
  if (standing === "green") parts.push(`for ${minutes(since(person, now))}`);
  if (standing === "red" || standing === "working")
    parts.push(`${minutes(since(person, now))} at this step`);
  if (hints) parts.push(hints === 1 ? "1 hint" : `${hints} hints`);
  if (is_quiet) parts.push(`last seen ${minutes(now - person.seen)} ago`);
  if (person.problem && standing !== "unknown") parts.push("an old record");
  return parts.join(", ");
}

/**
 * The people at a step. Who may need help comes first: red, and for the longest time.
 * @param {Person[]} people
 * @param {number | null} place
 * @param {number} now in seconds since the epoch
 */
export function at(people, place, now) {
  /** @type {Standing[]} */
  const order = ["red", "working", "green"];
  return people
    .filter((one) => one.place === place && order.includes(one.standing))
    .map((person) => ({ person, seconds: since(person, now) }))
    .sort(
      (a, b) =>
        order.indexOf(a.person.standing) - order.indexOf(b.person.standing) ||
        b.seconds - a.seconds ||
        a.person.number - b.person.number,
    )
    .map(({ person }) => person);
}

/**
 * The people who aren't at a step: those who have finished, haven't begun, or have no record.
 * @param {Person[]} people
 * @param {Standing} standing
 */
export function standing(people, standing) {
  return people.filter((one) => one.standing === standing);
}

/**
 * Those who gave no sign for long. The longest time comes first.
 * @param {Person[]} people
 */
export function quiet(people) {
  return people.filter((one) => one.is_quiet).sort((a, b) => a.seen - b.seen);
}

/**
 * A line above the board about what is wrong; empty if nothing is.
 * @param {News<{trouble?: string}>} news
 * @param {number} now in milliseconds since the epoch
 */
export function troubleNow({ content, collected, problem }, now) {
  if (problem === "locked")
    return "The board was started again and has a new token. Open the link that it printed.";
  const old = collected ? ` What you see is ${minutes((now - collected) / 1000)} old.` : "";
  if (problem === "gone")
    return `The board isn't responding. Is \`matchmaker board\` still running?${old}`;
  if (content?.trouble) return `${content.trouble}${old}`;
  if (collected && now - collected > OLD_SECONDS * 1000)
    return `Reading the records takes long.${old}`;
  return "";
}

/**
 * How old the records on the page are.
 * @param {number} collected in milliseconds since the epoch; 0 for never
 * @param {number} now in milliseconds since the epoch
 */
export function age(collected, now) {
  if (!collected) return "Reading the records…";
  const seconds = Math.max(0, Math.round((now - collected) / 1000));
  return `Updated ${seconds < 60 ? `${seconds} s` : minutes(seconds)} ago`;
}

/**
 * The reasons to visit somebody, by their numbers.
 * @param {Visit[]} visits
 * @returns {Map<number, string[]>}
 */
export function reasons(visits) {
  return new Map(visits.map(({ number, why }) => [number, why]));
}

/**
 * A step as a short name.
 * @param {Pick<Step, "number" | "title"> | undefined} step
 */
export function stepName(step) {
  return step ? `${step.number}. ${step.title}` : "Another step";
}

/**
 * How many people are where, in one line.
 * @param {State} state
 */
export function summary({ people }) {
  const count = (/** @type {Standing} */ which) => standing(people, which).length;
  const [finished, waiting, unknown] = [count("finished"), count("waiting"), count("unknown")];
  const parts = [`${people.length - waiting - unknown} of ${people.length} have begun`];
  if (finished) parts.push(`${finished} finished`);
  const asked = people.filter((one) => one.hints && one.standing !== "finished").length;
  if (asked) parts.push(`${asked} asked for hints`);
  return parts.join(" · ");
}
