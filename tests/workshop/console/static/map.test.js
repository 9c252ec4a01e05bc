// The map of services: where its parts are, and what it says.

import assert from "node:assert/strict";
import { test } from "node:test";
import { arrange, shortened } from "../../../../template/workshop/console/static/maplayout.js";
import {
  edgeText,
  errorsOf,
  figuresOf,
  linkOf,
  notDrawn,
  rate,
  sourceText,
} from "../../../../template/workshop/console/static/mapwords.js";

import { secondsIn } from "../../../../template/workshop/console/static/timerange.js";

/** @import { MapBox, MapEdge, ServiceMap } from "../../../../template/workshop/console/static/types.js" */

/**
 * @param {string} name
 * @param {Partial<MapBox>} [fields]
 * @returns {MapBox}
 */
const box = (name, fields) => ({ name, kind: "service", service: name, ...fields });

/**
 * @param {number | null} from
 * @param {number} to
 * @param {Partial<MapEdge>} [fields]
 * @returns {MapEdge}
 */
const edge = (from, to, fields) => ({
  from,
  to,
  kind: "calls",
  count: 10,
  per_second: 0.5,
  errors: 0,
  p50: 12,
  p95: 34,
  ...fields,
});

/**
 * @param {MapBox[]} boxes
 * @param {MapEdge[]} edges
 * @param {Partial<ServiceMap>} [fields]
 * @returns {ServiceMap}
 */
const mapOf = (boxes, edges, fields) => ({
  source: "traces",
  traces: 10,
  by_hand: 0,
  measured: 0,
  seconds: 300,
  period: 20,
  boxes,
  more_boxes: 0,
  edges,
  more_edges: 0,
  ...fields,
});

/** @param {ReturnType<typeof arrange>} picture */
function assertReadable({ width, height, boxes, edges }) {
  for (const one of [...boxes, ...edges.map(({ label }) => label)]) {
    assert.ok(one.x > 0 && one.x < width && one.y > 0 && one.y < height, JSON.stringify(one));
  }
  boxes.forEach((a, number) => {
    for (const b of boxes.slice(number + 1)) {
      const apart =
        Math.abs(a.x - b.x) >= (a.width + b.width) / 2 ||
        Math.abs(a.y - b.y) >= (a.height + b.height) / 2;
      assert.ok(apart, `${a.name} lies over ${b.name}`);
    }
  });
  for (const { path, tip } of edges) assert.doesNotMatch(path + tip, /NaN|Infinity|undefined/);
}

test("callers come before what they call", () => {
  const map = mapOf(
    [box("matchmaker"), box("taster"), box("redis")],
    [edge(null, 0), edge(0, 1), edge(0, 2)],
  );
  const wide = arrange(map, false);
  assertReadable(wide);
  const [matchmaker, taster, redis] = wide.boxes;
  assert.ok(wide.start && wide.start.x < matchmaker.x);
  assert.ok(matchmaker.x < taster.x && matchmaker.x < redis.x);
  const narrow = arrange(map, true);
  assertReadable(narrow);
  assert.ok(narrow.width < 390 && narrow.boxes[0].y < narrow.boxes[1].y);
});

test("circles, calls to itself, no calls at all, and many boxes are readable", () => {
  const many = Array.from({ length: 20 }, (_, number) => box(`s${number}`));
  const shapes = [
    mapOf([box("a")], []),
    mapOf([box("a"), box("b")], [edge(0, 1), edge(1, 0), edge(0, 0)]),
    mapOf([box("a"), box("b"), box("c")], [edge(0, 1), edge(1, 2), edge(2, 0)]),
    mapOf(
      many,
      many.flatMap((_, number) => [edge(number, (number + 1) % 20), edge(null, number)]),
    ),
  ];
  for (const shape of shapes)
    for (const narrow of [false, true]) assertReadable(arrange(shape, narrow));
});

test("long names keep the ends that tell them apart", () => {
  assert.equal(shortened("matchmaker", 11), "matchmaker");
  assert.match(shortened("service-number-178", 12), /^s.*…-?178$/);
  assert.ok([...shortened("x".repeat(1_000_000), 12)].length <= 12);
  assert.ok([...shortened("服务".repeat(20), 12)].length <= 7);
  assert.equal(shortened("👩‍👩‍👧", 12), "👩‍👩‍👧");
});

test("an edge says how often, how fast, and how well", () => {
  const map = mapOf([box("web"), box("redis")], []);
  assert.equal(
    edgeText(map, edge(0, 1, { errors: 1 })),
    "web → redis: 10 requests, 0.5/s, 1 error, p50 12.0 ms, p95 34.0 ms",
  );
  const unknown = edge(null, 1, { kind: "timed", errors: null, count: 1, p50: null, p95: null });
  assert.equal(edgeText(map, unknown), "outside → redis: 1 line, 0.5/s");
  assert.deepEqual(figuresOf(unknown), ["0.5/s"]);
  assert.deepEqual(figuresOf(edge(0, 1, { kind: "spans" })), ["0.5/s spans"]);
  assert.deepEqual(
    [0, 1, 5, null].map((errors) => errorsOf(edge(0, 1, { errors, count: 200 }))),
    ["", "<1% errors", "3% errors", ""],
  );
  assert.deepEqual([20, 9.4, 0.1, 0.05, 0.001].map(rate), [
    "20/s",
    "9.4/s",
    "0.1/s",
    "3/min",
    "<1/min",
  ]);
});

test("the map says where it comes from, and what it leaves out", () => {
  assert.equal(sourceText(mapOf([], [])), "From 10 traces of the last 20 seconds.");
  const outside = mapOf([], [], { source: "outside", measured: 1, period: 120 });
  assert.match(sourceText(outside), /^From 1 request of the last 2 minutes, measured from outside/);
  const byHand = mapOf([], [], { source: "by hand", by_hand: 3 });
  assert.match(sourceText(byHand), /^From 3 requests that you timed by hand.*are a guess\.$/);
  assert.equal(notDrawn(mapOf([], [])), "");
  assert.match(notDrawn(mapOf([], [], { more_boxes: 180 })), /^… and 180 more boxes\. /);
});

test("each box leads to its traces, or to what else is known about it", () => {
  assert.equal(linkOf(box("a&b=<c>")), "/traces?service=a%26b%3D%3Cc%3E");
  assert.equal(linkOf(box("agent", { kind: "agent", service: "" })), "/traces");
  assert.equal(linkOf(box("web", { service: "" })), "/latency");
  // Once the code is traced, the list leaves hand timings out unless the address asks for them.
  const byHand = box("match", { kind: "by hand", service: "timing.log" });
  assert.equal(linkOf(byHand), "/traces?service=timing.log&hand=1");
});

test("the time range is one that the page offers", () => {
  assert.deepEqual(
    ["?seconds=900", "?seconds=7", "?seconds=x", ""].map(secondsIn),
    [900, 300, 300, 300],
  );
});
