// Which span of a trace matches the search.

/** @import { Matched } from "../types.js" */

import { html } from "../html.js";

/** @param {{matched: Matched}} props */
export function MatchedSpan({ matched }) {
  const others = matched.count - 1;
  const more = others > 0 && ` and ${others} more`;
  return html`<small class="matched">Matches: <code>${matched.title}</code>${more}</small>`;
}
