// What somebody can do in the picture of a trace: select a span, fold, go to a hit, open the details.

/** @import { Span } from "../types.js" */
/** @import { TraceState } from "../viewaddress.js" */
/** @import { Zoom } from "../zoom.js" */
/** @import { Found } from "./insearch.js" */

import { nextHit } from "../hits.js";
import { useLayoutEffect, useRef, useState } from "../html.js";
import { reach } from "../parts.js";
import { showing } from "../zoom.js";
import { FIELD } from "./insearch.js";
import { zoomMoves } from "./zoommoves.js";

/** Then the details are a sheet over the picture, and only open if somebody opens them. */
const NARROW = "(max-width: 52rem)";

/**
 * What the moves need to know of the page.
 * @typedef {object} Context
 * @property {Span[]} spans
 * @property {Zoom} shown the part of the time in the picture
 * @property {number} total
 * @property {{current: HTMLElement | null}} canvas
 * @property {TraceState} state
 * @property {(part: Partial<TraceState>) => void} change
 * @property {Found} found
 * @property {Span | undefined} selected
 *
 * @typedef {{current: Context}} Latest
 * @typedef {{id: string, withFocus: boolean} | null} Target a span that has to come into view
 */

/**
 * The moves. They stay the same functions, so that the lines of a picture don't all render again.
 * @param {Context} context
 */
export function useMoves(context) {
  const latest = useRef(context);
  latest.current = context;
  const { state, selected } = context;
  const first = state.span || state.details === "open" ? (selected?.id ?? "") : "";
  // A link to a span leads to it.
  const target = useRef(/** @type {Target} */ (first ? { id: first, withFocus: false } : null));
  const [folded, setFolded] = useState(/** @type {Set<string>} */ (new Set()));
  const [made] = useState(() => ({
    ...selectMoves(latest, target, setFolded),
    ...zoomMoves(latest),
    ...detailMoves(latest, target),
  }));
  useLayoutEffect(() => {
    if (target.current) reach(context.canvas.current, target.current);
    target.current = null;
  });
  return { ...made, folded };
}

/**
 * @param {Latest} latest
 * @param {{current: Target}} target
 * @param {(update: (before: Set<string>) => Set<string>) => void} setFolded
 */
function selectMoves(latest, target, setFolded) {
  /** @param {string} id */
  function fold(id) {
    setFolded((before) => {
      const now = new Set(before);
      if (!now.delete(id)) now.add(id);
      return now;
    });
  }

  /** @param {string} id */
  function select(id) {
    if (id !== latest.current.selected?.id) latest.current.change({ span: id });
  }

  /**
   * Select a span, and bring it into view, whatever is folded and zoomed.
   * @param {string} id
   * @param {boolean} [withFocus]
   */
  function go(id, withFocus = true) {
    const { spans, shown, total, change } = latest.current;
    const byId = new Map(spans.map((span) => [span.id, span]));
    const span = byId.get(id);
    if (!span) return;
    /** @type {Set<string>} */
    const above = new Set();
    for (let up = byId.get(span.parent ?? ""); up; up = byId.get(up.parent ?? "")) above.add(up.id);
    setFolded((before) => {
      const still = [...before].filter((one) => !above.has(one));
      return still.length < before.size ? new Set(still) : before;
    });
    target.current = { id, withFocus };
    change({ span: id, zoom: showing(shown, total, span) });
  }

  /** @param {1 | -1} direction */
  function step(direction) {
    const { spans, found, selected } = latest.current;
    const places = new Map(spans.map((span, at) => [span.id, at]));
    const hit = nextHit(found.hits, (id) => places.get(id) ?? -1, direction, selected?.id);
    if (hit) go(hit, document.activeElement?.id !== FIELD);
  }

  return { fold, select, go, step };
}

/**
 * @param {Latest} latest
 * @param {{current: Target}} target
 */
function detailMoves(latest, target) {
  const isNarrow = () => matchMedia(NARROW).matches;
  const isOpen = () => {
    const { details } = latest.current.state;
    return details === "open" || (details === "" && !isNarrow());
  };

  /** @param {string} [id] of the span, if it isn't the selected one */
  function open(id = latest.current.selected?.id) {
    if (!id) return;
    target.current = { id, withFocus: false }; // the sheet must not lie over it
    latest.current.change({ span: id, details: isNarrow() ? "open" : "" });
  }

  /** Close them, and put the focus back where they were opened from. */
  function close() {
    if (!isOpen()) return;
    const { canvas, selected, change } = latest.current;
    const isInside = document.activeElement?.closest("aside.details");
    change({ details: isNarrow() ? "" : "closed" });
    if (isInside && selected) reach(canvas.current, { id: selected.id, withFocus: true });
  }

  return { open, close, toggle: () => (isOpen() ? close() : open()) };
}
