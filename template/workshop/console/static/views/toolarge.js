// A trace that is too large to draw.

/** @import { Trace } from "../types.js" */

import { html } from "../html.js";
import { Heading } from "./tracehead.js";

/** @type {[format: string, text: string][]} */
const FORMATS = [
  ["agent", "As the agent has it (JSON)"],
  ["otlp", "OpenTelemetry (OTLP JSON)"],
  ["jaeger", "Jaeger (JSON)"],
];

/** @param {{trace: Trace}} props */
export function TooLarge({ trace }) {
  const address = `/api/traces/${encodeURIComponent(trace.id)}/download`;
  return html`
    <${Heading} trace=${trace} link=${() => location.href} />
    <div class="card too-large">
      <h2>Too large to draw</h2>
      <p>${trace.too_large}</p>
      <ul>
        ${FORMATS.map(
          ([format, text]) =>
            html`<li key=${format}><a href=${`${address}?as=${format}`} download>${text}</a></li>`,
        )}
      </ul>
    </div>
  `;
}
