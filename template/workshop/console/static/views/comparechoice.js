// The choice of the two traces to compare.

/** @import { Choice } from "../compare.js" */
/** @import { Summary } from "../types.js" */

import { ask, sentence } from "../api.js";
import { candidates, comparable, lineOf } from "../compare.js";
import { html, useNews, useState } from "../html.js";
import { live, newestFirst } from "../live.js";
import { Field } from "../parts.js";
import { tracingStep } from "../settings.js";

const MOST = 200;

/**
 * @param {{choice: Choice, onChoose: (changed: Partial<Choice>, why?: string) => void}} props
 */
export function ChooseTraces({ choice, onChoose }) {
  const [traces, setTraces] = useState(newestFirst);
  // An open list of choices must not change, so that nobody picks the wrong one.
  useNews(() => traces.length || setTraces(newestFirst()));
  const refresh = () => setTraces(newestFirst());
  const offered = comparable(traces, choice, live.state.step ?? 0, tracingStep);
  const both = Boolean(choice.a && choice.b);

  /** @param {boolean} anew whether to take the newest trace, or to keep B */
  async function beforeAndAfter(anew) {
    const b = anew ? "" : choice.b;
    try {
      const found = await ask(`/api/before-and-after?${new URLSearchParams({ b })}`);
      onChoose({ a: found.a, b: found.b }, found.text);
    } catch (error) {
      onChoose({}, sentence(error));
    }
  }

  return html`<form
    class="filters compare-choice" aria-label="Traces to compare"
    onSubmit=${(/** @type {Event} */ event) => event.preventDefault()} onFocusIn=${refresh}
  >
    <${TraceChoice} name="A" what="before" id=${choice.a} traces=${candidates(offered, choice.b)} onPick=${(/** @type {string} */ a) => onChoose({ a })} />
    <${TraceChoice} name="B" what="after" id=${choice.b} traces=${candidates(offered, choice.a)} onPick=${(/** @type {string} */ b) => onChoose({ b })} />
    <button type="button" class="quiet" disabled=${!both} onClick=${() => onChoose({ a: choice.b, b: choice.a })}>Swap</button>
    <button type="button" class="quiet" onClick=${() => beforeAndAfter(!choice.b || both)}>Before and after my last change</button>
  </form>`;
}

/**
 * @param {object} props
 * @param {string} props.name
 * @param {string} props.what
 * @param {string} props.id
 * @param {Summary[]} props.traces
 * @param {(id: string) => void} props.onPick
 */
function TraceChoice({ name, what, id, traces, onPick }) {
  const offered = traces.slice(0, MOST);
  const own = traces.find((trace) => trace.id === id);
  const isOffered = offered.some((trace) => trace.id === id);
  return html`<${Field} label=${`${name}: ${what}`} id=${`trace-${name}`} kind="grow">
    <select id=${`trace-${name}`} value=${id} onChange=${(/** @type {Event} */ event) => onPick(/** @type {HTMLSelectElement} */ (event.target).value)}>
      <option value="">Choose a trace</option>
      ${id && !isOffered && html`<option key=${id} value=${id}>${own ? lineOf(own) : id}</option>`}
      ${offered.map((trace) => html`<option key=${trace.id} value=${trace.id}>${lineOf(trace)}</option>`)}
    </select>
  <//>`;
}
