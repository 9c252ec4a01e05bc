// What the other views compute: latencies, requests that were sent, answers to a step, troubles.

import assert from "node:assert/strict";
import { test } from "node:test";
import { filledIn, given, shuffled } from "../../../../template/workshop/console/static/drafts.js";
import {
  bucketAt,
  bucketBeside,
  bucketNear,
  chartLabel,
  chosen,
  columns,
  marksText,
  merged,
  moreText,
  nameOf,
  reading,
  typical,
} from "../../../../template/workshop/console/static/series.js";
import { badgeOf, fate, pretty } from "../../../../template/workshop/console/static/tried.js";
import { troubleNow } from "../../../../template/workshop/console/static/trouble.js";
import { summary } from "./made.js";

/** @import { Live } from "../../../../template/workshop/console/static/live.js" */
/** @import { Route, Sent, State, StepPage } from "../../../../template/workshop/console/static/types.js" */

/**
 * @param {string} route
 * @param {Partial<Route>} [fields]
 * @returns {Route}
 */
const figures = (route, fields) => ({
  route,
  by: "traces",
  p50: 1,
  p95: 2,
  count: 1,
  errors: 0,
  versions: [],
  series: [],
  ...fields,
});

test("each route is one row: those that traces measured come first, then the busiest", () => {
  const rows = merged([
    figures("GET /a", { by: "outside", count: 9 }),
    figures("GET /b"),
    figures("GET /b", { by: "outside", count: 20, p50: 7 }),
    figures("GET /c", { count: 3 }),
  ]);
  assert.deepEqual(
    rows.map(({ name, count }) => [name, count]),
    [
      ["GET /c", 3],
      ["GET /b", 1],
      ["GET /a", 9],
    ],
  );
  assert.equal(rows[0].outside, null);
  assert.equal(rows[1].outside?.p50, 7);
  assert.equal(rows[2].inside, null);
  assert.equal(nameOf(figures("GET /a", { by: "outside" })), "GET /a, from outside");
});

test("the chart is of the chosen route, else of pairings, else of the first", () => {
  const rows = merged([figures("GET /a"), figures("GET /pair/<x>")]);
  assert.equal(chosen(rows, "GET /a")?.name, "GET /a");
  assert.equal(chosen(rows, "GET /gone")?.name, "GET /pair/<x>");
  assert.equal(chosen(merged([figures("GET /a")]), "")?.name, "GET /a");
  assert.equal(chosen([], ""), undefined);
});

test("a moment leads to its traces", () => {
  const bucket = { p50: 1, p95: 2, count: 1, errors: 0 };
  const series = [10, 20, 40].map((time) => ({ ...bucket, time }));
  assert.equal(bucketAt(series, 10, 29.9)?.time, 20);
  assert.equal(bucketAt(series, 10, 30), undefined);
  assert.equal(bucketAt(series, 10, null), undefined);
  assert.equal(bucketNear(series, 10, 33)?.time, 20);
  assert.equal(bucketNear(series, 10, 36)?.time, 40);
  assert.equal(bucketNear([], 10, 36), undefined);
  assert.equal(bucketBeside(series, undefined, null, -1)?.time, 40);
  assert.equal(bucketBeside(series, undefined, null, 1), undefined);
  assert.equal(bucketBeside(series, series[1], 25, -1)?.time, 10);
  assert.equal(bucketBeside(series, series[1], 25, 1)?.time, 40);
  assert.equal(bucketBeside(series, undefined, 35, -1)?.time, 20);

  const [a, b, c] = ["a", "b", "c"].map((id) => ({ id, duration: 100 }));
  assert.deepEqual(typical({ ...series[0], slowest: a, median: b, error: c }), [
    { id: "a", text: "Slowest: 100 ms" },
    { id: "b", text: "Median: 100 ms" },
    { id: "c", text: "An error: 100 ms" },
  ]);
  assert.deepEqual(typical({ ...series[0], slowest: a, median: a }), [
    { id: "a", text: "The only one: 100 ms" },
  ]);
  assert.deepEqual(typical(series[0]), []);
});

test("a chart has a gap where nobody asked for a while", () => {
  const bucket = { p50: 1, p95: 2, count: 1, errors: 0 };
  const series = [100, 110, 150].map((time) => ({ ...bucket, time }));
  assert.deepEqual(columns(series, 0, 300), [
    [100, 110, 117.5, 150],
    [1, 1, null, 1],
    [2, 2, null, 2],
    [null, null, null, null],
  ]);
  assert.deepEqual(columns([], 0, 300), [[], [], [], []]);
});

test("a reading says what there is at one place", () => {
  const data = [
    [0, 1, 2],
    [210, null, null],
    [250, null, null],
    [null, null, 1],
  ];
  assert.match(reading(data, 0), /: p50 210 ms, p95 250 ms, 0 errors$/);
  assert.equal(reading(data, 1), "");
  assert.match(reading(data, 2), /: 1 error$/);
  assert.equal(reading(data, null), "");
});

