// What the board computes from the server's documents.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  age,
  at,
  described,
  minutes,
  quiet,
  since,
  standing,
  stepName,
  summary,
  troubleNow,
} from "../../../../src/matchmaker/board/static/words.js";

/** @import { Person, State } from "../../../../src/matchmaker/board/static/types.js" */

const NOW = 1_800_000_000;
let last = 0;

/**
 * @param {Partial<Person>} [fields]
 * @returns {Person}
 */
function person(fields) {
  last += 1;
  return {
    number: last,
    name: `Trainee ${last}`,
    standing: "working",
    place: 2,
    worked: 0,
    seen: NOW,
    passed: 0,
    is_quiet: false,
    hints: 0,
    stopped_at: "",
    problem: "",
    ...fields,
  };
}

test("a duration is in whole minutes, and in hours when minutes are too many", () => {
  /** @type {[number, string][]} */
  const written = [
    [0, "<1 min"],
    [59, "<1 min"],
    [60, "1 min"],
    [119 * 60 + 59, "119 min"],
    [120 * 60, "2 h"],
    [30 * 3600, "30 h"],
  ];
  for (const [seconds, text] of written) assert.equal(minutes(seconds), text);
});

test("time goes on for somebody who works, but not over a break", () => {
  const one = person({ worked: 300, seen: NOW - 120 });
  assert.equal(since(one, NOW), 420);
  assert.equal(since(one, NOW + 29 * 60 - 120), 300 + 29 * 60);
  assert.equal(since(one, NOW + 31 * 60), 300);
  assert.equal(since({ ...one, seen: NOW + 60 }, NOW), 300); // a clock that's a little ahead
  const green = person({ standing: "green", worked: 300, passed: NOW - 90 });
  assert.equal(since(green, NOW), 90);
});

test("at a step, those who may need help come first", () => {
  const people = [
    person({ name: "green", standing: "green", passed: NOW - 10 }),
    person({ name: "works", worked: 60 }),
    person({ name: "red, just now", standing: "red", worked: 60 }),
    person({ name: "red for long", standing: "red", worked: 600 }),
    person({ name: "elsewhere", place: null }),
    person({ name: "done", standing: "finished" }),
    person({ name: "next step", place: 3 }),
  ];
  const names = at(people, 2, NOW).map(({ name }) => name);
  assert.deepEqual(names, ["red for long", "red, just now", "works", "green"]);
  assert.deepEqual(
    at(people, null, NOW).map(({ name }) => name),
    ["elsewhere"],
  );
  assert.deepEqual(
    standing(people, "finished").map(({ name }) => name),
    ["done"],
  );
});

test("words say what the signs show", () => {
  const busy = person({ standing: "red", worked: 240, seen: NOW - 60, hints: 1 });
  assert.equal(described(busy, NOW), "not green, 5 min at this step, 1 hint");
  const gone = person({ standing: "green", passed: NOW - 1500, seen: NOW - 1500, is_quiet: true });
  assert.equal(
    described({ ...gone, hints: 3, problem: "the remote refuses" }, NOW),
    "green, for 25 min, 3 hints, last seen 25 min ago, an old record",
  );
  assert.equal(described(person({ standing: "waiting" }), NOW), "not begun");
  assert.equal(described(person({ standing: "unknown", problem: "x" }), NOW), "no record");
});

test("who was silent for the longest time comes first", () => {
  const people = [
    person({ name: "b", is_quiet: true, seen: NOW - 20 }),
    person({ name: "a", is_quiet: true, seen: NOW - 90 }),
    person({ name: "here" }),
  ];
  assert.deepEqual(
    quiet(people).map(({ name }) => name),
    ["a", "b"],
  );
});

test("the line above the board says what is wrong, and how old the rest is", () => {
  const now = NOW * 1000;
  const fine = {
    content: { trouble: "" },
    collected: now - 9_000,
    problem: /** @type {""} */ (""),
  };
  assert.equal(troubleNow(fine, now), "");
  assert.match(troubleNow({ ...fine, problem: "locked" }, now), /has a new token/);
  assert.match(
    troubleNow({ ...fine, problem: "gone" }, now + 200_000),
    /isn't responding.* 3 min old/,
  );
  assert.equal(
    troubleNow({ content: null, collected: 0, problem: "gone" }, now),
    "The board isn't responding. Is `matchmaker board` still running?",
  );
  assert.match(troubleNow({ ...fine, content: { trouble: "No disk." } }, now), /^No disk\. What/);
  assert.match(troubleNow(fine, now + 90_000), /takes long/);
});

test("the age of the page", () => {
  assert.equal(age(0, NOW), "Reading the records…");
  assert.equal(age(NOW, NOW + 9_400), "Updated 9 s ago");
  assert.equal(age(NOW, NOW + 130_000), "Updated 2 min ago");
  assert.equal(age(NOW, NOW - 5), "Updated 0 s ago");
});

test("the totals leave out what is zero", () => {
  const state = (/** @type {Person[]} */ people) =>
    /** @type {State} */ ({
      people,
      steps: [],
      visits: [],
      pace: { headline: "", detail: "", next: null },
    });
  assert.equal(summary(state([person(), person({ standing: "waiting" })])), "1 of 2 have begun");
  assert.equal(
    summary(state([person({ hints: 2 }), person({ standing: "finished", hints: 1 })])),
    "2 of 2 have begun · 1 finished · 1 asked for hints",
  );
});

test("a step that this version doesn't have", () => {
  assert.equal(stepName({ number: 3, title: "Drill down" }), "3. Drill down");
  assert.equal(stepName(undefined), "Another step");
});
