// What the page knows of a search, and how it completes one. The server is made up.

/** @import { SearchAnswer } from "../../../../template/workshop/console/static/types.js" */

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { matcher } from "../../../../template/workshop/console/static/filters.js";
import { live, take } from "../../../../template/workshop/console/static/live.js";
import {
  completed,
  matchedIn,
  refresh,
  search,
} from "../../../../template/workshop/console/static/search.js";
import { summary } from "./made.js";

const NONE = { text: "", service: "", resource: "", min: "", error: "" };
const MATCHED = { count: 1, framework: 0, span: "7", title: "redis.command ZREVRANGE" };

/** @type {string[]} */
let asked = [];
/** @type {((answer: Partial<SearchAnswer>) => void)[]} */
let answers = [];

beforeEach(() => {
  asked = [];
  answers = [];
  live.traces.clear();
  mock.method(globalThis, "fetch", (/** @type {string} */ path) => {
    asked.push(path);
    return new Promise((resolve) => {
      answers.push((answer) => {
        const whole = { number: 1, traces: {}, others: [], problem: "", hint: "", ...answer };
        resolve({ ok: true, json: async () => whole });
      });
    });
  });
});

/** @param {string[]} ids */
function arrive(...ids) {
  take({ traces: ids.map((id) => summary({ id })), state: null });
}

/** @param {string} text */
function listed(text) {
  return [...live.traces.values()].filter(matcher({ ...NONE, text })).map(({ id }) => id);
}

test("the list shows what the server found, and which span it was", async () => {
  arrive("1", "2");
  const done = search(" ZREVRANGE ");
  answers[0]({ traces: { 2: MATCHED }, others: ["1"] });
  assert.equal((await done)?.problem, "");
  assert.deepEqual(asked, ["/api/search?q=ZREVRANGE&since=0"]);
  assert.deepEqual(listed("ZREVRANGE"), ["2"]);
  assert.equal(matchedIn("ZREVRANGE ", "2"), MATCHED);
  assert.equal(matchedIn("ZREVRANGE", "1"), undefined);
  assert.deepEqual(listed(""), ["1", "2"]);
  assert.deepEqual(listed("something else"), ["1", "2"]); // not read yet
});

test("what can't be read changes nothing", async () => {
  arrive("1", "2");
  const first = search("redis");
  answers[0]({ traces: { 1: MATCHED } });
  await first;
  const second = search("redis >200");
  answers[1]({ problem: "It needs a unit." });
  assert.equal((await second)?.problem, "It needs a unit.");
  assert.deepEqual(listed("redis"), ["1"]);
});

test("an answer that is overtaken is dropped", async () => {
  arrive("1", "2");
  const slow = search("a");
  const quick = search("ab");
  answers[1]({ traces: { 2: MATCHED } });
  await quick;
  answers[0]({ traces: { 1: MATCHED } });
  assert.equal(await slow, null);
  assert.deepEqual(listed("ab"), ["2"]);
});

test("only traces that come in later are searched again", async () => {
  arrive("1", "2");
  const done = search("-redis");
  answers[0]({ number: 5, traces: { 1: MATCHED, 2: MATCHED } });
  await done;
  assert.equal(await refresh(), false);
  arrive("2", "3");
  const changed = refresh();
  answers[1]({ number: 7, traces: { 3: MATCHED }, others: ["2"] });
  assert.ok(await changed);
  assert.equal(asked[1], "/api/search?q=-redis&since=5");
  assert.deepEqual(listed("-redis"), ["1", "3"]);

  // After a restart all of them are new, and the server counts from 1 again.
  arrive("1", "2", "3");
  const again = refresh();
  answers[2]({ number: 2, traces: { 3: MATCHED }, others: ["1", "2"] });
  assert.ok(await again);
  assert.equal(asked[2], "/api/search?q=-redis&since=0");
  assert.deepEqual(listed("-redis"), ["3"]);
});

test("without a text, nothing is asked", async () => {
  arrive("1");
  assert.deepEqual(await search("  "), { problem: "", hint: "" });
  arrive("2");
  assert.equal(await refresh(), false);
  assert.deepEqual(asked, []);
});

test("a trace that couldn't be searched is searched at the next news", async () => {
  arrive("1");
  const done = search("x");
  answers[0]({});
  await done;
  arrive("2");
  mock.method(globalThis, "fetch", () => Promise.reject(new Error("away")));
  await assert.rejects(refresh());
  mock.method(globalThis, "fetch", async () => ({
    ok: true,
    json: async () => ({ number: 2, traces: { 2: MATCHED }, others: [] }),
  }));
  assert.ok(await refresh());
  assert.deepEqual(listed("x"), ["2"]);
});

test("an offer replaces the term before the cursor", () => {
  assert.deepEqual(completed("serv", 4, "serv", "service:"), { text: "service:", cursor: 8 });
  assert.deepEqual(completed("a service:r b", 11, "service:r", "service:redis"), {
    text: "a service:redis b",
    cursor: 16,
  });
  assert.deepEqual(completed("-beer:", 6, "-beer:", "-beer:ipa"), {
    text: "-beer:ipa ",
    cursor: 10,
  });
  assert.deepEqual(completed("🍩 serv", 7, "serv", "service:"), {
    text: "🍩 service:",
    cursor: 11,
  });
});