test("latencies in words", () => {
  const route = figures("GET /a", { p50: null, p95: null, count: 1, errors: 1 });
  assert.equal(
    chartLabel(route, 300),
    "GET /a in the last 5 minutes: 1 request, p50 –, p95 –, 1 error",
  );
  assert.match(marksText([{ time: 0, text: "step-2" }], true), /^Marked: step-2, \d/);
  assert.match(marksText([], true), /each restart of web/);
  assert.doesNotMatch(marksText([], false), /restart/);
  const document = { from: 0, to: 1, width: 2, routes: [], marks: [] };
  assert.equal(moreText({ ...document, more_routes: 0 }), "");
  assert.match(moreText({ ...document, more_routes: 1 }), /^1 more route .* isn't/);
});

/**
 * @param {State} state
 * @param {Partial<Live>} [fields]
 * @returns {Live}
 */
const alive = (state, fields) => ({
  traces: new Map(),
  state,
  connected: true,
  locked: false,
  ...fields,
});
/**
 * @param {string} path
 * @returns {Sent}
 */
const request = (path) => ({
  id: 1,
  path,
  time: 10_000,
  answer: { status: 200, reason: "", body: "", milliseconds: 1, trace: "ab" },
  error: "",
  spans: null,
});

test("why there is no trace of a request", () => {
  /**
   * @param {State} state
   * @param {number} now
   */
  const said = (state, now) => fate(request("/beers"), alive(state), 6, now).text;
  assert.equal(said({ step: 7 }, 12_000), "Waiting for its trace …");
  assert.match(said({ step: 7 }, 14_000), /^It has no trace\..* the first one/);
  assert.match(said({ step: 6 }, 14_000), /add the tracing client yet/);
  assert.match(said({ step: 3 }, 11_000), /don't trace the code until step 6/);
  assert.match(said({ step: 7, agent: "away" }, 14_000), /isn't responding/);
  assert.match(said({ step: 7, agent: "other" }, 11_000), /isn't a test agent/);
  assert.match(fate(request("/ping"), alive({}), 6, 0).text, /doesn't show health checks/);
  assert.equal(
    fate(request("/beers"), alive({ agent: "other", datadog: "https://x" }), 6, 0).datadog,
    "https://x/apm/trace/ab",
  );
  const byHand = new Map([["hand-1", summary({ handmade: true, start: 9_500 })]]);
  assert.ok(fate(request("/beers"), alive({ step: 3 }, { traces: byHand }), 6, 11_000).isByHand);
});

test("what came back is shown in few lines, whatever it is", () => {
  assert.equal(pretty('[{"name": "ipa"}]'), '[{ "name": "ipa" } ]');
  assert.equal(pretty("<h1>"), "<h1>");
  assert.equal(badgeOf(204), "badge good");
  assert.equal(badgeOf(404).trim(), "badge");
  assert.equal(badgeOf(500), "badge bad");
});

/** @type {StepPage} */
const page = {
  number: 1,
  html: "",
  has_solution: false,
  asks_guess: true,
  guess: 5,
  questions: [
    { text: "Sure?", choices: ["Yes", "No"] },
    { text: "When?", choices: ["Now", "Later"] },
  ],
  answers: ["Yes", ""],
  measures: "",
  cost_guess: 3,
  hints: [],
};

test("a draft goes before what the server knows", () => {
  const known = { guess: "5", costGuess: "3", answers: ["Yes", ""] };
  assert.deepEqual(filledIn({}, page), known);
  assert.deepEqual(filledIn({ guess: "", costGuess: "4" }, page), {
    ...known,
    guess: "",
    costGuess: "4",
  });
  assert.deepEqual(filledIn({ answers: ["No", "Later"] }, page).answers, ["No", "Later"]);
});

test("an answer is a choice of its question, and not a letter", () => {
  const filled = filledIn({ answers: ["b", "Later"] }, page);
  assert.deepEqual(filled.answers, ["", "Later"]);
  assert.deepEqual(given(filled, page), { guess: 5, answers: { "When?": "Later" } });
  assert.deepEqual(given({ guess: "", answers: ["", ""] }, page), {});
});

test("choices come in another order, and all of them", () => {
  const choices = ["One", "Two", "Three"];
  const orders = Array.from({ length: 60 }, () => shuffled(choices));
  assert.ok(new Set(orders.map(String)).size > 1);
  for (const order of orders) assert.deepEqual(order.toSorted(), choices.toSorted());
  assert.deepEqual(choices, ["One", "Two", "Three"]);
});

test("of several troubles the one is named that the others come from", () => {
  assert.equal(troubleNow(alive({ agent: "there" })), "");
  assert.match(troubleNow(alive({ agent: "away" }, { connected: false })), /is gone/);
  assert.match(troubleNow(alive({}, { locked: true, connected: false })), /new token/);
  assert.equal(
    troubleNow(alive({ problem: "No .copier-answers.yml." })),
    "No .copier-answers.yml.",
  );
  const failed = { details: { web: "SyntaxError.", taster: "does not answer" }, agent: "away" };
  assert.match(
    troubleNow(alive(/** @type {State} */ (failed))),
    /^web isn't running: SyntaxError\. taster does not answer\. Fix it/,
  );
  assert.match(troubleNow(alive({ agent: "other" })), /isn't a test agent/);
  assert.match(troubleNow(alive({ agent: "other", datadog: "https://x" })), /Datadog's own/);
});
