// The page of one step, with links to the previous and next step.

/** @import { Step, StepPage } from "../types.js" */

import { html, useState } from "../html.js";
import { Prose } from "./prose.js";
import { StepTools } from "./steptools.js";

/** The output of `workshop next`, for the page of the new step. */
let moved = { step: 0, text: "" };

/** @param {{step: Step, steps: Step[], page: StepPage, go: (url: string) => void}} props */
export function Page({ step, steps, page, go }) {
  const [said] = useState(moved);
  const next = steps.find((one) => one.number === step.number + 1);
  const before = steps.find((one) => one.number === step.number - 1);

  /** @param {{step: number, text: string}} now */
  function move(now) {
    moved = now;
    go(`/steps/${now.step}`);
  }

  return html`
    <header>
      <p class="over">${`Step ${step.number} of ${steps.length} · about ${step.minutes} minutes`}</p>
      <h2>${step.title}</h2>
    </header>
    ${
      said.step === step.number &&
      html`<section class="card moved" role="status"><pre tabindex="0">${said.text}</pre></section>`
    }
    ${step.here && html`<${StepTools} step=${step} next=${next} page=${page} onMove=${move} />`}
    <${Prose} html=${page.html} />
    <nav class="turn" aria-label="Previous and next step">
      ${before && html`<a class="button quiet back" href=${`/steps/${before.number}`}>${`← ${before.title}`}</a>`}
      ${next && html`<a class="button quiet next" href=${`/steps/${next.number}`}>${`${next.title} →`}</a>`}
    </nav>
  `;
}
