// Which trace and which span a page is about, while more of them comes in.

/** @import { Span, Trace } from "../types.js" */

import { ask, sentence } from "../api.js";
import { useEffect, useNews, useRedraw, useRef, useState } from "../html.js";
import { live } from "../live.js";
import { worst } from "../spans.js";

/**
 * The trace, asked for anew whenever more of it has come in.
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
 * Which span is looked at. What was chosen stays so while more spans come in.
 * @param {Span[]} spans
 * @param {boolean} isFailed whether to begin with the error
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
