// The responses to the requests that the page sent.

/** @import { Answer, Sent } from "../types.js" */

import { at } from "../address.js";
import { clock, ms, plural } from "../format.js";
import { html, useKeptFocus } from "../html.js";
import { live } from "../live.js";
import { OutwardLink, words } from "../parts.js";
import { tracingStep } from "../settings.js";
import { badgeOf, fate, pretty } from "../tried.js";

/** @param {{sent: Sent[]}} props newest first */
export function Results({ sent }) {
  useKeptFocus();
  return html`<ol class="results">
    ${sent.map((one) => html`<${Result} key=${one.id} sent=${one} />`)}
    ${!sent.length && html`<li class="quiet">Nothing yet.</li>`}
  </ol>`;
}

/** @param {{sent: Sent}} props */
function Result({ sent }) {
  const { path, answer, error } = sent;
  const request = html`<code>${`GET ${path}`}</code>`;
  if (error) return html`<li>${request}<p class="message">${words(error)}</p></li>`;
  if (!answer) return html`<li class="quiet">${request}${" …"}</li>`;
  return html`<li>
    <div class="bar">
      ${request}
      <span class=${badgeOf(answer.status)}>${`${answer.status} ${answer.reason}`}</span>
      <b>${ms(answer.milliseconds)}</b>
      <small>${clock(sent.time)}</small>
    </div>
    <pre tabindex="0">${pretty(answer.body)}</pre>
    <div><${Foot} sent=${sent} answer=${answer} /></div>
  </li>`;
}

/** The link to the trace. It stays even when the page no longer has the trace.
 * @param {{sent: Sent, answer: Answer}} props
 */
function Foot({ sent, answer }) {
  sent.spans = live.traces.get(answer.trace)?.spans ?? sent.spans;
  if (sent.spans !== null)
    return html`<a class="button" href=${at(`/traces/${answer.trace}`)}>${`See its trace: ${plural(sent.spans, "span")}`}</a>`;
  const { text, datadog, isByHand } = fate(sent, live, tracingStep, Date.now());
  return html`<p class="quiet">
    ${text}
    ${datadog && html`<${OutwardLink} href=${datadog}>its trace in Datadog ↗<//>`}
    ${isByHand && html`${" The timings that your code takes by hand are in the "}<a href=${at("/traces?hand=1")}>list of traces</a>.`}
  </p>`;
}
