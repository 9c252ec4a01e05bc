// The controls: send a request, set the load, and set the error rate.

import { share } from "../format.js";
import { html, useState } from "../html.js";
import { live } from "../live.js";
import { Field, Switch, words } from "../parts.js";
import { command } from "../settings.js";

const RATES = [0, 1, 2, 5, 10, 20];
const ERRORS = [0, 0.1, 0.5, 1];
const PATHS = ["/beers", "/donuts", "/ping", "/pair/beer?name=unknown"];

/**
 * The values of a switch, together with the current one, which may come from somewhere else.
 * @param {number[]} values
 * @param {number} [current]
 */
function withCurrent(values, current = 0) {
  return [...new Set([...values, current])].sort((a, b) => a - b);
}

/**
 * @typedef {object} SendCardProps
 * @property {{beers: string[], donuts: string[]}} names
 * @property {string} problem
 * @property {(path: string) => void} send
 */

/** @param {SendCardProps} props */
export function SendCard({ names, problem, send }) {
  const [beer, setBeer] = useChoice(names.beers, "ipa");
  const [donut, setDonut] = useChoice(names.donuts, "jelly");
  return html`<section class="card send">
    <h2>Send a request</h2>
    <div class="ask">
      <${Names} label="Beer" id="beer" names=${names.beers} value=${beer} onChoose=${setBeer} />
      <${Send} kind="" path=${`/pair/beer?name=${encodeURIComponent(beer)}`} send=${send}>Find a donut<//>
      <${Send} path=${`/beers/${encodeURIComponent(beer)}`} send=${send}>Show it<//>
    </div>
    <div class="ask">
      <${Names} label="Donut" id="donut" names=${names.donuts} value=${donut} onChoose=${setDonut} />
      <${Send} path=${`/donuts/${encodeURIComponent(donut)}`} send=${send}>Show it<//>
    </div>
    <div class="ask">${PATHS.map((path) => html`<${Send} key=${path} path=${path} send=${send}>${`GET ${path}`}<//>`)}</div>
    <p class="message" role="alert" hidden=${!problem}>${words(problem)}</p>
  </section>`;
}

/**
 * The chosen name, or the first name if the chosen one doesn't exist.
 * @param {string[]} names
 * @param {string} first
 * @returns {[string, (name: string) => void]}
 */
function useChoice(names, first) {
  const [name, setName] = useState(first);
  return [names.includes(name) ? name : (names[0] ?? ""), setName];
}

/**
 * @param {{label: string, id: string, names: string[], value: string, onChoose: (name: string) => void}} props
 */
function Names({ label, id, names, value, onChoose }) {
  /** @param {Event} event */
  const choose = ({ target }) => onChoose(/** @type {HTMLSelectElement} */ (target).value);
  return html`<${Field} label=${label} id=${id}>
    <select id=${id} value=${value} onChange=${choose}>
      ${names.map((name) => html`<option key=${name} value=${name}>${name}</option>`)}
    </select>
  <//>`;
}

/**
 * @param {{path: string, kind?: string, send: (path: string) => void, children?: string}} props
 */
function Send({ path, kind = "quiet", send, children }) {
  return html`<button type="button" class=${`button ${kind}`} onClick=${() => send(path)}>${children}</button>`;
}

/** @param {{set: (path: string, rate: number) => void}} props */
export function LoadCard({ set }) {
  return html`<section class="card load">
    <h2 id="load-title">Load</h2>
    <p>
      ${"Requests per second, mostly pairings, like those that "}<code>${command("traffic")}</code>
      ${" sends. The load stops by itself after ten minutes."}
    </p>
    <${Switch}
      labelledby="load-title" values=${withCurrent(RATES, live.state.load)} current=${live.state.load}
      label=${(/** @type {number} */ rate) => (rate ? `${rate}/s` : "Off")}
      onChoose=${(/** @type {number} */ rate) => set("/api/load", rate)}
    />
  </section>`;
}

/** @param {{set: (path: string, rate: number) => void}} props */
export function FaultsCard({ set }) {
  const faults = live.state.error_rate;
  if (!faults) return null;
  return html`<section class="card">
    <h2 id="errors-title">Errors on purpose</h2>
    <p>
      ${"How many pairings fail. The console saves it in "}<code>.env</code>${" as "}<code>MATCHMAKER_ERROR_RATE</code>
      ${", and web restarts with it. Now, "}<b>${faults.rate ? `${share(faults.rate)} of them fail` : "none of them fails"}</b>.
    </p>
    ${
      faults.fixed
        ? html`<div class="switch" role="group" aria-labelledby="errors-title">
          <p class="quiet">${words(`MATCHMAKER_ERROR_RATE is ${faults.rate} (${share(faults.rate)}) in the shell of \`${command("up")}\`, which overrides .env.`)}</p>
        </div>`
        : html`<${Switch}
          labelledby="errors-title" values=${withCurrent(ERRORS, faults.rate)} current=${faults.rate}
          label=${(/** @type {number} */ rate) => (rate ? share(rate) : "None")}
          onChoose=${(/** @type {number} */ rate) => set("/api/error-rate", rate)}
        />`
    }
  </section>`;
}
