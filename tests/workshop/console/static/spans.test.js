// What is computed of spans, and where a key leads among them.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  hiddenBelow,
  nearest,
  own,
  placed,
  prepare,
  ticks,
  tickWidth,
  worst,
} from "../../../../template/workshop/console/static/spans.js";
import { inFlame, inWaterfall } from "../../../../template/workshop/console/static/walk.js";
import { sent, trace } from "./made.js";

/** root holds a and b, a holds c. */
const tree = () =>
  prepare(
    trace(
      sent("root", null, { duration: 10 }),
      sent("b", "root", { start: 5, duration: 3 }),
      sent("a", "root", { start: 1, duration: 3 }),
      sent("c", "a", { start: 2, duration: 1 }),
    ),
    false,
  );
/** @param {{id: string}[]} spans */
const ids = (spans) => spans.map((span) => span.id);

test("spans come in the order in which they ran, parents first", () => {
  assert.deepEqual(ids(tree()), ["root", "a", "c", "b"]);
  assert.deepEqual(
    tree().map((span) => span.depth),
    [0, 1, 2, 1],
  );
});

test("the framework's own spans are left out, and their children go to the next one above", () => {
  const whole = trace(
    sent("root", null),
    sent("dispatch", "root", { framework: true, folded_parent: null }),
    sent("view", "dispatch", { folded_parent: "root", self: 2, folded_self: 3 }),
  );
  const folded = prepare(whole, false);
  assert.deepEqual(ids(folded), ["root", "view"]);
  assert.equal(folded[1].parent, "root");
  assert.equal(folded[1].self, 3);
  assert.deepEqual(
    prepare(whole, true).map((span) => [span.id, span.depth]),
    [
      ["root", 0],
      ["dispatch", 1],
      ["view", 2],
    ],
  );
});

test("a log line leads to its span, or to the nearest one above in the picture", () => {
  const whole = trace(
    sent("root", null),
    sent("response", "root", { framework: true, folded_parent: null }),
    sent("view", "response", { folded_parent: "root" }),
  );
  const find = nearest(whole, prepare(whole, false));
  assert.equal(find("view")?.id, "view");
  assert.equal(find("response")?.id, "root");
  assert.equal(nearest(whole, prepare(whole, true))("response")?.id, "response");
  assert.equal(find("of another trace"), undefined);
  assert.equal(find(undefined), undefined);
});

test("a trace may be deeper than a stack", () => {
  const all = [sent("0", null)];
  for (let n = 1; n < 30_000; n += 1) all.push(sent(String(n), String(n - 1)));
  const spans = prepare(trace(...all), false);
  assert.equal(spans.at(-1)?.depth, 29_999);
  assert.equal(hiddenBelow(spans, new Set(["0"])).size, 29_999);
});

test("a span whose parent is not there is drawn at the top", () => {
  assert.deepEqual(
    prepare(trace(sent("a", "gone")), false).map((span) => span.depth),
    [0],
  );
});

test("the span to begin with is where an error came from", () => {
  const [root, a, c, b] = tree();
  assert.equal(worst([root, a, c, b]), root);
  root.error = a.error = c.error = true;
  assert.equal(worst([root, a, c, b]), root);
  a.message = c.message = "No glaze left";
  assert.equal(worst([root, a, c, b]), a);
  c.stack = "Traceback";
  assert.equal(worst([root, a, c, b]), c);
  assert.equal(worst([]), undefined);
});

test("folding hides all that is below, also what was folded before", () => {
  assert.deepEqual([...hiddenBelow(tree(), new Set(["root"]))].sort(), ["a", "b", "c"]);
  assert.deepEqual([...hiddenBelow(tree(), new Set(["a"]))], ["c"]);
  assert.deepEqual([...hiddenBelow(tree(), new Set(["a", "root"]))].sort(), ["a", "b", "c"]);
  assert.equal(hiddenBelow(tree(), new Set()).size, 0);
});

