// One trainee as a button, wherever the board names one.

/** @import { Person } from "../types.js" */

import { html } from "../../../../../template/workshop/console/static/html.js";
import { described, minutes, STANDINGS, since } from "../words.js";

/**
 * @param {{person: Person, now: number, onOpen: (number: number) => void, isFirst?: boolean}} props
 *   `isFirst`: whether this is somebody to visit first
 */
export function Chip({ person, now, onOpen, isFirst = false }) {
  const { name, number, standing, hints, is_quiet } = person;
  const isAtIt = standing === "red" || standing === "working";
  const kind = `${standing}${isFirst ? " first" : ""}${is_quiet ? " gone" : ""}`;
  const label = `${name}: ${described(person, now)}`;
  return html`<button
    type="button" class=${`who ${kind}`} aria-label=${label} title=${label} aria-haspopup="dialog"
    data-number=${number} onClick=${() => onOpen(number)}
  >
    <i>${STANDINGS[standing].sign}</i><bdi>${name}</bdi>
    ${hints > 0 && html`<span class="hints">${"?".repeat(Math.min(hints, 3))}</span>`}
    ${(isAtIt || standing === "green") && html`<small>${minutes(since(person, now)).replace(" min", "′")}</small>`}
  </button>`;
}
