// One trace: what stands out, its picture, one of its spans, and its log lines.

/** @import { Trace } from "../types.js" */

import { at } from "../address.js";
import { criticalPath } from "../critical.js";
import { html, useMemo, useRef, useTitle } from "../html.js";
import { palette } from "../palette.js";
import { words } from "../parts.js";
import { prepare } from "../spans.js";
import { fitted } from "../zoom.js";
import { Flame } from "./flame.js";
import { FIELD, useHits } from "./insearch.js";
import { LogLines } from "./loglines.js";
import { Minimap } from "./minimap.js";
import { CriticalText, Notes } from "./notes.js";
import { Separator, useWidth } from "./separator.js";
import { SpanAside } from "./span.js";
import { TooLarge } from "./toolarge.js";
import { Heading } from "./tracehead.js";
import { useKeys } from "./tracekeys.js";
import { useMoves } from "./tracemoves.js";
import { useSelected, useTrace, useTraceState } from "./tracestate.js";
import { Tools } from "./tracetools.js";
import { Waterfall } from "./waterfall.js";
import { useToldZoom, useWheel } from "./zoommoves.js";

const NAMES = { least: 120, most: 720, usual: 15.5 };
const DETAILS = { least: 220, most: 720, usual: 18 };
/** Narrower names, in pixels, have no room for what a span did. */
const SHORT = 360;
/** @type {Map<string, [number, number][]>} */
const NO_PATH = new Map();

/** @param {{id: string}} props */
export function TraceView({ id }) {
  const { trace, problem } = useTrace(id);
  useTitle(`${trace?.resource ?? "Trace"} · Matchmaker`);
  return html`
    <p class="back"><a href=${at(`/traces${sessionStorage.getItem("list") ?? ""}`)}>← All traces</a></p>
    ${trace?.too_large && html`<${TooLarge} trace=${trace} />`}
    ${trace && !trace.too_large && html`<${Whole} trace=${trace} />`}
    ${
      !trace &&
      problem &&
      html`<div class="head">
        <h1>No such trace</h1>
        <p>${words(problem)}${" A trace arrives about a second after its request. This page shows it then."}</p>
      </div>`
    }
  `;
}

/** @param {{trace: Trace}} props */
function Whole({ trace }) {
  const total = Math.max(trace.duration, 0.001);
  const { state, change, link } = useTraceState();
  const spans = useMemo(() => prepare(trace, state.framework), [trace, state.framework]);
  const color = useMemo(() => {
    const drawn = trace.all.map((span) => span.service);
    return palette([...drawn, ...trace.shares.map(([service]) => service)]);
  }, [trace]);
  const marked = useMemo(() => new Set(trace.notes.flatMap((note) => note.spans)), [trace]);
  const path = useMemo(() => criticalPath(trace, spans, state.framework), [trace, spans]);
  const zoom = useMemo(
    () => state.zoom && fitted(state.zoom.from, state.zoom.to, total),
    [state.zoom, total],
  );
  const shown = useMemo(() => zoom ?? { from: 0, to: total }, [zoom, total]);
  const found = useHits(trace, spans, state.q);
  const hits = useMemo(() => new Set(found.hits), [found.hits]);
  const selected = useSelected(spans, state.span, trace.error);
  const canvas = /** @type {{current: HTMLElement | null}} */ (useRef(null));
  const moves = useMoves({ spans, shown, total, canvas, change, found, selected, state });
  useWheel(canvas, moves.wheel);
  useToldZoom(zoom, total);
  const { help, showHelp } = useKeys({
    ...{
      ...moves,
      details: moves.toggle,
      next: () => moves.step(1),
      previous: () => moves.step(-1),
    },
    search: () => document.getElementById(FIELD)?.focus(),
    critical: () => change({ critical: !state.critical }),
  });
  const [names, details] = [useWidth("names", NAMES), useWidth("details", DETAILS)];
  const Chosen = state.view === "flame" ? Flame : Waterfall;
  return html`
    <${Heading} trace=${trace} link=${link} framework=${state.framework} />
    <${Notes} trace=${trace} onSelect=${moves.go} />
    <${CriticalText} trace=${trace} />
    <${Tools}
      trace=${trace} color=${color} state=${state} change=${change} zoom=${zoom} total=${total} found=${found}
      selected=${selected?.id} hasPath=${path.size > 0} moves=${moves} onHelp=${showHelp}
    />
    ${help}
    <div class=${`split ${state.details}${names.width < SHORT ? " short" : ""}`} style=${{ "--names": `${names.width}px`, "--details": `${details.width}px` }}>
      <div class=${`picture ${state.view}-picture`} ref=${canvas}>
        <${Minimap} spans=${spans} total=${total} zoom=${zoom} color=${color} onZoom=${moves.zoomTo} onWhole=${moves.whole} />
        ${state.view === "waterfall" && html`<${Separator} label="Width of the names" column=${names} />`}
        <${Chosen}
          trace=${trace} spans=${spans} selected=${selected?.id} marked=${marked} hits=${hits} color=${color}
          critical=${state.critical ? path : NO_PATH} zoom=${shown} folded=${moves.folded} onFold=${moves.fold}
          onSelect=${moves.select} onOpen=${moves.open} onGo=${moves.go} onZoom=${moves.zoomTo} onWhole=${moves.whole}
        />
      </div>
      <${Separator} label="Width of the details" column=${details} grows=${-1} />
      <${SpanAside} span=${selected} trace=${trace} color=${color} onClose=${moves.close} />
    </div>
    <${LogLines} trace=${trace} spans=${spans} onGo=${moves.go} />
  `;
}
