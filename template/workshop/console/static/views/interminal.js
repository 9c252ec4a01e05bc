// What there is to do for the current step where the console has no code to look at.

/** @import { StepPage } from "../types.js" */

import { sentence } from "../api.js";
import { html, useState } from "../html.js";
import { words } from "../parts.js";
import { Hints, useHints } from "./report.js";

/**
 * What to type, and the hints.
 * @param {{page: StepPage}} props
 */
export function InTerminal({ page }) {
  const { hints, askForHint } = useHints(page);
  const [problem, setProblem] = useState("");
  const commands = [
    "`uv run workshop check` tells whether the step is done",
    ...(page.has_solution ? ["`uv run workshop diff` compares your code with the solution"] : []),
    "`uv run workshop next` goes on to the next step",
  ];

  async function hint() {
    try {
      await askForHint();
      setProblem("");
    } catch (error) {
      setProblem(sentence(error));
    }
  }

  return html`<section class="card tools" aria-label="This step">
    <p>In its container the console sees the pages, and not your code. Type in a terminal, and this page follows:</p>
    <ul class="commands">${commands.map((text) => html`<li key=${text}>${words(text)}</li>`)}</ul>
    <div class="ask"><button type="button" class="button quiet" onClick=${hint}>Give me a hint</button></div>
    <div class="answer" role="status">
      ${problem ? html`<p class="message">${words(problem)}</p>` : html`<${Hints} hints=${hints} />`}
    </div>
  </section>`;
}
