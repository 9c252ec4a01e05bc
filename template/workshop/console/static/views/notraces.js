// What the list of traces says while it is empty.

import { h, inContainer, words } from "../dom.js";
import { live } from "../live.js";

/** Its sentences; `filtered` when there are traces, and none of them is wanted. */
export function nothing(filtered) {
  if (filtered) return [h("h2", {}, "No trace is like that"), h("p", {}, "Take a filter away, or send other requests.")];
  const send = h("a", { class: "button", href: "/try" }, "Send a request");
  if (live.state.agent === "other") {
    const { datadog } = live.state;
    return [
      h("h2", {}, "No traces here"),
      h("p", {}, datadog ? "The agent here sends them on to Datadog, and keeps none." : "What answers as the agent is no test agent, and shows none."),
      h("p", {}, datadog && h("a", { class: "button", href: `${datadog}/apm/traces`, target: "_blank", rel: "noopener noreferrer" }, "See them in Datadog ↗"), " ", send),
    ];
  }
  return [
    h("h2", {}, "No traces yet"),
    h("p", {}, "Each request to ", h("code", {}, "web"), " shows up here a moment after it", inContainer ? ", once the tracing client is in the code." : ": timed by hand at first, and as a real trace once the tracing client is in the code."),
    inContainer && h("p", {}, words("Timings by hand are in timing.log, which this container does not see. `uv run workshop console` takes its place with one that does, and that runs checks, too.")),
    h("p", {}, send, " ", h("a", { class: "button quiet", href: `/steps/${live.state.step ?? 1}` }, "Read the step's page")),
  ].filter(Boolean);
}
