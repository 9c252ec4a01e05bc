// The heading and the tools above the picture of a trace.

/** @import { Trace } from "../types.js" */

import { begin, ms, percent, spansText } from "../format.js";
import { html } from "../html.js";
import { CopyButton, OutwardLink, Switch } from "../parts.js";
import { CompareLink, Download } from "./download.js";

const MOST_IN_LEGEND = 12;
const MOST_TAGS = 6;
/** @type {Record<string, string>} */
const PICTURES = { waterfall: "Waterfall", flame: "Flame graph" };

/** @param {{trace: Trace}} props */
export function Heading({ trace }) {
  const tags = Object.entries(trace.tags).slice(0, MOST_TAGS);
  return html`<div class="head">
    <h1>${trace.resource}${trace.error && html`<span class="badge bad">Error</span>`}</h1>
    <p class="facts">
      <b class="big">${ms(trace.duration)}</b>
      <span>${begin(trace)}</span>
      <span>${spansText(trace)}</span>
      ${trace.status && html`<span>${`status ${trace.status}`}</span>`}
      ${trace.version && html`<span>${trace.version}</span>`}
      ${tags.map(([name, value]) => html`<span key=${`tag ${name}`} class="chip plain">${`${name}: ${value}`}</span>`)}
    </p>
    ${trace.message && html`<p class="message">${trace.message}</p>`}
    <p class="ids">
      ${!trace.handmade && html`<code>${trace.id}</code><${CopyButton} text=${() => trace.id} label="Copy the trace ID" />`}
      ${trace.datadog && html`<${OutwardLink} kind="button" href=${trace.datadog}>Open it in Datadog ↗<//>`}
    </p>
    <div class="onward-links"><${CompareLink} trace=${trace} /><${Download} trace=${trace} /></div>
  </div>`;
}

/**
 * The choice of the picture and its spans, and what its colors mean.
 * @param {object} props
 * @param {Trace} props.trace
 * @param {(service: string) => string} props.color
 * @param {string} props.picture
 * @param {(picture: string) => void} props.onPicture
 * @param {boolean} props.everything whether to draw the framework's own spans
 * @param {(yes: string) => void} props.onEverything
 */
export function Tools({ trace, color, picture, onPicture, everything, onEverything }) {
  return html`<div class="tools">
    <${Switch}
      name="Picture" values=${Object.keys(PICTURES)} current=${picture} onChoose=${onPicture}
      label=${(/** @type {string} */ name) => PICTURES[name]}
    />
    ${
      trace.framework > 0 &&
      html`<label class="check">
        <input type="checkbox" checked=${everything} onChange=${() => onEverything(everything ? "no" : "yes")} /> Also show the framework's own spans (${trace.framework})
      </label>`
    }
    <${Legend} trace=${trace} everything=${everything} color=${color} />
  </div>`;
}

/** @param {{trace: Trace, everything: boolean, color: (service: string) => string}} props */
function Legend({ trace, everything, color }) {
  const shares = everything ? trace.shares : trace.folded_shares;
  const more = shares.length + trace.more_services - MOST_IN_LEGEND;
  return html`<ul class="legend" aria-label="Self time of each service">
    ${shares.slice(0, MOST_IN_LEGEND).map(([name, share]) => html`<li key=${name} class=${color(name)}><i />${`${name} `}<b>${percent(share)}</b></li>`)}
    ${shares.length > MOST_IN_LEGEND && html`<li>${`and ${more} more`}</li>`}
  </ul>`;
}
