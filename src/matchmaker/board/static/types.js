// What the server sends, as types. See state.py.

/**
 * @typedef {"unknown" | "waiting" | "red" | "working" | "green" | "finished"} Standing
 *
 * @typedef {object} Person
 * @property {number} number the place in the roster
 * @property {string} name
 * @property {Standing} standing
 * @property {number | null} place the place of the current step in `steps`
 * @property {number} worked seconds at the current step, until `seen`
 * @property {number} seen in seconds since the epoch; 0 for never
 * @property {number} passed when the current step's check passed; 0 if it hasn't
 * @property {boolean} is_quiet
 * @property {number} hints at the current step
 * @property {string} stopped_at
 * @property {string} problem
 *
 * @typedef {{what: string, people: number}} Stop
 * @typedef {{number: number, title: string, minutes: number}} Titled
 * @typedef {Titled & {through: number, green: number, red: number, working: number, stopped: Stop[]}} Step
 * @typedef {{number: number, why: string[]}} Visit
 * @typedef {{headline: string, detail: string, next: number | null}} Pace
 * @typedef {{steps: Step[], people: Person[], visits: Visit[], pace: Pace}} State
 * @typedef {{session: string, trouble: string, state: State | null}} Board
 *
 * @typedef {Titled & {through: number, green: number, at_it: number}} RoomStep
 * @typedef {object} RoomState
 * @property {RoomStep[]} steps
 * @property {number} all
 * @property {number} begun
 * @property {number} finished
 * @property {Pace} pace
 * @typedef {{state: RoomState | null}} Room
 *
 * @typedef {{name: string, outcome: "pass" | "fail" | "open", expected: string, hint: string, is_bonus: boolean}} Line
 * @typedef {{step: string, at: string, passed: boolean, problem: string, lines: Line[]}} Check
 * @typedef {Titled & {is_done: boolean, is_here: boolean, seconds: number, hints: number, checks: number, bonus: boolean}} Done
 * @typedef {Person & {slug: string, source: string, check: Check | null, steps: Done[]}} Details
 */

export {};
