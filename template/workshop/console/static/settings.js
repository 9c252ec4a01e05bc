// What the server wrote into the page: it does not change before the page is loaded anew.

const facts = globalThis.document?.body.dataset ?? {};

/** Whether this console is in a container of its own: it has neither the code nor timing.log then. */
export const inContainer = "inContainer" in facts;

/** The step in which the code begins to be timed by hand, and the one in which it gets traced. */
export const timingStep = Number(facts.timingStep);
export const tracingStep = Number(facts.tracingStep);
