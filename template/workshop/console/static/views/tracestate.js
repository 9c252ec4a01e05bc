// The trace and the span that a page shows, while more spans arrive.

/** @import { Span, Trace } from "../types.js" */

import { ask, sentence } from "../api.js";
import { useEffect, useNews, useRedraw, useRef, useState } from "../html.js";
import { live } from "../live.js";
import { worst } from "../spans.js";

/**
 * The trace, requested again whenever more of its spans arrive.
 * @param {string} id
 */
export function useTrace(id) {
  const [trace, setTrace] = useState(/** @type {Trace | null} */ (null));
  const [problem, setProblem] = useState("");
  const seen = useRef(live.traces.get(id));
  const asked = useRef(0);

  async function load() {
    asked.current += 1;
    const number = asked.current;
    seen.current = live.traces.get(id);
    try {
      const found = await ask(`/api/traces/${encodeURIComponent(id)}`);
      if (number === asked.current) setTrace(found);
    } catch (error) {
      setProblem(sentence(error));
    }
  }

  useEffect(() => {
    load();
  }, []);
  useNews(() => {
    const now = live.traces.get(id);
    if (now && now !== seen.current) load();
  });
  return { trace, problem };
}

/**
 * The selected span. It stays selected while more spans arrive.
 * @param {Span[]} spans
 * @param {boolean} isFailed whether to select the error first
 */
export function useSelection(spans, isFailed) {
  const redraw = useRedraw();
  const id = useRef("");
  const selected =
    spans.find((span) => span.id === id.current) ?? (isFailed ? worst(spans) : spans[0]);
  if (selected) id.current = selected.id;
  /** @param {string} chosen */
  function select(chosen) {
    if (chosen === id.current) return;
    id.current = chosen;
    redraw();
  }
  return { selected, select };
}
