// What is said of a request that the page has sent.

/** @import { Live } from "./live.js" */
/** @import { Sent, State } from "./types.js" */

/** How long a trace may take to come in. */
export const PATIENCE_MS = 3000;

/**
 * What came of the trace of a request, while there is none: text, and where the `link` leads.
 * @param {Sent} sent
 * @param {Live} live
 * @param {number} tracingStep the step in which the code gets traced
 * @param {number} now milliseconds since the epoch
 * @returns {{text: string, datadog?: string, isByHand?: boolean}}
 */
export function fate({ path, time, answer }, { state, traces }, tracingStep, now) {
  if (path === "/ping") return { text: "Health checks are not listed." };
  const { agent, datadog, step = 1 } = state;
  if (agent === "other" && datadog)
    return { text: "If it was traced: ", datadog: `${datadog}/apm/trace/${answer?.trace}` };
  if (agent === "other")
    return { text: "What answers as the agent is no test agent, and shows no traces." };
  if (step >= tracingStep && now - time < PATIENCE_MS) return { text: "Waiting for its trace …" };
  const isByHand = [...traces.values()].some(
    (trace) => trace.handmade && trace.start > time - 1000,
  );
  return { text: `No trace of it. ${whyNone(state, tracingStep)}`, isByHand };
}

/**
 * @param {State} state
 * @param {number} tracingStep
 */
function whyNone({ agent, step = 1 }, tracingStep) {
  if (step < tracingStep) return `The code is not traced before step ${tracingStep}.`;
  if (agent === "away") return "The agent does not answer.";
  if (step === tracingStep) return "Is the tracing client in the code already?";
  return "Is the tracing client still in the code, and its import above all others?";
}

/**
 * The class of the badge with a status.
 * @param {number} status
 */
export function badgeOf(status) {
  if (status < 400) return "badge good";
  return status < 500 ? "badge " : "badge bad";
}

/**
 * What came back, in few lines.
 * @param {string} body
 */
export function pretty(body) {
  try {
    const text = JSON.stringify(JSON.parse(body), null, 1);
    return text.replace(/\n\s*/g, " ").replace(/^\[ /, "[").slice(0, 2000);
  } catch {
    return body;
  }
}
