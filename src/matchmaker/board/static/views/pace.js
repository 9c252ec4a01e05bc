// How far the room is: a sentence, and a bar for each step.

/** @import { Pace, Step } from "../types.js" */

import { html } from "../../../../../template/workshop/console/static/html.js";

/** @param {{pace: Pace, steps: Step[], all: number}} props */
export function Room({ pace, steps, all }) {
  return html`<section class="card room" aria-labelledby="pace">
    <div>
      <h2 id="pace">${pace.headline}</h2>
      <p class="quiet">${pace.detail}</p>
    </div>
    <ol class="bars">
      ${steps.map(
        (step, at) => html`<li key=${step.number} class=${at === pace.next ? "next" : ""}>
          <b>${step.through}</b>
          <svg viewBox="0 0 10 40" preserveAspectRatio="none" aria-hidden="true">
            <rect class="ground" width="10" height="40" />
            <rect class="through" width="10" y=${40 - height(step.through, all)} height=${height(step.through, all)} />
          </svg>
          <span aria-hidden="true">${step.number}</span>
          <span class="unseen">of ${all} are through step ${step.number}</span>
        </li>`,
      )}
    </ol>
  </section>`;
}

/**
 * @param {number} count
 * @param {number} all
 */
function height(count, all) {
  return all ? (40 * count) / all : 0;
}
