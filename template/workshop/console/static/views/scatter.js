// The plot of durations over time: drag to choose a time range, click a point to open its trace.

/** @import { Summary } from "../types.js" */

import { at } from "../address.js";
import { plural } from "../format.js";
import { html, useLayoutEffect, useMemo, useRef, useState } from "../html.js";
import { kindOf, plotLabel, plotOf, pointLabel } from "../scatter.js";
import { usePointer } from "./plotpointer.js";
import { AXIS_HEIGHT, AXIS_WIDTH, draw } from "./scatterdraw.js";

const HEIGHT = 132;
const KINDS = { good: "trace", failed: "with an error", handmade: "timed by hand" };

/**
 * @param {object} props
 * @param {Summary[]} props.traces
 * @param {[from: number, to: number]} props.range infinite where the traces decide
 * @param {(from: number, to: number) => void} props.onRange
 * @param {(url: string) => void} props.go
 */
export function Scatter({ traces, range, onRange, go }) {
  const box = /** @type {{current: HTMLElement | null}} */ (useRef(null));
  const canvas = /** @type {{current: HTMLCanvasElement | null}} */ (useRef(null));
  const [width, form] = useForm(box);
  const latest = useMemo(
    () => plotOf(traces, range, Math.max(width, 1), HEIGHT),
    [traces, range[0], range[1], width],
  );
  const { plot, drag, hovered, handlers } = usePointer(box, latest, onRange, go);
  useLayoutEffect(() => {
    if (width && canvas.current) draw(canvas.current, plot);
  }, [plot, form]);
  const kinds = new Set(traces.map(kindOf));
  return html`<figure class="scatter">
    <figcaption>
      <span>${`Duration over time${plot.isLogarithmic ? ", on a logarithmic scale" : ""}`}</span>
      <span class="reading" aria-hidden="true">${hovered ? pointLabel(hovered.trace) : "Drag to choose a time range."}</span>
      ${
        (kinds.has("failed") || kinds.has("handmade")) &&
        html`<ul class="legend">${Object.entries(KINDS).map(([kind, text]) => kinds.has(/** @type {keyof typeof KINDS} */ (kind)) && html`<li key=${kind} class=${kind}>${text}</li>`)}</ul>`
      }
    </figcaption>
    <div class=${`plot${hovered ? " pointed" : ""}`} ref=${box} style=${{ marginLeft: `${AXIS_WIDTH}px` }} ...${handlers}>
      <canvas
        ref=${canvas} role="img" aria-label=${plotLabel(plot)}
        style=${{ width: `${plot.width + AXIS_WIDTH}px`, height: `${HEIGHT + AXIS_HEIGHT}px`, marginLeft: `${-AXIS_WIDTH}px` }}
      />
      ${hovered && html`<a class="point" tabindex="-1" aria-hidden="true" draggable=${false} href=${at(`/traces/${hovered.trace.id}`)} style=${{ left: `${hovered.x}px`, top: `${hovered.y}px` }} />`}
      ${drag && html`<div class="chosen" style=${{ left: `${Math.min(...drag)}px`, width: `${Math.abs(drag[1] - drag[0])}px`, height: `${HEIGHT}px` }} />`}
    </div>
    ${plot.untimed > 0 && html`<p class="quiet">${`${plural(plot.untimed, "trace")} from before the console started ${plot.untimed === 1 ? "isn't" : "aren't"} in the plot.`}</p>`}
  </figure>`;
}

/**
 * The width of the plot, and a number that changes when its colors do.
 * @param {{current: HTMLElement | null}} box
 */
function useForm(box) {
  const [width, setWidth] = useState(0);
  const [form, setForm] = useState(0);
  useLayoutEffect(() => {
    const measure = () => setWidth(box.current?.clientWidth ?? 0);
    const anew = () => setForm((number) => number + 1);
    const themes = ["(prefers-color-scheme: dark)", "(forced-colors: active)"].map((one) =>
      matchMedia(one),
    );
    measure();
    const observer = new ResizeObserver(measure);
    if (box.current) observer.observe(box.current);
    for (const theme of themes) theme.addEventListener("change", anew);
    return () => {
      observer.disconnect();
      for (const theme of themes) theme.removeEventListener("change", anew);
    };
  }, []);
  return [width, form];
}
