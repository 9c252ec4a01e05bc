// The map of services as a table.

/** @import { MapEdge, ServiceMap } from "../types.js" */

import { ms } from "../format.js";
import { html, useKeptFocus } from "../html.js";
import { endsText, linkOf, rate } from "../mapwords.js";

const COLUMNS = ["Count", "Rate", "Errors", "p50", "p95"];

/** @param {{map: ServiceMap}} props */
export function MapTable({ map }) {
  useKeptFocus();
  return html`<table class="routes map-table">
    <caption class="unseen">The calls on the map</caption>
    <thead><tr><th scope="col">Who calls whom</th>${COLUMNS.map((one) => html`<th key=${one} scope="col">${one}</th>`)}</tr></thead>
    <tbody>${map.edges.map((edge) => html`<${Row} key=${`${edge.from} ${edge.to} ${edge.kind}`} map=${map} edge=${edge} />`)}</tbody>
  </table>`;
}

/** @param {{map: ServiceMap, edge: MapEdge}} props */
function Row({ map, edge }) {
  const { kind, count, errors, per_second: perSecond, p50, p95, to } = edge;
  return html`<tr>
    <th scope="row"><a href=${linkOf(map.boxes[to])}>${endsText(map, edge)}</a>${kind === "spans" && html`<small>${" spans"}</small>`}</th>
    <td>${count}</td>
    <td>${rate(perSecond)}</td>
    <td class=${errors ? "bad" : ""}>${errors ?? "–"}</td>
    <td>${ms(p50)}</td>
    <td>${ms(p95)}</td>
  </tr>`;
}
