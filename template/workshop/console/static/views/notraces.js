// What the list of traces says while it is empty.

import { html } from "../html.js";
import { live } from "../live.js";
import { OutwardLink, words } from "../parts.js";
import { inContainer, timingStep, tracingStep } from "../settings.js";

/** @param {{isFiltered: boolean}} props whether there are traces, and none of them is wanted */
export function NoTraces({ isFiltered }) {
  const { agent, step = 0 } = live.state;
  return html`<div class="empty">${
    isFiltered
      ? html`<h2>No trace is like that</h2><p>Take a filter away, or send other requests.</p>`
      : agent === "other" && step >= tracingStep
        ? html`<${Elsewhere} />`
        : html`<${NoneYet} />`
  }</div>`;
}

const send = () => html`<a class="button" href="/try">Send a request</a>`;

function Elsewhere() {
  const { datadog } = live.state;
  const why = datadog
    ? "The agent here sends them on to Datadog, and keeps none."
    : "What answers as the agent is no test agent, and shows none.";
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
  const byHand = (step ?? 0) < tracingStep ? ", and shows timings by hand" : "";
  return html`
    <h2>No traces yet</h2>
    <p>${words(whatComes(step))}</p>
    ${
      inContainer &&
      html`<p>${words(`This container does not see your code, nor timing.log. \`uv run workshop console\` takes its place with a console that does${byHand}, and that runs checks, too.`)}</p>`
    }
    <p>${send()}${" "}<a class="button quiet" href=${`/steps/${step ?? 1}`}>Read the step's page</a></p>
  `;
}

/**
 * What shows up here, as far as the code can be at a step: nothing, pairings, or each request.
 * @param {number | undefined} step
 */
function whatComes(step) {
  if (!step) return ""; // the server has not said it yet
  if (step > tracingStep) return "Each request to `web` shows up here a moment after it.";
  if (step === tracingStep)
    return "Each request to `web` shows up here a moment after it, once the tracing client is in the code.";
  const traced = `In step ${tracingStep} the tracing client comes into the code, and makes a trace of each request.`;
  if (inContainer) return `So far the code makes none. ${traced}`;
  if (step < timingStep)
    return `So far nothing in the code says how long a request took. In step ${timingStep} you time pairings by hand, and they show up here. ${traced}`;
  return `Once your code times pairings, each shows up here a moment after it, as the lines that it writes to \`timing.log\`. ${traced}`;
}
