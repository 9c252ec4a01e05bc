// What the server wrote into the page. It doesn't change until the page reloads.

const facts = globalThis.document?.body.dataset ?? {};

/** Whether this console and its services run in containers. */
const inDocker = "inDocker" in facts;

/**
 * A command in the form in which this trainee runs it. On the server, how_to_run.py does the same.
 * @param {string} name with its arguments, such as `status`
 */
export function command(name) {
  if (!inDocker) return `workshop ${name}`;
  if (/^(up|down)\b/.test(name)) return `docker compose ${name.replace(" --docker", "")}`;
  return `docker compose exec console workshop ${name}`;
}

/** The step in which trainees first time the code by hand, and the one in which they trace it. */
export const timingStep = Number(facts.timingStep);
export const tracingStep = Number(facts.tracingStep);
