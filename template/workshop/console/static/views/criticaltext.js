// The critical path in sentences, above the picture that shows it.

/** @import { Trace } from "../types.js" */

import { html } from "../html.js";

/** @param {{trace: Trace}} props */
export function CriticalText({ trace }) {
  const texts = [trace.critical_text, trace.parallel_text].filter(Boolean);
  if (!texts.length) return null;
  return html`<p class="critical-text">${texts.join(" ")}</p>`;
}
