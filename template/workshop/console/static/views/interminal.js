// What you can do for the current step if the console can't see your code.

/** @import { StepPage } from "../types.js" */

import { sentence } from "../api.js";
import { html, useState } from "../html.js";
import { words } from "../parts.js";
import { Hints, useHints } from "./report.js";

/**
 * The commands to run, and the hints.
 * @param {{page: StepPage}} props
 */
export function InTerminal({ page }) {
  const { hints, askForHint } = useHints(page);
  const [problem, setProblem] = useState("");
  const commands = [
    "`uv run workshop check` tells you whether the step is done",
    ...(page.has_solution ? ["`uv run workshop diff` compares your code with the solution"] : []),
    "`uv run workshop next` takes you to the next step",
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
    <p>In its container, the console sees the pages but not your code. Run these commands in a terminal, and this page shows the results:</p>
    <ul class="commands">${commands.map((text) => html`<li key=${text}>${words(text)}</li>`)}</ul>
    <div class="ask"><button type="button" class="button quiet" onClick=${hint}>Give me a hint</button></div>
    <div class="answer" role="status">
      ${problem ? html`<p class="message">${words(problem)}</p>` : html`<${Hints} hints=${hints} />`}
    </div>
  </section>`;
}
