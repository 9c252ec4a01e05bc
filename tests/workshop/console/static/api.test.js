// What happens to requests that the network loses.

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

Object.assign(globalThis, { document: { body: { dataset: {} } } });
const { ask } = await import("../../../../template/workshop/console/static/api.js");

/** @type {string[]} */
let asked = [];
let lost = 0;
let text = '{"a": 1}';

beforeEach(() => {
  asked = [];
  mock.timers.enable({ apis: ["setTimeout"] });
  mock.method(
    globalThis,
    "fetch",
    async (/** @type {string} */ _, /** @type {RequestInit} */ { method = "GET" } = {}) => {
      asked.push(method);
      if (lost-- > 0) throw new TypeError("Failed to fetch");
      return new Response(text);
    },
  );
});

afterEach(() => {
  mock.timers.reset();
  mock.restoreAll();
});

/** @param {Promise<unknown>} answer */
async function after(answer) {
  answer.catch(() => {});
  await new Promise((done) => setImmediate(done));
  mock.timers.tick(500);
  return answer;
}

test("what only reads is asked for twice", async () => {
  lost = 1;
  assert.deepEqual(await after(ask("/api/steps")), { a: 1 });
  assert.deepEqual(asked, ["GET", "GET"]);
  lost = 2;
  await assert.rejects(after(ask("/api/steps")), /The console isn't responding/);
  assert.equal(asked.length, 4);
});

test("what does something isn't, because it might be done already", async () => {
  lost = 1;
  await assert.rejects(after(ask("/api/next", {})), /The console isn't responding/);
  assert.deepEqual(asked, ["POST"]);
});

test("an answer from something else, such as a proxy, is no answer", async () => {
  lost = 0;
  text = "<h1>Bad gateway</h1>";
  await assert.rejects(after(ask("/api/steps")), /The console isn't responding/);
  assert.deepEqual(asked, ["GET"]);
});
