// The search within a trace.

/** @import { Span, Trace } from "../types.js" */

import { ask, sentence } from "../api.js";
import { hitText } from "../hits.js";
import { html, useEffect, useLayoutEffect, useMemo, useState } from "../html.js";
import { tell } from "../parts.js";

const WAIT_MS = 200;
export const FIELD = "in-trace";

/**
 * What a query finds among the drawn spans, in their order. `elsewhere` counts what isn't drawn.
 * @typedef {{hits: string[], elsewhere: number, problem: string, isAnswer: boolean}} Found
 */

/**
 * Ask the server, a moment after the last change, and whenever more spans arrived.
 * @param {Trace} trace
 * @param {Span[]} spans
 * @param {string} q
 * @returns {Found}
 */
export function useHits(trace, spans, q) {
  const [answer, setAnswer] = useState({ q: "", spans: /** @type {string[]} */ ([]), problem: "" });
  const query = q.trim();
  useEffect(() => {
    if (!query) return;
    let isLatest = true;
    const timer = setTimeout(async () => {
      const found = await matches(trace.id, query);
      if (isLatest) setAnswer({ q: query, ...found });
    }, WAIT_MS);
    return () => {
      isLatest = false;
      clearTimeout(timer);
    };
  }, [trace, query]);
  return useMemo(() => {
    const matching = new Set(query && answer.q === query ? answer.spans : []);
    const hits = spans.filter((span) => matching.has(span.id)).map((span) => span.id);
    const elsewhere = matching.size - hits.length;
    const problem = answer.q === query ? answer.problem : "";
    return { hits, elsewhere, problem, isAnswer: query !== "" && answer.q === query };
  }, [spans, answer, query]);
}

/**
 * @param {string} id
 * @param {string} query
 * @returns {Promise<{spans: string[], problem: string}>}
 */
async function matches(id, query) {
  try {
    const asked = new URLSearchParams({ q: query });
    const answer = await ask(`/api/traces/${encodeURIComponent(id)}/matches?${asked}`);
    return { spans: answer.spans ?? [], problem: answer.problem ?? "" };
  } catch (error) {
    return { spans: [], problem: sentence(error) };
  }
}

/**
 * @param {object} props
 * @param {string} props.q
 * @param {Found} props.found
 * @param {string} [props.selected]
 * @param {(q: string) => void} props.onType
 * @param {(step: 1 | -1) => void} props.onStep
 */
export function InSearch({ q, found, selected, onType, onStep }) {
  const { hits, elsewhere, problem, isAnswer } = found;
  const text = problem || (isAnswer ? hitText(hits, elsewhere, selected) : "");
  useLayoutEffect(() => {
    if (text) tell(text);
  }, [text]);

  /** @param {KeyboardEvent & {currentTarget: HTMLInputElement}} event */
  function keys(event) {
    if (event.key === "Enter" && !event.isComposing) onStep(event.shiftKey ? -1 : 1);
    else if (event.key === "Escape" && q) onType("");
    else if (event.key === "Escape") event.currentTarget.blur();
    else return;
    event.preventDefault();
  }

  return html`<div class="insearch" role="search" aria-label="In this trace">
    <input
      id=${FIELD} type="search" aria-label="Search in this trace" placeholder="Search in this trace" title="Press / to search"
      autocomplete="off" autocapitalize="off" spellcheck="false" aria-invalid=${problem ? "true" : null}
      aria-describedby="in-trace-says" value=${q}
      onInput=${(/** @type {{currentTarget: HTMLInputElement}} */ event) => onType(event.currentTarget.value)}
      onKeyDown=${keys}
    />
    ${
      hits.length > 0 &&
      html`
        <button type="button" class="copy" aria-label="Previous hit" title="Previous hit (Shift+n)" onClick=${() => onStep(-1)}>↑</button>
        <button type="button" class="copy" aria-label="Next hit" title="Next hit (n)" onClick=${() => onStep(1)}>↓</button>
      `
    }
    <span id="in-trace-says" class=${problem ? "message" : "quiet"}>${text}</span>
  </div>`;
}
