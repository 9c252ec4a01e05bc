// The traces of one moment in the chart of a route: the slowest, a median one, and one with an error.

/** @import { Bucket, Route } from "../types.js" */

import { at } from "../address.js";
import { plural } from "../format.js";
import { html } from "../html.js";
import { live } from "../live.js";
import { tell } from "../parts.js";
import { bucketBeside, time, typical } from "../series.js";

/**
 * @param {object} props
 * @param {Route} props.route
 * @param {number} props.width of each part of the series, in seconds
 * @param {Bucket | undefined} props.bucket the chosen part
 * @param {number | null} props.at the chosen time, for which there might be no part any more
 * @param {(bucket: Bucket) => void} props.onPick
 * @param {() => void} props.onClose
 */
export function Moment({ route, width, bucket, at, onPick, onClose }) {
  const said = bucket && `${time(bucket.time)} to ${time(bucket.time + width)}: ${counts(bucket)}`;

  /** @param {-1 | 1} direction */
  function move(direction) {
    const next = bucketBeside(route.series, bucket, at, direction);
    if (!next) return;
    onPick(next);
    tell(`${time(next.time)}: ${counts(next)}`);
  }

  /** @param {-1 | 1} direction */
  const button = (direction) => html`<button
    type="button" class="quiet" disabled=${!bucketBeside(route.series, bucket, at, direction)}
    onClick=${() => move(direction)}
  >${direction < 0 ? "← Earlier" : "Later →"}</button>`;

  return html`<section class="moment" aria-label="Traces of one moment">
    <div class="bar">
      <p>${said ?? (at === null ? "To see the traces of a moment, click the chart, or step through it:" : `${time(at)}: the console has no requests from then`)}</p>
      ${button(-1)}${button(1)}
      ${at !== null && html`<button type="button" class="quiet" onClick=${onClose}>Close</button>`}
    </div>
    ${bucket && html`<${Links} route=${route} bucket=${bucket} />`}
  </section>`;
}

/** @param {Bucket} bucket */
function counts({ count, errors }) {
  return `${plural(count, "request")}${errors ? `, ${plural(errors, "error")}` : ""}`;
}

/** @param {{route: Route, bucket: Bucket}} props */
function Links({ route, bucket }) {
  if (route.by === "outside")
    return html`<p class="quiet">Their sender measured these requests, from outside, so no trace belongs to this chart.</p>`;
  return html`<ul class="typical">
    ${typical(bucket).map(
      ({ id, text }) =>
        html`<li key=${id}>${
          live.traces.has(id)
            ? html`<a class="button quiet" href=${at(`/traces/${id}`)}>${text}</a>`
            : html`<span class="quiet">${`${text}, no longer kept`}</span>`
        }</li>`,
    )}
  </ul>`;
}
