// The page of a step: its parts, where one stands, and what runs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { splitPage } from "../../../../template/workshop/console/static/pageparts.js";
import {
  onWork,
  questionsOf,
  run,
  standing,
  workOf,
} from "../../../../template/workshop/console/static/stepwork.js";

const WORDS = '<section class="words"><h2>Words</h2></section>';

test("the tools come after the first section that says what to do", () => {
  const before = "<h2>Why</h2><p>a</p><h2>Do: answer the questions</h2><p>b</p>";
  const after = "<h2>Do: make it fast</h2><h2>Check</h2>";
  assert.deepEqual(splitPage(before + after + WORDS), [before, after + WORDS]);
  assert.deepEqual(splitPage(`<h2>Do</h2><p>b</p>${WORDS}`), ["<h2>Do</h2><p>b</p>", WORDS]);
  assert.deepEqual(splitPage("<h2>Do</h2>"), ["<h2>Do</h2>", ""]);
});

test("a page without that section has them before its check, or at its end", () => {
  assert.deepEqual(splitPage("<p>a</p><h2>Check</h2>b"), ["<p>a</p>", "<h2>Check</h2>b"]);
  assert.deepEqual(splitPage(`<h2>Donuts</h2>${WORDS}`), ["<h2>Donuts</h2>", WORDS]);
  assert.deepEqual(splitPage("<p>a</p>"), ["<p>a</p>", ""]);
});

test("a heading inside something else doesn't cut it", () => {
  const page = "<h2>Do</h2><details><summary>x</summary><h2>In</h2></details><h2>Next</h2>";
  assert.deepEqual(splitPage(page), [page.slice(0, -13), "<h2>Next</h2>"]);
});

test("the questions of a step are counted", () => {
  const of = (
    /** @type {boolean} */ asksGuess,
    /** @type {string} */ guess,
    /** @type {string[]} */ answers = [],
  ) => questionsOf({ asksGuess, guess, answers });
  assert.deepEqual(of(true, ""), { all: 1, open: 1 });
  assert.deepEqual(of(true, "20"), { all: 1, open: 0 });
  assert.deepEqual(of(false, "", ["One", "", "Two", ""]), { all: 4, open: 2 });
});

test("one line says where one stands", () => {
  const step = { number: 1, title: "", minutes: 1, done: false, here: true, in_the_code: false };
  const idle = { meanwhile: "", result: null };
  const failed = { passed: false, problem: "", requirements: [], notes: [], sharing: "" };
  const none = { all: 0, open: 0 };
  assert.equal(standing(step, idle, none), "The check hasn't passed yet");
  assert.equal(
    standing(step, idle, { all: 3, open: 2 }),
    "The check hasn't passed yet · 2 of 3 questions open",
  );
  assert.equal(
    standing(step, { meanwhile: "", result: { report: failed } }, { all: 3, open: 0 }),
    "✗ The check didn't pass · 3 of 3 questions answered",
  );
  assert.equal(
    standing(step, { meanwhile: "Checking a copy. Wait.", result: null }, none),
    "Checking a copy",
  );
  assert.equal(
    standing(step, idle, { all: 1, open: 0 }),
    "The check hasn't passed yet · 1 of 1 question answered",
  );
  assert.equal(standing({ ...step, done: true }, idle, { all: 1, open: 0 }), "✓ The check passed");
});

test("the result of an action waits for whoever looks, and only one runs at a time", async () => {
  let heard = 0;
  const stop = onWork(() => {
    heard += 1;
  });
  /** @type {(value: {difference: string}) => void} */
  let finish = () => {};
  const act = () =>
    new Promise((/** @type {(value: {difference: string}) => void} */ one) => {
      finish = one;
    });
  const running = run(3, "Wait", act);
  assert.deepEqual(workOf(3), { meanwhile: "Wait", result: null });
  assert.equal(workOf(4).meanwhile, "");
  await run(3, "A second one", () => assert.fail("it must not begin"));
  stop(); // nobody looks
  finish({ difference: "x" });
  await running;
  assert.deepEqual(workOf(3), { meanwhile: "", result: { difference: "x" } });
  assert.equal(heard, 1);
  await run(3, "Round 1", async (tell) => {
    tell("Round 2");
    assert.deepEqual(workOf(3), { meanwhile: "Round 2", result: null });
    return { measured: "3 times" };
  });
  assert.deepEqual(workOf(3).result, { measured: "3 times" });
  await run(3, "Again", () => Promise.reject(new Error("No console.")));
  assert.deepEqual(workOf(3).result, { problem: "No console." });
});
