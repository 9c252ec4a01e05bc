// What the page says about a request that it sent.

/** @import { Live } from "./live.js" */
/** @import { Sent, State } from "./types.js" */

/** How long the page waits for a trace to arrive. */
export const PATIENCE_MS = 3000;

/**
 * What to say about a request while it has no trace. `datadog` is the URL of its trace there.
 * @param {Sent} sent
 * @param {Live} live
 * @param {number} tracingStep the step in which trainees trace the code
 * @param {number} now milliseconds since the epoch
 * @returns {{text: string, datadog?: string, isByHand?: boolean}}
 */
export function fate({ path, time, answer }, { state, traces }, tracingStep, now) {
  if (path === "/ping") return { text: "The list doesn't show health checks." };
  const { agent, datadog, step = 1 } = state;
  if (agent === "other" && datadog)
    return { text: "If it was traced, see ", datadog: `${datadog}/apm/trace/${answer?.trace}` };
  if (agent === "other")
    return { text: "The program at the agent's address isn't a test agent, and shows no traces." };
  if (step >= tracingStep && now - time < PATIENCE_MS) return { text: "Waiting for its trace …" };
  const isByHand = [...traces.values()].some(
    (trace) => trace.handmade && trace.start > time - 1000,
  );
  return { text: `It has no trace. ${whyNone(state, tracingStep)}`, isByHand };
}

/**
 * @param {State} state
 * @param {number} tracingStep
 */
function whyNone({ agent, step = 1 }, tracingStep) {
  if (step < tracingStep) return `You don't trace the code until step ${tracingStep}.`;
  if (agent === "away") return "The agent isn't responding.";
  if (step === tracingStep) return "Did you add the tracing client yet?";
  return "Is the tracing client still in your code, and is its import the first one?";
}

/**
 * The CSS class of the badge for a status.
 * @param {number} status
 */
export function badgeOf(status) {
  if (status < 400) return "badge good";
  return status < 500 ? "badge " : "badge bad";
}

/**
 * The body of a response, in few lines.
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
