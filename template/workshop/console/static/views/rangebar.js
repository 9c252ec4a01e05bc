// Above the plot: the time range, the order on a narrow screen, and what was timed by hand earlier.

/** @import { Listing, SortKey } from "../listing.js" */

import { html, useState } from "../html.js";
import { fieldOf, MINUTES, ORDERS, timeOf } from "../listing.js";
import { Field, Switch } from "../parts.js";

/** @type {Record<number, string>} */
const LABELS = { 0: "All", 1: "1 min", 5: "5 min", 15: "15 min" };

/**
 * @param {object} props
 * @param {Listing} props.listing
 * @param {(changed: Partial<Listing>) => void} props.onChange
 * @param {number} props.byHand how many traces were timed by hand earlier
 */
export function RangeBar({ listing, onChange, byHand }) {
  const hasRange = listing.from !== null || listing.to !== null;
  const [isOpen, setOpen] = useState(false); // only a narrow screen folds the fields
  return html`<div class="range">
    <${Switch}
      name="Time range" values=${MINUTES} current=${hasRange ? -1 : listing.last}
      label=${(/** @type {number} */ minutes) => LABELS[minutes]}
      onChoose=${(/** @type {number} */ last) => onChange({ last, from: null, to: null })}
    />
    <button type="button" class="quiet times-button" aria-expanded=${String(isOpen || hasRange)} hidden=${hasRange} onClick=${() => setOpen(!isOpen)}>From … to …</button>
    <div class=${`times${isOpen || hasRange ? " open" : ""}`}>
      <${Time} name="from" label="From" listing=${listing} onChange=${onChange} />
      <${Time} name="to" label="To" listing=${listing} onChange=${onChange} />
    </div>
    ${hasRange && html`<button type="button" class="quiet" onClick=${() => onChange({ from: null, to: null })}>Show all times</button>`}
    <${Order} listing=${listing} onChange=${onChange} />
    ${
      byHand > 0 &&
      html`<label class="check">
        <input type="checkbox" checked=${listing.byHand} onChange=${() => onChange({ byHand: !listing.byHand })} />${` Timed by hand earlier (${byHand})`}
      </label>`
    }
  </div>`;
}

/**
 * @param {{name: "from" | "to", label: string, listing: Listing, onChange: (changed: Partial<Listing>) => void}} props
 */
function Time({ name, label, listing, onChange }) {
  /** @param {Event} event */
  function change(event) {
    const { value } = /** @type {HTMLInputElement} */ (event.target);
    onChange({ last: 0, from: listing.from, to: listing.to, [name]: timeOf(value, name === "to") });
  }
  return html`<${Field} label=${label} id=${name} kind="inline">
    <input type="datetime-local" step="1" id=${name} value=${fieldOf(listing[name])} onChange=${change} />
  <//>`;
}

/**
 * A narrow screen has no column headings to sort by.
 * @param {{listing: Listing, onChange: (changed: Partial<Listing>) => void}} props
 */
function Order({ listing, onChange }) {
  /** @param {Event} event */
  function change(event) {
    const [sort, order] = /** @type {HTMLSelectElement} */ (event.target).value.split(" ");
    onChange({ sort: /** @type {SortKey} */ (sort), ascending: order === "asc" });
  }
  return html`<${Field} label="Order" id="order" kind="inline order">
    <select id="order" value=${`${listing.sort} ${listing.ascending ? "asc" : "desc"}`} onChange=${change}>
      ${Object.entries(ORDERS).flatMap(([sort, texts]) =>
        ["desc", "asc"].map(
          (order, at) =>
            html`<option key=${`${sort} ${order}`} value=${`${sort} ${order}`}>${texts[at]}</option>`,
        ),
      )}
    </select>
  <//>`;
}
