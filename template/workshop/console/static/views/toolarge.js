// A trace that is too large to draw. Its heading has the menu to download it.

/** @import { Trace } from "../types.js" */

import { html } from "../html.js";
import { Heading } from "./tracehead.js";

/** @param {{trace: Trace}} props */
export function TooLarge({ trace }) {
  return html`
    <${Heading} trace=${trace} link=${() => location.href} />
    <div class="card too-large">
      <h2>Too large to draw</h2>
      <p>${trace.too_large}</p>
    </div>
  `;
}