test("a span's own time is what no child covers", () => {
  const [root, a] = tree();
  assert.deepEqual(own(root), [
    [0, 1],
    [4, 5],
    [8, 10],
  ]);
  assert.deepEqual(own(a), [
    [1, 2],
    [3, 4],
  ]);
  const [longer] = prepare(
    trace(sent("root", null, { duration: 2 }), sent("late", "root", { start: 1, duration: 9 })),
    false,
  );
  assert.deepEqual(own(longer), [[0, 1]]);
});

test("nothing is placed beside the picture", () => {
  assert.deepEqual(placed(2, 4, 8), [0.25, 0.5]);
  assert.deepEqual(placed(-2, 4, 8), [0, 0.25]);
  assert.deepEqual(placed(6, 9, 8), [0.75, 0.25]);
  assert.deepEqual(placed(Number.NaN, 1, 8), [0, 0]);
});

test("an axis has three to seven lines at round figures", () => {
  for (const total of [0.001, 0.9, 1, 7, 130, 2_000, 1e9]) {
    const count = total / tickWidth(total);
    assert.ok(count >= 2 && count <= 6, `${total}: ${count}`);
  }
  assert.deepEqual(
    ticks(100).map(({ text }) => text),
    ["0", "20 ms", "40 ms", "60 ms", "80 ms"],
  );
  assert.deepEqual(
    ticks(100).map(({ from }) => from),
    [0, 0.2, 0.4, 0.6, 0.8],
  );
});

test("keys lead through the waterfall, past what is folded", () => {
  const [root, a, c, b] = tree();
  const all = [root, a, c, b];
  const none = new Set();
  assert.deepEqual(inWaterfall("ArrowDown", a, all, none), { to: c });
  assert.deepEqual(inWaterfall("ArrowUp", a, all, none), { to: root });
  assert.deepEqual(inWaterfall("ArrowDown", a, [root, a, b], new Set(["a"])), { to: b });
  assert.deepEqual(inWaterfall("Home", b, all, none), { to: root });
  assert.deepEqual(inWaterfall("End", a, all, none), { to: b });
  assert.deepEqual(inWaterfall("ArrowDown", b, all, none), { to: undefined });
  assert.equal(inWaterfall("x", a, all, none), null);
});

test("left and right fold, unfold, and lead up and down", () => {
  const [root, a, c, b] = tree();
  const all = [root, a, c, b];
  const folded = new Set(["a"]);
  assert.deepEqual(inWaterfall("ArrowRight", a, all, new Set()), { to: c });
  assert.deepEqual(inWaterfall("ArrowRight", a, [root, a, b], folded), { folds: true });
  assert.deepEqual(inWaterfall("ArrowLeft", a, all, new Set()), { folds: true });
  assert.deepEqual(inWaterfall("ArrowLeft", a, [root, a, b], folded), { to: root });
  assert.deepEqual(inWaterfall("ArrowLeft", c, all, new Set()), { to: a });
  assert.deepEqual(inWaterfall("ArrowRight", c, all, new Set()), { folds: false });
  assert.deepEqual(inWaterfall("Enter", a, all, new Set()), { folds: true });
  assert.deepEqual(inWaterfall(" ", c, all, new Set()), { folds: false });
});

test("keys lead through the flame graph: on a level by time, and up and down", () => {
  const [root, a, c, b] = tree();
  const all = [root, a, c, b];
  assert.deepEqual(inFlame("ArrowRight", a, all), { to: b });
  assert.deepEqual(inFlame("ArrowLeft", b, all), { to: a });
  assert.deepEqual(inFlame("ArrowLeft", a, all), { to: undefined });
  assert.deepEqual(inFlame("ArrowUp", c, all), { to: a });
  assert.deepEqual(inFlame("ArrowDown", a, all), { to: c });
  assert.deepEqual(inFlame("Home", c, all), { to: root });
  assert.equal(inFlame("End", c, all), null);
});
