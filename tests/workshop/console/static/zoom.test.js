// The part of a trace's time that a picture shows.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ticks } from "../../../../template/workshop/console/static/spans.js";
import {
  fitted,
  panned,
  showing,
  timeInAddress,
  within,
  zoomed,
  zoomText,
} from "../../../../template/workshop/console/static/zoom.js";

test("a zoom is never outside of the trace, and never of nothing", () => {
  assert.deepEqual(fitted(20, 80, 100), { from: 20, to: 80 });
  assert.deepEqual(fitted(-20, 40, 100), { from: 0, to: 60 });
  assert.deepEqual(fitted(90, 110, 100), { from: 80, to: 100 });
  assert.equal(fitted(0, 100, 100), null);
  assert.equal(fitted(-5, 300, 100), null);
  for (const [from, to] of [
    [5, 5],
    [9, 3],
    [Number.NaN, 3],
    [0, Number.POSITIVE_INFINITY],
  ])
    assert.equal(fitted(from, to, 100), null);
});

test("a zoom is as short as figures can say, however short or long the trace is", () => {
  const tiny = fitted(50, 50.000_001, 100);
  assert.ok(tiny && Math.abs(tiny.to - tiny.from - 0.01) < 1e-9);
  assert.equal(fitted(0.001, 0.002, 0.005), null); // the whole trace is shorter
  const years = 9e12;
  let zoom = { from: 0, to: years };
  for (let n = 0; n < 200; n += 1) zoom = zoomed(zoom, years, 0.5, years - 1) ?? zoom;
  assert.ok(zoom.to > zoom.from && zoom.to <= years);
  assert.ok(zoom.to - zoom.from < 100);
});

test("zooming in leaves what is under the pointer in its place", () => {
  const zoom = zoomed({ from: 0, to: 100 }, 100, 0.5, 20);
  assert.deepEqual(zoom, { from: 10, to: 60 });
  assert.equal(zoomed({ from: 10, to: 60 }, 100, 2, 20), null);
  assert.deepEqual(zoomed({ from: 20, to: 40 }, 100, 2), { from: 10, to: 50 });
});

test("moving ends at the ends of the trace", () => {
  assert.deepEqual(panned({ from: 20, to: 40 }, 100, 0.5), { from: 30, to: 50 });
  assert.deepEqual(panned({ from: 20, to: 40 }, 100, -5), { from: 0, to: 20 });
  assert.deepEqual(panned({ from: 20, to: 40 }, 100, 50), { from: 80, to: 100 });
  assert.equal(panned({ from: 0, to: 100 }, 100, 0.2), null);
});

test("a span comes into the picture, and one that is there moves nothing", () => {
  const zoom = { from: 20, to: 40 };
  assert.deepEqual(showing(zoom, 100, { start: 35, duration: 60 }), zoom);
  assert.deepEqual(showing(zoom, 100, { start: 60, duration: 2 }), { from: 51, to: 71 });
  const wide = showing(zoom, 100, { start: 50, duration: 40 });
  assert.ok(wide && wide.from <= 50 && wide.to >= 90);
  assert.equal(showing({ from: 0, to: 100 }, 100, { start: 1, duration: 1 }), null);
});

test("stretches of time end where the zoom ends", () => {
  const zoom = { from: 10, to: 20 };
  /** @type {[number, number][]} */
  const stretches = [
    [0, 5],
    [8, 12],
    [15, 15],
    [18, 30],
    [40, 50],
  ];
  assert.deepEqual(within(stretches, zoom), [
    [10, 12],
    [15, 15],
    [18, 20],
  ]);
  assert.deepEqual(within([[Number.NaN, 12]], zoom), []);
  assert.deepEqual(within([[13, 12]], zoom), []);
});

test("there are never more stretches than a screen has pixels", () => {
  /** @type {[number, number][]} */
  const many = Array.from({ length: 50_000 }, (_, n) => [n, n + 0.5]);
  assert.equal(within(many, { from: 0, to: 50_000 }).length, 1);
  const zoomedIn = within(many, { from: 100, to: 110 });
  assert.equal(zoomedIn.length, 11);
});

test("an axis that is zoomed in has lines at round figures, and each label differs", () => {
  assert.deepEqual(
    ticks(70, 35).map(({ text }) => text),
    ["40.0 ms", "50.0 ms", "60.0 ms"].map((text) => text.replace(".0", "")),
  );
  assert.ok(Math.abs(ticks(70, 35)[0].from - 5 / 35) < 1e-9);
  for (const [from, to] of [
    [0, 100],
    [33.3, 34.1],
    [99_000, 99_000.5],
    [9e12, 9e12 + 100],
    [1.7e12, 1.7e12 + 0.5],
    [0.02, 0.03],
  ]) {
    const lines = ticks(to, from);
    assert.ok(lines.length >= 1 && lines.length <= 7, `${from}: ${lines.length}`);
    assert.equal(new Set(lines.map(({ text }) => text)).size, lines.length, `${from}`);
    assert.ok(lines.every((line) => line.from >= 0 && line.from < 1));
  }
});

test("a zoom in words, and in as many digits as it needs", () => {
  assert.equal(zoomText(null, 210), "All 210 ms");
  assert.equal(zoomText({ from: 50, to: 120 }, 210), "70.0 ms of 210 ms, from 50.0 ms on");
  assert.equal(timeInAddress(33.333_333_333, 100), "33.33");
  assert.equal(timeInAddress(50, 100), "50");
  assert.equal(timeInAddress(0.123_456_789, 0.01), "0.123457");
  assert.equal(timeInAddress(9e12, 9e11), "9000000000000");
});
