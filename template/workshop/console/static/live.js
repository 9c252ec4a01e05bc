// What the server sends unasked: the latest traces, and the state of everything else.

import { at } from "./address.js";

/** @import { News, State, Summary } from "./types.js" */

const KEPT = 1000;

const RETRY_MS = 1000;

/**
 * The summaries of the latest traces by their IDs, and the `state` from the server. `locked` means
 * that the console restarted and asks for its new token.
 * @typedef {{traces: Map<string, Summary>, state: State, connected: boolean, locked: boolean}} Live
 * @type {Live}
 */
export const live = { traces: new Map(), state: {}, connected: false, locked: false };

/** @type {Set<() => void>} */
const listeners = new Set();

/**
 * Call `listener` whenever something changes. Returns a function that stops it.
 * @param {() => void} listener
 */
export function onNews(listener) {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

/** @type {EventSource | null} */
let source = null;

/**
 * Begin to listen. The browser reconnects by itself, and the server then sends everything again.
 *
 * A hidden page doesn't listen, because a browser has only six connections to a host for all its
 * tabs, and the seventh tab would wait forever.
 */
export function connect() {
  document.addEventListener("visibilitychange", listen);
  listen();
}

function listen() {
  if (document.hidden) {
    source?.close();
    source = null;
    return;
  }
  if (source) return;
  source = new EventSource(at("/api/events"));
  source.addEventListener("begin", (event) => {
    live.traces.clear();
    hear(event);
  });
  source.addEventListener("news", hear);
  source.addEventListener("error", () => {
    live.connected = false;
    announce();
    if (source?.readyState === EventSource.CLOSED) refused();
  });
}

/** Retry, because the browser doesn't retry by itself if the answer isn't a stream. */
async function refused() {
  source = null;
  try {
    live.locked = (await fetch(at("/api/steps"))).status === 403;
  } catch {
    live.locked = false; // the console is gone in the meantime
  }
  announce();
  setTimeout(listen, RETRY_MS);
}

/** @param {MessageEvent<string>} event */
function hear(event) {
  live.connected = true;
  live.locked = false;
  take(JSON.parse(event.data));
  announce();
}

/**
 * Store a message from the server. Keeps only the newest KEPT traces.
 * @param {News} news
 */
export function take({ traces, state }) {
  for (const trace of traces) {
    for (const id of trace.formerly ?? []) live.traces.delete(id);
    live.traces.set(trace.id, trace);
  }
  if (live.traces.size > KEPT)
    for (const trace of newestFirst().slice(KEPT)) live.traces.delete(trace.id);
  if (state) live.state = state;
}

/** All traces, newest first. */
export function newestFirst() {
  return [...live.traces.values()].sort((a, b) => b.root_start - a.root_start);
}

let waiting = false;

/** Call the listeners soon, once for everything that changes until then. */
export function announce() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    for (const listener of listeners) listener();
  });
}
