// What you can search for.

import { html } from "../html.js";
import { OutwardLink } from "../parts.js";

const SYNTAX = "https://docs.datadoghq.com/tracing/trace_explorer/query_syntax/";

/** @type {[query: string, meaning: string][]} */
const EXAMPLES = [
  ["ZREVRANGE", "a word in a span: its service, operation, resource, or tags"],
  ["500", "a number: an HTTP status or another value, but not a part of 1500"],
  ["service:redis", "a service; or resource:, operation:, type:"],
  ["@beer:ipa", "a tag; beer:ipa means the same"],
  ["@beer:*", "any value; * stands for any characters"],
  ['resource:"GET /beers"', "a value with spaces"],
  ["status:error", "a request that failed; status:500 means an HTTP status"],
  ["error:ValueError", "an error anywhere in a trace, even one that the code handled"],
  [">200ms", "the trace took longer; also >=, <, and <="],
  ["service:taster >40ms", "a span of that service took longer"],
  ["status:[400 TO 499]", "a range of numbers"],
  ["-service:timing.log", "not this"],
  ["redis OR sqlite", "one or the other; ( ) group terms"],
  ["trace_id:6b05…", "a trace or span ID, hexadecimal or decimal"],
];

export function SearchHelp() {
  return html`<details class="search-help">
    <summary>How to search</summary>
    <dl>${EXAMPLES.map(
      ([query, meaning]) =>
        html`<div key=${query}><dt><code>${query}</code></dt><dd>${meaning}</dd></div>`,
    )}</dl>
    <p>
      A trace is listed if each term matches one of its spans. This is the syntax of${" "}
      <${OutwardLink} href=${SYNTAX}>Datadog’s span search<//>, which finds single spans that match all terms.
    </p>
  </details>`;
}
