// The form with the filters of the list of traces.

/** @import { Filters } from "../filters.js" */
/** @import { Summary } from "../types.js" */

import { choices } from "../filters.js";
import { html } from "../html.js";
import { Field } from "../parts.js";
import { SearchField } from "./searchfield.js";

/**
 * @param {{filters: Filters, onFilter: (changed: Partial<Filters>) => void, traces: Summary[]}} props
 */
export function FilterForm({ filters, onFilter, traces }) {
  /** @param {keyof Filters} name */
  const chosen = (name) => (/** @type {Event} */ event) =>
    onFilter({ [name]: /** @type {HTMLInputElement} */ (event.target).value });
  const services = choices(new Set(traces.flatMap((trace) => trace.services)), filters.service);
  const resources = choices(
    traces.map((trace) => trace.resource),
    filters.resource,
  );
  return html`<form
    class="filters" role="search" aria-label="Filter traces"
    onSubmit=${(/** @type {Event} */ event) => event.preventDefault()}
  >
    <${SearchField} text=${filters.text} onSearch=${(/** @type {string} */ text) => onFilter({ text })} />
    <${Field} label="Service" id="service">
      <${Choice} id="service" first="All services" names=${services} value=${filters.service} onChange=${chosen("service")} />
    <//>
    <${Field} label="Resource" id="resource">
      <${Choice} id="resource" first="All resources" names=${resources} value=${filters.resource} onChange=${chosen("resource")} />
    <//>
    <${Field} label="Min. duration (ms)" id="min" kind="small">
      <input type="number" id="min" min="0" step="10" placeholder="0" value=${filters.min} onInput=${chosen("min")} />
    <//>
    <label class="check" for="error">
      <input
        type="checkbox" id="error" checked=${filters.error !== ""}
        onChange=${() => onFilter({ error: filters.error ? "" : "1" })}
      />${" Errors only"}
    </label>
  </form>`;
}

/**
 * @param {{id: string, first: string, names: string[], value: string, onChange: (event: Event) => void}} props
 */
function Choice({ id, first, names, value, onChange }) {
  return html`<select id=${id} value=${value} onChange=${onChange}>
    <option value="">${first}</option>
    ${names.map((name) => html`<option key=${name} value=${name}>${name}</option>`)}
  </select>`;
}
