// Two traces: their waterfalls on one scale, and what each operation did in them.

/** @import { Choice } from "../compare.js" */
/** @import { Comparison } from "../types.js" */

import { here } from "../address.js";
import { ask, sentence } from "../api.js";
import { addressOf, choiceIn, scaleOf } from "../compare.js";
import { html, useEffect, useLayoutEffect, useMemo, useState, useTitle } from "../html.js";
import { palette } from "../palette.js";
import { words } from "../parts.js";
import { ChooseTraces } from "./comparechoice.js";
import { OperationTable } from "./comparetable.js";
import { ComparedWaterfall } from "./comparewaterfall.js";

export function CompareView() {
  useTitle("Compare two traces · Matchmaker");
  const [choice, setChoice] = useState(() => choiceIn(location.search));
  const [why, setWhy] = useState("");
  const { found, problem } = useComparison(choice);

  useLayoutEffect(() => {
    const back = () => {
      if (here() !== "/compare") return;
      setChoice(choiceIn(location.search));
      setWhy("");
    };
    addEventListener("popstate", back);
    return () => removeEventListener("popstate", back);
  }, []);

  /**
   * @param {Partial<Choice>} changed
   * @param {string} [reason] why these two traces
   */
  function choose(changed, reason = "") {
    const now = { ...choice, ...changed };
    const isSame = !reason && now.a === choice.a && now.b === choice.b;
    history.pushState(null, "", addressOf(now));
    setChoice(now);
    if (!isSame) setWhy(reason);
  }

  return html`
    <div class="bar"><h1>Compare two traces</h1></div>
    <${ChooseTraces} choice=${choice} onChoose=${choose} />
    <p class="quiet" role="status">${words(why)}</p>
    ${problem && html`<p class="note plain" role="alert">${words(problem)}</p>`}
    ${found && html`<${Result} found=${found} choice=${choice} onChoose=${choose} />`}
  `;
}

/**
 * The comparison that the address asks for. The previous one stays until the next one is here.
 * @param {Choice} choice
 */
function useComparison({ a, b, framework }) {
  const [found, setFound] = useState(/** @type {Comparison | null} */ (null));
  const [problem, setProblem] = useState("");
  useEffect(() => {
    let isCurrent = true;
    setProblem("");
    if (!a || !b) {
      setFound(null);
      return undefined;
    }
    ask(`/api/compare?${new URLSearchParams({ a, b, ...(framework && { framework }) })}`)
      .then((document) => isCurrent && setFound(document))
      .catch((error) => {
        if (!isCurrent) return;
        setFound(null);
        setProblem(sentence(error));
      });
    return () => {
      isCurrent = false;
    };
  }, [a, b, framework]);
  return { found, problem };
}

/** @param {{found: Comparison, choice: Choice, onChoose: (changed: Partial<Choice>) => void}} props */
function Result({ found, choice, onChoose }) {
  const color = useMemo(
    () => palette(found.operations.map((operation) => operation.service)),
    [found],
  );
  const total = scaleOf(found);
  const verdicts = useMemo(
    () => new Map(found.operations.map(({ op, verdict }) => [op, verdict])),
    [found],
  );
  return html`
    <div class="compared-notes">
      ${found.texts.map((text) => html`<p key=${text}>${text}</p>`)}
      <p class="quiet">${found.noise}</p>
    </div>
    ${
      found.framework > 0 &&
      html`<label class="check">
        <input type="checkbox" checked=${choice.framework !== ""} onChange=${() => onChoose({ framework: choice.framework ? "" : "1" })} />${` Also compare the framework's own spans (${found.framework})`}
      </label>`
    }
    <${ComparedWaterfall} name="A" side=${found.a} total=${total} color=${color} verdicts=${verdicts} op=${choice.op} />
    <${ComparedWaterfall} name="B" side=${found.b} total=${total} color=${color} verdicts=${verdicts} op=${choice.op} />
    <${OperationTable} found=${found} color=${color} op=${choice.op} onOperation=${(/** @type {string} */ op) => onChoose({ op: op === choice.op ? "" : op })} />
  `;
}
