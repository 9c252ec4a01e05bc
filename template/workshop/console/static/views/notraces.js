// What an empty list of traces says.

import { html } from "../html.js";
import { live } from "../live.js";
import { OutwardLink, words } from "../parts.js";
import { timingStep, tracingStep } from "../settings.js";

/** @param {{isFiltered: boolean}} props whether there are traces, but none matches */
export function NoTraces({ isFiltered }) {
  const { agent, step = 0 } = live.state;
  return html`<div class="empty">${
    isFiltered
      ? html`<h2>No trace matches</h2><p>Remove a filter, or send different requests.</p>`
      : agent === "other" && step >= tracingStep
        ? html`<${Elsewhere} />`
        : html`<${NoneYet} />`
  }</div>`;
}

const send = () => html`<a class="button" href="/try">Send a request</a>`;

function Elsewhere() {
  const { datadog } = live.state;
  const why = datadog
    ? "This agent sends traces to Datadog and doesn't keep them."
    : "The program at the agent's address isn't a test agent, and shows no traces.";
  return html`
    <h2>No traces here</h2>
    <p>${why}</p>
    <p>
      ${datadog && html`<${OutwardLink} kind="button" href=${`${datadog}/apm/traces`}>See them in Datadog ↗<//>`}
      ${" "}${send()}
    </p>
  `;
}

function NoneYet() {
  const { step } = live.state;
  return html`
    <h2>No traces yet</h2>
    <p>${words(whatComes(step))}</p>
    <p>${send()}${" "}<a class="button quiet" href=${`/steps/${step ?? 1}`}>Read the step's page</a></p>
  `;
}

/**
 * What shows up here, depending on the step: nothing, pairings, or each request.
 * @param {number | undefined} step
 */
function whatComes(step) {
  if (!step) return ""; // the server didn't send it yet
  if (step > tracingStep) return "Each request to `web` shows up here a moment later.";
  if (step === tracingStep)
    return "Each request to `web` shows up here a moment later, once the tracing client is in your code.";
  const traced = `In step ${tracingStep}, you add the tracing client, which creates a trace for each request.`;
  if (step < timingStep)
    return `So far, nothing in your code says how long a request takes. In step ${timingStep}, you time pairings by hand, and they show up here. ${traced}`;
  return `Once your code times pairings, each one shows up here a moment later, as the lines that it writes to \`timing.log\`. ${traced}`;
}
