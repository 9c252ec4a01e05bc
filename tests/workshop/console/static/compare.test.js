import assert from "node:assert/strict";
import test from "node:test";

import {
  addressOf,
  COLUMNS,
  candidates,
  choiceIn,
  columnsOf,
  comparable,
  difference,
  leftOut,
  lineOf,
  scaleOf,
} from "../../../../template/workshop/console/static/compare.js";
import { summary } from "./made.js";

/**
 * @param {number} total
 * @param {number} [count]
 */
const figures = (total, count = 1) => ({ count, total, self: total, critical: 0 });

/**
 * @param {ReturnType<typeof figures>} a
 * @param {ReturnType<typeof figures>} b
 */
const operation = (a, b) => ({
  op: "0",
  service: "s",
  name: "n",
  resource: "r",
  verdict: /** @type {const} */ ("same"),
  a,
  b,
});

test("a comparison is an address, and the address is the comparison", () => {
  const choice = { a: "1", b: "hand-2", framework: "1", op: "ab&c" };
  assert.deepEqual(choiceIn(new URL(addressOf(choice), "http://x").search), choice);
  assert.equal(addressOf({ a: "", b: "2", framework: "" }), "/compare?b=2");
  assert.equal(addressOf({}), "/compare");
  assert.deepEqual(choiceIn("?x=%E0%A4%A"), { a: "", b: "", framework: "", op: "" });
});

test("a difference has its sign", () => {
  assert.equal(difference(operation(figures(200), figures(50))), "−150 ms");
  assert.equal(difference(operation(figures(50), figures(200))), "+150 ms");
  assert.equal(difference(operation(figures(5), figures(5))), "0 ms");
  assert.equal(difference(operation(figures(0, 0), figures(0.000_005))), "0 ms");
});

test("what didn't happen took no time, which is not the same as 0 ms", () => {
  const shown = COLUMNS.map(([, text]) => text(figures(0, 0)));
  assert.deepEqual(shown, ["0", "–", "–", "–"]);
  assert.equal(COLUMNS[3][1](figures(7)), "0 ms");
});

test("what is a guess has no critical path, not one of 0 ms", () => {
  const names = (/** @type {boolean} */ guessed) => columnsOf({ guessed }).map(([name]) => name);
  assert.deepEqual(names(false), ["Count", "Total", "Self time", "On the critical path"]);
  assert.deepEqual(names(true), ["Count", "Total", "Self time"]);
});

test("hand timings from before the code was traced are only offered to compare with one", () => {
  const traces = [summary({ id: "9" }), summary({ id: "hand-1", handmade: true })];
  const ids = (/** @type {string} */ a, /** @type {number} */ step) =>
    comparable(traces, { a, b: "" }, step, 6).map(({ id }) => id);
  assert.deepEqual(ids("", 7), ["9"]);
  assert.deepEqual(ids("9", 7), ["9"]);
  assert.deepEqual(ids("hand-1", 7), ["9", "hand-1"]);
  assert.deepEqual(ids("", 3), ["9", "hand-1"]);
});

test("both waterfalls have the scale of the longer one, and never none", () => {
  const side = { ...summary(), rows: [], spans: 0, shown: 0 };
  /** @param {number} a @param {number} b */
  const scale = (a, b) =>
    scaleOf({
      a: { ...side, duration: a },
      b: { ...side, duration: b },
      operations: [],
      more_operations: 0,
      texts: [],
      noise: "",
      framework: 0,
      guessed: false,
    });
  assert.equal(scale(5, 12), 12);
  assert.equal(scale(12, 5), 12);
  assert.ok(scale(0, 0) > 0);
});

test("a waterfall says when it leaves spans out", () => {
  assert.equal(leftOut({ ...summary(), rows: [], spans: 0, shown: 0 }), "");
  assert.match(leftOut({ ...summary(), rows: [], spans: 12, shown: 9 }), /^0 of 9 spans are drawn/);
});

test("the traces of the same route come first", () => {
  const traces = [
    summary({ id: "4", resource: "GET /beers" }),
    summary({ id: "3" }),
    summary({ id: "2", resource: "GET /beers" }),
    summary({ id: "1" }),
  ];
  const order = (/** @type {string} */ id) => candidates(traces, id).map((trace) => trace.id);
  assert.deepEqual(order("1"), ["3", "1", "4", "2"]);
  assert.deepEqual(order("gone"), ["4", "3", "2", "1"]);
});

test("a trace is one line", () => {
  const line = lineOf(summary({ root_start: 0, error: true, handmade: true, version: "" }));
  assert.equal(line, "earlier · GET /pair/beer · 10.0 ms · by hand · error");
  assert.ok(lineOf(summary({ resource: "x".repeat(5000) })).length < 120);
});
