// The view of one trace: its address, what it draws, its keys, and the hits of a search.

import assert from "node:assert/strict";
import { test } from "node:test";
import { criticalPath } from "../../../../template/workshop/console/static/critical.js";
import { boxesInView, linesInView } from "../../../../template/workshop/console/static/drawn.js";
import {
  hitText,
  moreHits,
  nextHit,
  traceLink,
} from "../../../../template/workshop/console/static/hits.js";
import {
  actionOf,
  IN_PICTURE,
  isCharacter,
  isField,
  KEYS,
  keyName,
} from "../../../../template/workshop/console/static/keys.js";
import { prepare } from "../../../../template/workshop/console/static/spans.js";
import { stateIn, stateSearch } from "../../../../template/workshop/console/static/viewaddress.js";
import { sent, trace } from "./made.js";

test("each state is an address, and the address is that state again", () => {
  const search =
    "?view=flame&framework=1&critical=0&from=20&to=80.5&q=status%3A500+x&span=7&details=open";
  const state = stateIn(search);
  assert.deepEqual(state, {
    span: "7",
    view: "flame",
    framework: true,
    critical: false,
    zoom: { from: 20, to: 80.5 },
    q: "status:500 x",
    details: "open",
  });
  assert.equal(stateSearch(state), search);
  assert.equal(stateSearch(stateIn("")), "");
  for (const odd of ["<b>&=%", "🍩 \u202e", "a+b"]) {
    const there = { ...stateIn(""), q: odd, span: odd };
    assert.deepEqual(stateIn(stateSearch(there)), there);
  }
});

test("an address that says something odd shows the usual picture", () => {
  for (const odd of [
    "?from=a&to=b",
    "?from=9&to=3",
    "?from=1",
    "?to=NaN&from=Infinity",
    "?view=pie",
    "?details=maybe",
    "?%E0%A4%A",
  ])
    assert.deepEqual(stateIn(odd), stateIn(""), odd);
});

test("the address goes before what somebody chose in another trace", () => {
  const usual = /** @type {const} */ ({ view: "flame", framework: true });
  assert.equal(stateIn("", usual).view, "flame");
  assert.equal(stateSearch(stateIn("", usual)), "?view=flame&framework=1");
  assert.equal(stateIn("?view=waterfall", usual).view, "waterfall");
  assert.equal(stateIn("?framework=0", usual).framework, false);
});

test("what differs from what the tab remembers is in the address, and all of it in a link", () => {
  const plain = stateIn("");
  const usual = /** @type {const} */ ({ view: "flame", framework: true });
  assert.equal(stateSearch(plain, usual), "?view=waterfall&framework=0");
  assert.deepEqual(stateIn(stateSearch(plain, usual), usual), plain);
  assert.equal(stateSearch(plain, {}), "?view=waterfall&framework=0");
  for (const state of [plain, stateIn("", usual)])
    for (const others of [{}, usual, plain])
      assert.deepEqual(stateIn(stateSearch(state, {}), others), state);
});

test("of ten thousand lines, those in the window are drawn, and some around them", () => {
  assert.deepEqual(linesInView(10_000, 30, 0, 900), [0, 60]);
  const [first, end] = linesInView(10_000, 30, 150_000, 900);
  assert.ok(first <= 4_980 && first >= 4_960);
  assert.ok(end >= 5_030 && end <= 5_080);
  assert.deepEqual(linesInView(10_000, 30, 9e9, 900), [10_000, 10_000]);
  assert.deepEqual(linesInView(5, 30, -400, 900), [0, 5]);
  assert.deepEqual(linesInView(10_000, 0, 0, 900), [0, 600]); // not laid out yet
  // A few pixels further, the same lines are drawn: nothing has to render.
  assert.deepEqual(linesInView(10_000, 30, 3_010, 900), linesInView(10_000, 30, 3_050, 900));
});

test("a flame graph has no more boxes than a browser can draw, and always the selected one", () => {
  // In one half, each is on its own; in the other, each covers most of the others.
  const many = Array.from({ length: 9_999 }, (_, n) =>
    sent(`s${n}`, "root", { start: n, duration: n < 5_000 ? 0.5 : 5_000 }),
  );
  const spans = prepare(trace(sent("root", null, { duration: 10_000 }), ...many), false);
  const all = { from: 0, to: 10_000 };
  const drawn = boxesInView(spans, all, [0, 10]);
  assert.ok(drawn.length > 200 && drawn.length <= 700, String(drawn.length));
  assert.equal(drawn[0].id, "root");
  const missing = spans.find((span) => !drawn.includes(span));
  assert.ok(missing);
  assert.ok(boxesInView(spans, all, [0, 10], missing.id).includes(missing));
  assert.equal(boxesInView(spans, { from: 100, to: 110 }, [0, 10]).length, 12);
  assert.deepEqual(
    boxesInView(spans, all, [0, 1]).map((span) => span.id),
    ["root"],
  );
});

