// What is wrong at the moment, as one line above the view.

/** @import { Live } from "./live.js" */

/**
 * The line; empty while nothing is wrong.
 * @param {Live} live
 */
export function troubleNow({ state, connected, locked }) {
  if (locked)
    return "The console was started anew, and has a new token. `workshop status` prints the link that has it: open that, and this page goes on.";
  if (!connected)
    return "The console has gone away. As soon as it runs again, this page goes on by itself.";
  if (state.problem) return state.problem;
  const failed = Object.entries(state.details ?? {}).map(whyNot);
  if (failed.length)
    return `${failed.join(" ")} Mend it and save the file: it starts again by itself.`;
  if (state.agent === "away")
    return "The agent does not answer, so no new traces come in. What has come in already is still here.";
  if (state.agent !== "other") return "";
  if (!state.datadog) return "What answers as the agent is no test agent, so no traces come in.";
  return "The agent here is Datadog's own: it sends traces on and keeps none, so they are on Datadog's pages. Started by `workshop up --docker`, they are here, too.";
}

/** @param {[name: string, why: string]} failed */
function whyNot([name, why]) {
  if (why.startsWith("does not ")) return `${name} ${why}.`;
  return `${name} does not run${why && `: ${why.replace(/\.$/, "")}`}.`;
}
