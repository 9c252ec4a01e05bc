// The order and the time range of the list of traces, the plot above it, and the labels of marks.

import assert from "node:assert/strict";
import { test } from "node:test";
import { spansText } from "../../../../template/workshop/console/static/format.js";
import {
  fieldOf,
  inOrder,
  inRange,
  listingIn,
  listSearch,
  rangeOf,
  sorted,
  timeOf,
  withoutEarlier,
} from "../../../../template/workshop/console/static/listing.js";
import { labelsOf } from "../../../../template/workshop/console/static/marks.js";
import {
  nearest,
  plotLabel,
  plotOf,
  pointLabel,
  timeAt,
} from "../../../../template/workshop/console/static/scatter.js";
import { summary } from "./made.js";

/** @import { Summary } from "../../../../template/workshop/console/static/types.js" */

const NOW = Date.UTC(2026, 10, 25, 12, 0, 0);

/** @param {Summary[]} traces */
const ids = (traces) => traces.map((trace) => trace.id).join("");

test("order, range, and hand timings go into the address beside the filters, and come back", () => {
  const plain = listingIn("");
  assert.equal(listSearch("", plain), "");
  assert.equal(listSearch("?text=a", plain), "?text=a");
  const search = listSearch("?text=a", {
    sort: "duration",
    ascending: true,
    last: 0,
    from: 5,
    to: 9,
    byHand: true,
  });
  assert.equal(search, "?text=a&sort=duration&order=asc&from=5&to=9&hand=1");
  assert.equal(listSearch("?text=a", listingIn(search)), search);
  assert.equal(listingIn("?last=5").last, 5);
  assert.equal(listingIn("?last=5&from=1").last, 0);
});

test("an address that somebody typed does no harm", () => {
  for (const odd of [
    "?sort=__proto__&last=7",
    "?sort=&from=&to=NaN",
    "?from=1e999&to=-1e999",
    "?from=x",
  ])
    assert.equal(listSearch("", listingIn(odd)), "", odd);
  const { from, to } = listingIn("?from=9&to=5");
  assert.deepEqual([from, to], [5, 9]);
});

test("a time range that somebody chose backward covers both of its seconds", () => {
  const chosen = { ...listingIn(""), from: NOW + 60_000, to: NOW + 999 };
  const { from, to } = inOrder(chosen);
  assert.deepEqual([from, to], [NOW, NOW + 60_999]);
  assert.deepEqual(inOrder({ ...chosen, from: null }), { ...chosen, from: null });
});

test("a time range is of the last minutes, or from one time to another", () => {
  const traces = [0, 1, 4, 20].map((minutes) =>
    summary({ id: String(minutes), root_start: NOW - minutes * 60_000 }),
  );
  /** @param {string} search */
  const listed = (search) => ids(inRange(traces, rangeOf(listingIn(search), NOW)));
  assert.equal(listed(""), "01420");
  assert.equal(listed("?last=5"), "014");
  assert.equal(listed(`?from=${NOW - 60_000}`), "01");
  assert.equal(listed(`?to=${NOW - 60_000}`), "1420");
  assert.equal(listed(`?from=${NOW - 240_000}&to=${NOW - 60_000}`), "14");
});

test("a field for a time says it to the second, and an end includes its second", () => {
  const text = fieldOf(NOW + 250);
  assert.match(text, /^\d{4}-\d\d-\d\dT\d\d:\d\d:00$/);
  assert.equal(timeOf(text, false), NOW);
  assert.equal(timeOf(text, true), NOW + 999);
  assert.equal(timeOf("", true), null);
  for (const odd of [null, 8.64e15, -8.64e15, -1e14]) assert.equal(fieldOf(odd), "");
});

test("the list is sorted by what its columns have; the newest comes first among equals", () => {
  const traces = [
    summary({ id: "a", duration: 1, spans: 9 }),
    summary({ id: "b", duration: 5, spans: 1, error: true }),
    summary({ id: "c", duration: 3, spans: 9 }),
  ];
  /** @param {string} search */
  const order = (search) => ids(sorted(traces, listingIn(search)));
  assert.equal(order(""), "abc");
  assert.equal(order("?order=asc"), "cba");
  assert.equal(order("?sort=duration"), "bca");
  assert.equal(order("?sort=duration&order=asc"), "acb");
  assert.equal(order("?sort=spans"), "acb");
  assert.equal(order("?sort=errors"), "bac");
  assert.equal(order("?sort=errors&order=asc"), "acb");
});

test("what was timed by hand is left out once the code is traced", () => {
  const hand = summary({ id: "h", handmade: true });
  const traced = summary({ id: "t" });
  assert.deepEqual(withoutEarlier([hand, traced], 5, 6), { listed: [hand, traced], byHand: 0 });
  assert.deepEqual(withoutEarlier([hand], 6, 6), { listed: [hand], byHand: 0 });
  assert.deepEqual(withoutEarlier([hand, traced], 6, 6), { listed: [traced], byHand: 1 });
  assert.deepEqual(withoutEarlier([hand], 7, 6), { listed: [], byHand: 1 });
});

test("the number of spans is of all of them; what remains is said as such", () => {
  assert.equal(
    spansText(summary({ spans: 61, shown: 20 })),
    "61 spans, 20 without the framework's own",
  );
  assert.equal(spansText(summary({ spans: 1, shown: 1 })), "1 span");
  assert.equal(spansText(summary({ spans: 3, shown: 3, handmade: true })), "3 lines");
});

