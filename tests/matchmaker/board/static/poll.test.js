// How the pages ask for news.

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { EVERY_MS, poll } from "../../../../src/matchmaker/board/static/poll.js";

/** @typedef {{status: number, etag?: string, age?: string, content?: unknown} | Error} Answer */

/** @type {{path: string, mark: string | undefined}[]} */
let asked = [];
/** @type {Answer} */
let next;
/** How many requests get lost until one is answered. */
let lost = 0;
const page = { hidden: false, listener: () => {} };

beforeEach(() => {
  asked = [];
  lost = 0;
  page.hidden = false;
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_800_000_000_000 });
  const document = {
    get hidden() {
      return page.hidden;
    },
    addEventListener: (/** @type {string} */ _, /** @type {() => void} */ listener) => {
      page.listener = listener;
    },
    removeEventListener: () => {
      page.listener = () => {};
    },
  };
  const fetch = async (/** @type {string} */ path, /** @type {RequestInit} */ { headers }) => {
    asked.push({ path, mark: new Headers(headers).get("If-None-Match") ?? undefined });
    if (lost-- > 0) throw new TypeError("network");
    if (next instanceof Error) throw next;
    const { status, etag = "", age, content } = next;
    const given = new Headers({ ETag: etag, ...(age && { "Board-Age": age }) });
    return { status, headers: given, json: async () => content };
  };
  Object.assign(globalThis, { document, fetch });
});

afterEach(() => mock.timers.reset());

/** Let everything that isn't waiting for time happen. */
const settle = () => new Promise((done) => setImmediate(done));

/** @param {number} [milliseconds] */
async function later(milliseconds = EVERY_MS) {
  mock.timers.tick(milliseconds);
  await settle();
}

test("it asks again with the mark, and keeps what is the same", async () => {
  /** @type {any[]} */
  const heard = [];
  next = { status: 200, etag: '"1"', age: "3", content: { a: 1 } };
  const stop = poll("/api/board", (news) => heard.push(news));
  await settle();
  assert.deepEqual(heard.pop(), { content: { a: 1 }, collected: Date.now() - 3000, problem: "" });
  next = { status: 304, age: "2" };
  await later();
  assert.deepEqual(heard.pop(), { content: { a: 1 }, collected: Date.now() - 2000, problem: "" });
  assert.deepEqual(asked, [
    { path: "/api/board", mark: undefined },
    { path: "/api/board", mark: '"1"' },
  ]);
  stop();
  await later(10 * EVERY_MS);
  assert.equal(asked.length, 2);
});

test("it keeps the last content while something is wrong, and goes on", async () => {
  /** @type {any} */
  let heard;
  next = { status: 200, etag: '"1"', age: "0", content: "before" };
  const stop = poll("/api/board", (news) => {
    heard = news;
  });
  await settle();
  /** @type {[Answer, string][]} */
  const troubles = [
    [new TypeError("network"), "gone"],
    [{ status: 500 }, "gone"],
    [{ status: 403 }, "locked"],
    [{ status: 200, etag: '"2"', age: "0", content: "after" }, ""],
  ];
  for (const [answer, problem] of troubles) {
    next = answer;
    await later();
    if (answer instanceof Error) await later(500);
    assert.equal(heard.problem, problem);
    assert.equal(heard.content, problem ? "before" : "after");
  }
  stop();
});

test("one lost request is no news, and the page doesn't wait for the next one", async () => {
  /** @type {any[]} */
  const heard = [];
  next = { status: 200, etag: '"1"', age: "0", content: 1 };
  lost = 1;
  const stop = poll("/api/board", (news) => heard.push(news));
  await settle();
  await later(500);
  assert.deepEqual(heard, [{ content: 1, collected: Date.now(), problem: "" }]);
  lost = 2;
  await later();
  await later(500);
  const problems = heard.map(({ problem }) => problem);
  assert.deepEqual(problems, ["", "gone"]);
  stop();
});

test("a hidden page is silent, and asks as soon as somebody looks", async () => {
  next = { status: 200, etag: '"1"', age: "0", content: 1 };
  const stop = poll("/api/board", () => {});
  await settle();
  page.hidden = true;
  await later();
  await later(5 * EVERY_MS);
  const before = asked.length;
  await later(60 * EVERY_MS);
  assert.equal(asked.length, before);
  page.hidden = false;
  page.listener();
  await settle();
  assert.equal(asked.length, before + 1);
  await later();
  assert.equal(asked.length, before + 2);
  stop();
});

test("it waits less for the first records", async () => {
  next = { status: 200, etag: '"0"', content: { state: null } };
  const stop = poll("/api/board", () => {});
  await settle();
  await later(1000);
  assert.equal(asked.length, 2);
  stop();
});
