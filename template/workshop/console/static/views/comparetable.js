// What each operation did in two traces.

/** @import { Comparison, Operation } from "../types.js" */

import { columnsOf, difference, VERDICTS } from "../compare.js";
import { plural } from "../format.js";
import { html, memo } from "../html.js";

/**
 * @typedef {object} TableProps
 * @property {Comparison} found
 * @property {(service: string) => string} color
 * @property {string} op the operation to highlight
 * @property {(op: string) => void} onOperation
 */

/** @param {TableProps} props */
export function OperationTable({ found, color, op, onOperation }) {
  const more = found.more_operations;
  const columns = columnsOf(found);
  return html`<section class="operations">
    <h2>Operations</h2>
    <p class="quiet">An operation is what has the same service, name, and resource. Totals include the spans below.${!found.guessed && " The parts on the critical path add up to the whole request."}</p>
    <table class="routes">
      <caption class="unseen">Operations of A and B, the largest difference first</caption>
      <thead><tr>
        <th scope="col">Operation</th><th scope="col">B compared with A</th>
        ${columns.map(([heading]) => html`<th key=${heading} scope="col">${heading}</th>`)}
        <th scope="col" aria-sort="descending">Difference</th>
      </tr></thead>
      <tbody>
        ${found.operations.map((operation) => html`<${Row} key=${operation.op} operation=${operation} columns=${columns} color=${color} isChosen=${operation.op === op} onOperation=${onOperation} />`)}
      </tbody>
    </table>
    <p class="quiet" hidden=${!more}>${`${plural(more, "operation")} with smaller differences ${more === 1 ? "isn't" : "aren't"} listed.`}</p>
  </section>`;
}

/**
 * @typedef {object} RowProps
 * @property {Operation} operation
 * @property {ReturnType<typeof columnsOf>} columns
 * @property {(service: string) => string} color
 * @property {boolean} isChosen
 * @property {(op: string) => void} onOperation
 */

/** @param {RowProps} props */
function OperationRow({ operation, columns, color, isChosen, onOperation }) {
  const { op, service, name, resource, verdict, a, b } = operation;
  const [said, kind] = VERDICTS[verdict];
  return html`<tr class=${isChosen ? "chosen" : ""}>
    <th scope="row">
      <button type="button" class="link" aria-pressed=${String(isChosen)} title="Highlight it in both waterfalls" onClick=${() => onOperation(op)}>${resource}</button>
      ${" "}<span class=${`chip ${color(service)}`}>${service}</span>
      ${resource !== name && html`<small>${name}</small>`}
    </th>
    <td><span class=${kind === "bad" ? "badge slower" : `badge ${kind}`}>${said}</span></td>
    ${columns.map(([heading, text]) => html`<td key=${heading} data-heading=${heading}>${change(text(a), text(b))}</td>`)}
    <td data-heading="Difference"><b>${difference(operation)}</b></td>
  </tr>`;
}

const Row = memo(OperationRow);

/**
 * @param {string} before
 * @param {string} after
 */
function change(before, after) {
  if (before === after) return before;
  return html`${before}<span aria-hidden="true"> → </span><span class="unseen"> in A, then </span>${after}`;
}
