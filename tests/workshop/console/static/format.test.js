// How figures are written, and which colors services have.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  begin,
  decoded,
  ms,
  percent,
  plural,
  share,
  tickLabel,
} from "../../../../template/workshop/console/static/format.js";
import { keysOf } from "../../../../template/workshop/console/static/html.js";
import { palette } from "../../../../template/workshop/console/static/palette.js";
import { summary } from "./made.js";

test("durations have about three digits, from nanoseconds to years", () => {
  /** @type {[number | null, string][]} */
  const written = [
    [null, "–"],
    [0, "0 ms"],
    [0.0004, "0 µs"],
    [0.05, "50 µs"],
    [0.095, "0.10 ms"],
    [1.234, "1.23 ms"],
    [12.34, "12.3 ms"],
    [123.4, "123 ms"],
    [9_999, "9999 ms"],
    [12_340, "12.3 s"],
    [86_400_000 * 2, "2.0 days"],
    [86_400_000 * 366, "1.0 years"],
  ];
  for (const [value, text] of written) assert.equal(ms(value), text);
  assert.equal(tickLabel(20), "20 ms");
  assert.equal(tickLabel(0), "0");
});

test("a share that is not nothing is not written as nothing", () => {
  assert.equal(percent(0), "0%");
  assert.equal(percent(0.001), "<1%");
  assert.equal(percent(0.934), "93%");
});

test("words and addresses", () => {
  assert.equal(plural(1, "trace"), "1 trace");
  assert.equal(plural(0, "trace"), "0 traces");
  assert.equal(plural(100_000, "span"), "100,000 spans");
  assert.equal(decoded("a%20b"), "a b");
  assert.equal(decoded("%E0%A4%A"), "%E0%A4%A");
  assert.equal(begin(summary({ root_start: 5 })), "earlier");
  assert.match(begin(summary({ root_start: 1.7e12 })), /^\d\d:\d\d:\d\d$/);
});

test("the workshop's own services always have their colors", () => {
  const color = palette(["zebra", "taster", "matchmaker"]);
  assert.equal(color("matchmaker"), "service-0");
  assert.equal(color("taster"), "service-1");
});

test("each service has a color of its own, whatever their order, striped after the twelfth", () => {
  const names = Array.from({ length: 24 }, (_, number) => `service ${number}`);
  const color = palette(names);
  const again = palette([...names].reverse());
  assert.equal(new Set(names.map(color)).size, 24);
  assert.deepEqual(names.map(color), names.map(again));
  assert.equal(names.filter((name) => color(name).includes("again")).length, 12);
  assert.match(palette([])("unknown"), /^service-\d+$/);
});

test("keys are unique, and an element keeps its own while others come before and after it", () => {
  const keys = keysOf(["a", "b", "a"], (name) => name);
  assert.equal(new Set(keys).size, 3);
  assert.equal(keysOf(["x", "b"], (name) => name)[1], keys[1]);
});

test("a share that somebody chose stays as exact as it was", () => {
  assert.deepEqual([0.07, 0.3, 1, 0.125, 0.0005, 0].map(share), [
    "7%",
    "30%",
    "100%",
    "12.5%",
    "0.05%",
    "0%",
  ]);
});
