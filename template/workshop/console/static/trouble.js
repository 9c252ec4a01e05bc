// What is wrong right now, as one line above the view.

/** @import { Live } from "./live.js" */

import { command } from "./settings.js";

/**
 * The line; empty if nothing is wrong.
 * @param {Live} live
 */
export function troubleNow({ state, connected, locked }) {
  if (locked)
    return `The console restarted and has a new token. Run \`${command("status")}\`, and open the link that it prints. Then this page continues.`;
  if (!connected)
    return "The console is gone. This page continues as soon as the console is running again.";
  if (state.problem) return state.problem;
  const failed = Object.entries(state.details ?? {}).map(whyNot);
  if (failed.length)
    return `${failed.join(" ")} Fix it and save the file. The service restarts by itself.`;
  if (state.agent === "away")
    return "The agent isn't responding, so no new traces arrive. The traces that arrived before are still here.";
  if (state.agent !== "other") return "";
  if (!state.datadog)
    return "The program at the agent's address isn't a test agent, so no traces arrive.";
  return `This is Datadog's own agent. It sends traces to Datadog and doesn't keep them, so look for them there. To see them here, too, start the services with \`${command("up --docker")}\`.`;
}

/** @param {[name: string, why: string]} failed */
function whyNot([name, why]) {
  if (why.startsWith("does not ")) return `${name} ${why}.`;
  return `${name} isn't running${why && `: ${why.replace(/\.$/, "")}`}.`;
}
