// What the list of traces says while it is empty.

import { h, inContainer, timingStep, tracingStep, words } from "../dom.js";
import { live } from "../live.js";

/** Its sentences; `filtered` when there are traces, and none of them is wanted. */
export function nothing(filtered) {
  if (filtered) return [h("h2", {}, "No trace is like that"), h("p", {}, "Take a filter away, or send other requests.")];
  const send = h("a", { class: "button", href: "/try" }, "Send a request");
  if (live.state.agent === "other" && live.state.step >= tracingStep) {
    const { datadog } = live.state;
    return [
      h("h2", {}, "No traces here"),
      h("p", {}, datadog ? "The agent here sends them on to Datadog, and keeps none." : "What answers as the agent is no test agent, and shows none."),
      h("p", {}, datadog && h("a", { class: "button", href: `${datadog}/apm/traces`, target: "_blank", rel: "noopener noreferrer" }, "See them in Datadog ↗"), " ", send),
    ];
  }
  return [
    h("h2", {}, "No traces yet"),
    h("p", {}, ...words(whatComes(live.state.step))),
    inContainer && h("p", {}, words(`This container does not see your code, nor timing.log. \`uv run workshop console\` takes its place with a console that does${live.state.step < tracingStep ? ", and shows timings by hand" : ""}, and that runs checks, too.`)),
    h("p", {}, send, " ", h("a", { class: "button quiet", href: `/steps/${live.state.step ?? 1}` }, "Read the step's page")),
  ].filter(Boolean);
}

/** What shows up here, as far as the code can be at a step: nothing, pairings, or each request. */
function whatComes(step) {
  if (!step) return ""; // the server has not said it yet
  if (step > tracingStep) return "Each request to `web` shows up here a moment after it.";
  if (step === tracingStep) return "Each request to `web` shows up here a moment after it, once the tracing client is in the code.";
  const traced = `In step ${tracingStep} the tracing client comes into the code, and makes a trace of each request.`;
  if (inContainer) return `So far the code makes none. ${traced}`;
  if (step < timingStep) return `So far nothing in the code says how long a request took. In step ${timingStep} you time pairings by hand, and they show up here. ${traced}`;
  return `Once your code times pairings, each shows up here a moment after it, as the lines that it writes to \`timing.log\`. ${traced}`;
}
