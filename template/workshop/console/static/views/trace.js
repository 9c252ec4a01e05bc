// One trace: what stands out, its picture, one of its spans, and its log lines.

/** @import { Span, Trace } from "../types.js" */

import { html, useLayoutEffect, useMemo, useRef, useState, useTitle } from "../html.js";
import { palette } from "../palette.js";
import { focusSpan, words } from "../parts.js";
import { prepare } from "../spans.js";
import { Flame } from "./flame.js";
import { LogLines } from "./loglines.js";
import { Notes } from "./notes.js";
import { SpanDetails } from "./span.js";
import { Heading, Tools } from "./tracehead.js";
import { useSelection, useTrace } from "./tracestate.js";
import { Waterfall } from "./waterfall.js";

/** @param {{id: string}} props */
export function TraceView({ id }) {
  const { trace, problem } = useTrace(id);
  useTitle(`${trace?.resource ?? "Trace"} · Matchmaker`);
  return html`
    <p class="back"><a href=${`/traces${sessionStorage.getItem("list") ?? ""}`}>← All traces</a></p>
    ${trace && html`<${Whole} trace=${trace} />`}
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
  const [picture, setPicture] = useState(sessionStorage.getItem("picture") ?? "waterfall");
  const [everything, setEverything] = useState(sessionStorage.getItem("everything") ?? "no");
  const spans = useMemo(() => prepare(trace, everything === "yes"), [trace, everything]);
  const color = useMemo(() => {
    const drawn = trace.all.map((span) => span.service);
    return palette([...drawn, ...trace.shares.map(([service]) => service)]);
  }, [trace]);
  const marked = useMemo(() => new Set(trace.notes.flatMap((note) => note.spans)), [trace]);
  const canvas = /** @type {{current: HTMLElement | null}} */ (useRef(null));
  const { selected, select } = useSelection(spans, trace.error);
  const Chosen = picture === "flame" ? Flame : Waterfall;

  /** @param {string} id */
  function reveal(id) {
    select(id);
    focusSpan(canvas.current, id);
  }

  return html`
    <${Heading} trace=${trace} />
    <${Notes} trace=${trace} onSelect=${reveal} />
    <${Tools}
      trace=${trace} color=${color}
      picture=${picture} onPicture=${kept("picture", setPicture)}
      everything=${everything === "yes"} onEverything=${kept("everything", setEverything)}
    />
    <div class="split">
      <div class="picture" ref=${canvas}>
        <${Chosen} trace=${trace} spans=${spans} selected=${selected?.id} marked=${marked} color=${color} onSelect=${select} />
      </div>
      <${Details} span=${selected} trace=${trace} color=${color} />
    </div>
    <${LogLines} trace=${trace} />
  `;
}

/**
 * A function that sets a choice and remembers it for the next trace.
 * @param {string} name
 * @param {(value: string) => void} set
 */
function kept(name, set) {
  return (/** @type {string} */ value) => {
    sessionStorage.setItem(name, value);
    set(value);
  };
}

/** @param {{span: Span | undefined, trace: Trace, color: (service: string) => string}} props */
function Details({ span, trace, color }) {
  const aside = /** @type {{current: HTMLElement | null}} */ (useRef(null));
  useLayoutEffect(() => {
    if (!aside.current) return;
    aside.current.scrollTop = 0;
    const stack = aside.current.querySelector(".stack");
    if (stack) stack.scrollTop = stack.scrollHeight; // the error is at the end
  }, [span?.id]);
  return html`<aside class="details" aria-label="Span" ref=${aside}>
    ${span && html`<${SpanDetails} key=${span.id} span=${span} trace=${trace} color=${color} />`}
  </aside>`;
}
