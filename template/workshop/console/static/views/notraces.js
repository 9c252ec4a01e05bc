// What an empty list of traces says.

import { at } from "../address.js";
import { html } from "../html.js";
import { live } from "../live.js";
import { OutwardLink, words } from "../parts.js";
import { timingStep, tracingStep } from "../settings.js";

/**
 * @param {object} props
 * @param {boolean} props.isFiltered whether there are traces, but none matches
 * @param {number} props.byHand how many traces that were timed by hand earlier are hidden
 */
export function NoTraces({ isFiltered, byHand }) {
  const { agent, step = 0 } = live.state;
  return html`<div class="empty">${
    isFiltered
      ? html`<h2>No trace matches</h2><p>Remove a filter, choose another time range, or send different requests.</p>`
      : agent === "other" && step >= tracingStep
        ? html`<${Elsewhere} />`
        : html`<${NoneYet} byHand=${byHand} />`
  }</div>`;
}

const send = () => html`<a class="button" href=${at("/try")}>Send a request</a>`;

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

/** @param {{byHand: number}} props */
function NoneYet({ byHand }) {
  const { step } = live.state;
  if (!step) return null; // the server didn't send it yet
  const isTimed = step >= timingStep;
  const read = html`<a class=${`button${isTimed ? " quiet" : ""}`} href=${at(`/steps/${step}`)}>Read the step's page</a>`;
  return html`
    <h2>${isTimed ? "No traces yet" : "No traces at this step"}</h2>
    <p>${words(whatComes(step))}</p>
    ${byHand > 0 && html`<p>${`The list leaves out what you timed by hand earlier (${byHand}). To see it, check the box above.`}</p>`}
    ${!isTimed && html`<p>${"You can already see how long requests take for their sender. Send some with "}<a href=${at("/try")}>Try it</a>${", and look at "}<a href=${at("/latency")}>Latency</a>.</p>`}
    <p>${isTimed ? html`${send()}${" "}${read}` : read}</p>
  `;
}

/**
 * What shows up here, depending on the step: nothing, pairings, or each request.
 * @param {number} step
 */
function whatComes(step) {
  if (step > tracingStep) return "Each request to `web` shows up here a moment later.";
  if (step === tracingStep)
    return "Each request to `web` shows up here a moment later, once the tracing client is in your code.";
  const traced = `In step ${tracingStep}, you add the tracing client, which creates a trace for each request.`;
  if (step < timingStep)
    return `So far, nothing in your code says how long a request takes, so this list stays empty. In step ${timingStep}, you time pairings by hand, and they show up here. ${traced}`;
  if (step === timingStep)
    return `Once your code times pairings, each one shows up here a moment later, as the line that it writes to \`timing.log\`. Other requests don't. ${traced}`;
  return `Your code times pairings by hand. Each one shows up here a moment later, as the lines that it writes to \`timing.log\`. Other requests don't. ${traced}`;
}
