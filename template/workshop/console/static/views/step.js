// The page of one step: where you stand, its text, its tools, and links to the steps around it.

/** @import { Step, StepPage } from "../types.js" */

import { at, here } from "../address.js";
import { html, useEffect, useMemo, useRedraw, useState } from "../html.js";
import { splitPage } from "../pageparts.js";
import { onWork, questionsOf, standing, workOf } from "../stepwork.js";
import { Prose } from "./prose.js";
import { useDraft } from "./questions.js";
import { StepTools } from "./steptools.js";

/** The output of `workshop next`, for the page of the new step. */
let moved = { step: 0, text: "" };

/** @param {{step: Step, steps: Step[], page: StepPage, go: (url: string) => void}} props */
export function Page({ step, steps, page, go }) {
  const [said] = useState(moved);
  const draft = useDraft(step.number, page);
  const [first, rest] = useMemo(() => splitPage(page.html), [page.html]);
  const next = steps.find((one) => one.number === step.number + 1);
  const before = steps.find((one) => one.number === step.number - 1);

  /** @param {{step: number, text: string}} now */
  function move(now) {
    moved = now;
    // Somebody who looks at something else meanwhile finds the new step when they come back.
    if (here().startsWith("/steps")) go(at(`/steps/${now.step}`));
  }

  return html`
    <header>
      <p class="over">${`Step ${step.number} of ${steps.length} · about ${step.minutes} minutes`}</p>
      <h2>${step.title}</h2>
      ${step.here ? html`<${Standing} step=${step} page=${page} draft=${draft} />` : html`<${Elsewhere} step=${step} here=${steps.find((one) => one.here)} />`}
    </header>
    ${
      said.step === step.number &&
      html`<section class="card moved" role="status"><pre tabindex="0">${said.text}</pre></section>`
    }
    <${Prose} html=${step.here ? first : page.html} />
    ${step.here && html`<${StepTools} step=${step} next=${next} page=${page} draft=${draft} onMove=${move} />`}
    ${step.here && rest && html`<${Prose} html=${rest} />`}
    <nav class="turn" aria-label="Previous and next step">
      ${before && html`<a class="button quiet back" href=${at(`/steps/${before.number}`)}>${`← ${before.title}`}</a>`}
      ${!next && html`<a class="button quiet next" href=${at("/finish")}>What you built →</a>`}
      ${next && html`<a class="button quiet next" href=${at(`/steps/${next.number}`)}>${`${next.title} →`}</a>`}
    </nav>
  `;
}

/** @param {{step: Step, page: StepPage, draft: ReturnType<typeof useDraft>}} props */
function Standing({ step, page, draft }) {
  const redraw = useRedraw();
  useEffect(() => onWork(redraw), []);
  const questions = questionsOf({ ...draft, asksGuess: page.asks_guess });
  return html`<p class=${`standing ${step.done ? "good" : ""}`}>
    ${standing(step, workOf(step.number), questions)}${" · "}<a href="#check">Go to the check</a>
  </p>`;
}

/** @param {{step: Step, here?: Step}} props */
function Elsewhere({ step, here }) {
  if (!here) return null;
  const text = step.done
    ? "✓ The check passed"
    : step.in_the_code
      ? "In the code"
      : "Not your step yet";
  return html`<p class=${`standing ${step.done ? "good" : ""}`}>
    ${`${text} · You are at `}<a href=${at(`/steps/${here.number}`)}>${`step ${here.number}: ${here.title}`}</a>
  </p>`;
}
