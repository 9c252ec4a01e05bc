// What the server wrote into the page. It doesn't change until the page reloads.

const facts = globalThis.document?.body.dataset ?? {};

/** Whether this console runs in a container of its own, without the code and timing.log. */
export const inContainer = "inContainer" in facts;

/** The step in which trainees first time the code by hand, and the one in which they trace it. */
export const timingStep = Number(facts.timingStep);
export const tracingStep = Number(facts.tracingStep);
