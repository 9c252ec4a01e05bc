// Asks the server for a document, again and again.

/** @import { News } from "./words.js" */

import { twice } from "../../../../template/workshop/console/static/twice.js";

export const EVERY_MS = 10_000;

/**
 * Ask for the document at `path` now and every ten seconds, while somebody can see the page.
 * `onNews` gets the document, or the one before if it's the same, and how it went.
 * @template Content
 * @param {string} path
 * @param {(news: News<Content>) => void} onNews
 * @returns {() => void} stops it
 */
export function poll(path, onNews) {
  /** @type {News<Content>} */
  let news = { content: null, collected: 0, problem: "" };
  let mark = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let isAsking = false;
  let isStopped = false;

  async function ask() {
    clearTimeout(timer);
    if (isAsking || isStopped) return;
    isAsking = true;
    news = await answered(news);
    isAsking = false;
    if (isStopped) return;
    onNews(news);
    // Until the first records are there, ask more often.
    if (!document.hidden) timer = setTimeout(ask, news.collected || news.problem ? EVERY_MS : 1000);
  }

  /**
   * @param {News<Content>} before
   * @returns {Promise<News<Content>>}
   */
  async function answered(before) {
    try {
      return await twice(() => read(before));
    } catch {
      return { ...before, problem: "gone" };
    }
  }

  /**
   * @param {News<Content>} before
   * @returns {Promise<News<Content>>}
   */
  async function read(before) {
    /** @type {Record<string, string>} */
    const headers = mark ? { "If-None-Match": mark } : {};
    const answer = await fetch(path, { cache: "no-store", headers });
    if (answer.status === 403) return { ...before, problem: "locked" };
    if (answer.status !== 200 && answer.status !== 304) return { ...before, problem: "gone" };
    const age = answer.headers.get("Board-Age");
    const collected = age === null ? 0 : Date.now() - Number(age) * 1000;
    if (answer.status === 304) return { content: before.content, collected, problem: "" };
    const content = await answer.json();
    mark = answer.headers.get("ETag") ?? "";
    return { content, collected, problem: "" };
  }

  const onVisible = () => {
    if (!document.hidden) ask();
  };
  document.addEventListener("visibilitychange", onVisible);
  ask();
  return () => {
    isStopped = true;
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", onVisible);
  };
}
