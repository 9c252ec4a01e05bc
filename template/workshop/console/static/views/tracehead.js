// The heading of a trace.

/** @import { Trace } from "../types.js" */

import { begin, ms, spansText } from "../format.js";
import { html } from "../html.js";
import { CopyButton, OutwardLink } from "../parts.js";
import { CompareLink, Download } from "./download.js";

const MOST_TAGS = 6;

/**
 * @param {object} props
 * @param {Trace} props.trace
 * @param {() => string} props.link the address of what somebody looks at
 * @param {boolean} [props.framework] whether the page shows the framework's own spans
 */
export function Heading({ trace, link, framework = false }) {
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
      <${CopyButton} text=${link} label="Copy a link to this view" says="Copy link" />
      ${trace.datadog && html`<${OutwardLink} kind="button" href=${trace.datadog}>Open it in Datadog ↗<//>`}
    </p>
    <div class="onward-links"><${CompareLink} trace=${trace} framework=${framework} /><${Download} trace=${trace} /></div>
  </div>`;
}