/** @type {[from: number, to: number]} */
const ALL = [-Infinity, Infinity];

test("the plot has a point for each trace, failed ones on top", () => {
  const traces = [
    summary({ id: "a", root_start: NOW, duration: 100, error: true }),
    summary({ id: "b", root_start: NOW + 5000, duration: 50 }),
    summary({ id: "c", root_start: NOW + 10_000, duration: 20, handmade: true }),
    summary({ id: "old", root_start: 5, duration: 20, handmade: true }),
  ];
  const plot = plotOf(traces, ALL, 600, 130);
  assert.deepEqual(
    plot.points.map(({ trace, kind }) => [trace.id, kind]),
    [
      ["b", "good"],
      ["c", "handmade"],
      ["a", "failed"],
    ],
  );
  assert.equal(plot.untimed, 1);
  assert.equal(Math.round(plot.points[0].x), 300);
  assert.ok(plot.points[2].y < plot.points[0].y); // slow is up
  const a = plot.points[2];
  assert.equal(nearest(plot, a.x + 3, a.y, 14), a);
  assert.equal(nearest(plot, a.x + 20, a.y, 14), null);
  assert.equal(timeAt(plot, 300), NOW + 5000);
  assert.equal(timeAt(plot, -50), Math.round(plot.from));
  assert.match(plotLabel(plot), /3 traces .*, 20\.0 ms to 100 ms, 1 with errors/);
  assert.match(pointLabel(traces[0]), /: GET \/pair\/beer, 100 ms, error$/);
});

test("one trace, or several at once, are in the middle", () => {
  for (const after of [0, 0.001, 900]) {
    const times = [NOW, NOW + after];
    const plot = plotOf(
      times.map((root_start) => summary({ root_start })),
      ALL,
      600,
      130,
    );
    for (const { x } of plot.points) assert.ok(x > 250 && x < 350, String(x));
    assert.ok(plot.times.length >= 3);
  }
});

test("an axis is logarithmic if one trace would flatten all others", () => {
  const fast = [1, 2, 3].map((id) =>
    summary({ id: String(id), root_start: NOW + id, duration: 2 }),
  );
  const slow = summary({ id: "s", root_start: NOW, duration: 60_000 });
  assert.equal(plotOf(fast, ALL, 600, 130).isLogarithmic, false);
  const plot = plotOf([...fast, slow], ALL, 600, 130);
  assert.equal(plot.isLogarithmic, true);
  assert.ok(plot.points[0].y < 125, String(plot.points[0].y));
});

test("a plot of whatever comes in has finite places and few labels", () => {
  const times = [0, -5, 100_000_000, NOW, NOW + 1, 9.2e12];
  const durations = [0, -5, 0.001, 10, 9.2e12];
  const odd = times.flatMap((root_start) =>
    durations.map((duration) => summary({ root_start, duration })),
  );
  /** @type {[number, number][]} */
  const ranges = [
    ALL,
    [NOW, NOW],
    [NOW - 300_000, NOW],
    [-Infinity, 5],
    [NOW, Infinity],
    [-8.64e15, 8.64e15],
  ];
  for (const traces of [[], [odd[0]], [odd[16]], odd])
    for (const range of ranges)
      for (const width of [1, 340, 1400]) {
        const plot = plotOf(traces, range, width, 130);
        const said = JSON.stringify([range, width, traces.length]);
        for (const { x, y } of plot.points)
          assert.ok(Number.isFinite(x) && Number.isFinite(y), said);
        for (const { at, text } of [...plot.times, ...plot.durations])
          assert.ok(Number.isFinite(at) && text && !/NaN|Invalid/.test(text), `${said} ${text}`);
        assert.ok(plot.times.length <= 22 && plot.durations.length <= 8, said);
        assert.doesNotMatch(plotLabel(plot), /NaN|Invalid/);
        assert.ok(plot.to > plot.from);
      }
});

test("a phone has several times on its axis", () => {
  const traces = [0, 300_000].map((after) => summary({ root_start: NOW + after }));
  assert.ok(plotOf(traces, ALL, 340, 130).times.length >= 2);
});

test("no label of a mark is on top of another", () => {
  const space = {
    place: (/** @type {number} */ time) => time,
    measure: (/** @type {string} */ text) => text.length * 7,
    left: 0,
    right: 300,
    gap: 6,
    lanes: 3,
  };
  const marks = [10, 12, 14, 30, 35, 60, 61, 200, 295].map((time, at) => ({
    time,
    text: `step-${at}`,
  }));
  const labels = labelsOf(marks, space);
  assert.ok(labels.length >= 5);
  for (const [at, one] of labels.entries()) {
    assert.ok(one.left >= 0 && one.left + one.width <= 300);
    for (const other of labels.slice(at + 1))
      assert.ok(
        one.lane !== other.lane ||
          one.left + one.width < other.left ||
          other.left + other.width < one.left,
      );
  }
  const restarts = [100, 104, 108, 250].map((time) => ({ time, text: "web restarted" }));
  assert.deepEqual(
    labelsOf(restarts, space).map(({ text }) => text),
    ["web restarted ×3", "web restarted"],
  );
  assert.deepEqual(labelsOf([{ time: -5, text: "gone" }], space), []);
});
