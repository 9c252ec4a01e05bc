// The chart of one route, drawn by uPlot.

/** @import uPlot from "uplot" */
/** @import { Bucket, LatencyDocument, Route } from "../types.js" */
/** @import { Plot } from "./chartoptions.js" */

import { at } from "../address.js";
import { html, useLayoutEffect, useRef, useState } from "../html.js";
import { bucketNear, chartLabel, columns, nameOf } from "../series.js";
import { options } from "./chartoptions.js";

/**
 * @param {object} props
 * @param {LatencyDocument} props.found
 * @param {Route} props.route
 * @param {Bucket | undefined} props.bucket the chosen part of the series
 * @param {(bucket: Bucket) => void} props.onPick
 */
export function Chart({ found, route, bucket, onPick }) {
  const place = /** @type {{current: HTMLDivElement | null}} */ (useRef(null));
  const read = /** @type {{current: HTMLParagraphElement | null}} */ (useRef(null));
  usePlot(place, read, { found, route, bucket, onPick });
  return html`
    <div class="bar">
      <h2>${nameOf(route)}</h2>
      <p class="reading" aria-hidden="true" ref=${read} />
      <ul class="legend">
        <li class="p50"><i />half are faster (p50)</li>
        <li class="p95"><i />95 of 100 are faster (p95)</li>
        <li class="errors"><i />errors</li>
      </ul>
    </div>
    <div class="chart" role="img" aria-label=${chartLabel(route, Math.round(found.to - found.from))} ref=${place} />
  `;
}

/**
 * Draw the chart whenever there are new figures. Creates a new chart only if its form changes.
 * @param {{current: HTMLDivElement | null}} place
 * @param {{current: HTMLParagraphElement | null}} read the element for the figures at the pointer
 * @param {{found: LatencyDocument, route: Route, bucket: Bucket | undefined, onPick: (bucket: Bucket) => void}} shown
 */
function usePlot(place, read, { found, route, bucket, onPick }) {
  const name = nameOf(route);
  const plot = /** @type {{current: Plot | null}} */ (useRef(null));
  const [form, setForm] = useState(0);

  async function draw() {
    await library();
    if (!place.current || !read.current) return; // the person went to another view in the meantime
    const data = /** @type {uPlot.AlignedData} */ (columns(route.series, found.from, found.to));
    const width = place.current.clientWidth;
    const failed = route.errors > 0;
    /** @type {Plot} */
    const now = {
      route: name,
      failed,
      marks: found.marks,
      range: [found.from, found.to],
      moment: bucket ? [bucket.time, bucket.time + found.width] : null,
      pick(time) {
        const near = bucketNear(route.series, found.width, time);
        if (near) onPick(near);
      },
    };
    const before = plot.current;
    const isSame = before?.route === now.route && before.failed === now.failed;
    if (isSame && before.uplot?.width === width) {
      Object.assign(before, now);
      before.uplot.setData(data);
      return;
    }
    before?.uplot?.destroy();
    plot.current = now;
    now.uplot = new window.uPlot(options(width, now, read.current), data, place.current);
  }

  useLayoutEffect(() => {
    draw();
  }, [found, name, bucket?.time, form]);
  useLayoutEffect(() => {
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const anew = () => {
      plot.current?.uplot?.destroy();
      plot.current = null;
      setForm((number) => number + 1);
    };
    dark.addEventListener("change", anew);
    addEventListener("resize", anew);
    return () => {
      dark.removeEventListener("change", anew);
      removeEventListener("resize", anew);
      plot.current?.uplot?.destroy();
    };
  }, []);
}

/** @type {Promise<unknown> | null} */
let loading = null;

/** Load uPlot for the first chart. */
function library() {
  loading ??= new Promise((resolve, reject) => {
    const style = document.createElement("link");
    style.rel = "stylesheet";
    style.href = at("/static/vendor/uplot/uPlot.min.css");
    const script = document.createElement("script");
    script.src = at("/static/vendor/uplot/uPlot.iife.min.js");
    script.onload = resolve;
    script.onerror = reject;
    document.head.append(style, script);
  });
  return loading;
}
