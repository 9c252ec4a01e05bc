// The details of a span: where its time went, its error, its SQL, and its tags.

/** @import { Span, Trace } from "../types.js" */

import { ms, percent } from "../format.js";
import { html, useLayoutEffect, useRef } from "../html.js";
import { CopyButton } from "../parts.js";

const KEYWORDS =
  /\b(SELECT|FROM|WHERE|AND|OR|ORDER BY|GROUP BY|LIMIT|INSERT INTO|VALUES|UPDATE|SET|DELETE|JOIN|ON|AS)\b/;

/**
 * The details next to the picture, or over it where there is no room.
 * @param {{span: Span | undefined, trace: Trace, color: (service: string) => string, onClose: () => void}} props
 */
export function SpanAside({ span, trace, color, onClose }) {
  const aside = /** @type {{current: HTMLElement | null}} */ (useRef(null));
  useLayoutEffect(() => {
    if (!aside.current) return;
    aside.current.scrollTop = 0;
    const stack = aside.current.querySelector(".stack");
    if (stack) stack.scrollTop = stack.scrollHeight; // the error is at the end
  }, [span?.id]);
  return html`<aside class="details" aria-label="Span" ref=${aside}>
    <button type="button" class="copy close" aria-label="Close the details" title="Close the details (Esc)" onClick=${onClose}>✕</button>
    ${span && html`<${SpanDetails} key=${span.id} span=${span} trace=${trace} color=${color} />`}
  </aside>`;
}

/** @param {{span: Span, trace: Trace, color: (service: string) => string}} props */
function SpanDetails({ span, trace, color }) {
  const tags = Object.entries(span.tags);
  const inner = tags.filter(isClients);
  const outer = tags.filter((tag) => !isClients(tag));
  return html`
    <h2>${span.name}</h2>
    <p class="facts">
      <span class=${`chip ${color(span.service)}`}>${span.service}</span>
      ${span.error && html`<span class="badge bad">Error</span>`}
    </p>
    ${span.resource !== span.name && !span.sql && html`<p class="resource">${span.resource}</p>`}
    <dl class="figures">
      <${Figure} name="Duration" value=${ms(span.duration)} />
      <${Figure} name="Share of the trace" value=${percent(span.duration / (trace.duration || 1))} />
      <${Figure} name="Self time" value=${ms(span.self)} />
      ${!trace.handmade && html`<${Figure} name="Started after" value=${ms(span.start)} />`}
    </dl>
    ${span.sql && html`<${Sql} sql=${span.sql} />`}
    ${span.message && html`<${Failure} span=${span} />`}
    ${outer.length > 0 && html`<section><h3>Tags</h3><${Tags} tags=${outer} /></section>`}
    ${
      inner.length > 0 &&
      html`<details><summary>${`The client's own tags (${inner.length})`}</summary><${Tags} tags=${inner} /></details>`
    }
    ${!trace.handmade && html`<p class="ids">${"Span "}<code>${span.span_id}</code></p>`}
  `;
}

/** @param {[name: string, value: string]} tag */
function isClients([name]) {
  return name.startsWith("_") || name === "runtime-id";
}

/** @param {{name: string, value: string}} props */
function Figure({ name, value }) {
  return html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
}

/** @param {{span: Span}} props */
function Failure({ span }) {
  return html`<section>
    <h3>Error</h3>
    <p class="message">${span.message}</p>
    ${
      span.stack &&
      html`<details open>
        <summary>Stack trace (the error is at the end)</summary>
        <pre class="stack" tabindex="0">${span.stack}</pre>
      </details>`
    }
  </section>`;
}

/** @param {{tags: [name: string, value: string][]}} props */
function Tags({ tags }) {
  return html`<table class="tags"><tbody>
    ${tags.map(([name, value]) => html`<tr key=${name}><th scope="row">${name}</th><td>${value}</td></tr>`)}
  </tbody></table>`;
}

/** @param {{sql: string}} props */
function Sql({ sql }) {
  const parts = sql.split(KEYWORDS).map((part, at) => (at % 2 ? html`<b>${part}</b>` : part));
  return html`<section>
    <h3>SQL</h3>
    <pre class="sql" tabindex="0">${parts}</pre>
    <${CopyButton} text=${() => sql} label="Copy the SQL" />
  </section>`;
}