test("the critical path is on the spans that are drawn, and is never odd", () => {
  const whole = trace(
    sent("root", null, { duration: 10 }),
    sent("dispatch", "root", { framework: true, folded_parent: null }),
    sent("view", "dispatch", { folded_parent: "root" }),
  );
  whole.critical = [
    ["view", 4, 5],
    ["root", 9, 1],
    ["dispatch", 1, 3],
    ["root", 0, 1],
    ["gone", 0, 1],
    ["view", Number.NaN, 1],
    ["view", 0, -1],
  ];
  assert.deepEqual(
    [...criticalPath(whole, prepare(whole, true), true)],
    [
      ["view", [[4, 9]]],
      [
        "root",
        [
          [0, 1],
          [9, 10],
        ],
      ],
      ["dispatch", [[1, 4]]],
    ],
  );
  // The other view's path would have holes where its own spans aren't drawn.
  assert.equal(criticalPath(whole, prepare(whole, false), false).size, 0);
  whole.folded_critical = [["view", 1, 8]];
  assert.deepEqual([...criticalPath(whole, prepare(whole, false), false)], [["view", [[1, 9]]]]);
  assert.equal(criticalPath(trace(sent("root", null)), [], false).size, 0);
});

test("hits are visited in the order of the picture, and then again from the first", () => {
  const order = ["a", "b", "c", "d", "e"];
  const placeOf = (/** @type {string} */ id) => order.indexOf(id);
  const hits = ["b", "d"];
  assert.equal(nextHit(hits, placeOf, 1, "b"), "d");
  assert.equal(nextHit(hits, placeOf, 1, "d"), "b");
  assert.equal(nextHit(hits, placeOf, -1, "b"), "d");
  assert.equal(nextHit(hits, placeOf, 1, "c"), "d");
  assert.equal(nextHit(hits, placeOf, -1, "c"), "b");
  assert.equal(nextHit(hits, placeOf, -1, "a"), "d");
  assert.equal(nextHit(hits, placeOf, -1, "e"), "d");
  assert.equal(nextHit(hits, placeOf, 1), "b");
  assert.equal(nextHit([], placeOf, 1, "a"), undefined);
});

test("what a search found is said in a few words", () => {
  assert.equal(hitText(["b", "d"], 0, "d"), "2 of 2");
  assert.equal(hitText(["b", "d"], 0, "a"), "2 hits");
  assert.equal(hitText(["b"], 0), "1 hit");
  assert.equal(hitText([], 0, "a"), "No hits");
  assert.equal(hitText([], 3), "No hits (and 3 in the framework's own spans)");
});

test("each key does one thing, on each keyboard", () => {
  /**
   * @param {string} key
   * @param {object} [held]
   */
  const pressed = (key, held) =>
    actionOf({ key, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, ...held });
  const shiftKey = true;
  assert.equal(pressed("/"), "search");
  assert.equal(pressed("/", { shiftKey }), "search"); // a German keyboard
  assert.equal(pressed("?", { shiftKey }), "help");
  assert.equal(pressed("?"), "help");
  assert.equal(pressed("n"), "next");
  assert.equal(pressed("N"), "next"); // Caps Lock
  assert.equal(pressed("N", { shiftKey }), "previous");
  assert.equal(pressed("+", { shiftKey }), "zoomIn");
  assert.equal(pressed("ArrowLeft", { shiftKey }), "earlier");
  assert.equal(pressed("ArrowLeft"), undefined);
  assert.equal(pressed("c", { ctrlKey: true }), undefined);
  assert.equal(pressed("d", { metaKey: true }), undefined);
  const keys = KEYS.flatMap((one) => one.keys);
  assert.equal(new Set(keys).size, keys.length);
  for (const { keys: names } of [...KEYS, ...IN_PICTURE])
    for (const name of names) assert.doesNotMatch(keyName(name), /Arrow|Escape|undefined/);
});

test("no key does something while somebody types", () => {
  assert.ok(isField({ tagName: "INPUT", type: "search" }));
  assert.ok(isField({ tagName: "TEXTAREA" }));
  assert.ok(isField({ tagName: "SELECT" }));
  assert.ok(isField({ tagName: "DIV", isContentEditable: true }));
  assert.ok(!isField({ tagName: "INPUT", type: "checkbox" }));
  assert.ok(!isField({ tagName: "BUTTON", type: "button" }));
  assert.ok(!isField(null));
});

test("the list counts hits as the trace does, and leads to the first one", () => {
  const one = { count: 1, framework: 0, span: "7", title: "redis GET" };
  assert.equal(moreHits(one), "");
  assert.equal(moreHits({ ...one, count: 3 }), " and 2 more");
  assert.equal(
    moreHits({ ...one, count: 1_500, framework: 2 }),
    " and 1,499 more (and 2 in the framework's own spans)",
  );
  assert.equal(moreHits({ ...one, count: 0, framework: 3 }), " and 2 more");
  assert.equal(traceLink("a1", " x&y ", one), "/traces/a1?q=x%26y&span=7");
  assert.equal(traceLink("a1", "", undefined), "/traces/a1");
  assert.equal(traceLink("a1", "-x", { ...one, span: "" }), "/traces/a1?q=-x");
  // The trace has to draw the framework's spans to show a hit that is one of them.
  assert.match(
    traceLink("a1", "x", { ...one, count: 0, framework: 1 }),
    /\?framework=1&q=x&span=7$/,
  );
});

test("only the keys that are one character can be turned off", () => {
  const on = KEYS.flatMap(({ keys }) => keys).map((key) => key.replace("Shift+", ""));
  assert.deepEqual(
    [...new Set(on.filter((key) => !isCharacter({ key })))],
    ["ArrowLeft", "ArrowRight", "Escape"],
  );
});
