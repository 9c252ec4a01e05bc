// How long each route takes, live: a chart of one route, and a table of all routes.

/** @import { LatencyDocument, NamedRoute } from "../types.js" */

import { ask } from "../api.js";
import { html, useEffect, useKeptFocus, useNews, useRef, useState, useTitle } from "../html.js";
import { live } from "../live.js";
import { Switch } from "../parts.js";
import { chosen, marksText, moreText, ordered } from "../series.js";
import { command } from "../settings.js";
import { Chart } from "./chart.js";
import { Row, Table } from "./figures.js";

/** @type {Record<string, number>} */
const WINDOWS = { "5 minutes": 300, "15 minutes": 900, "1 hour": 3600 };
const EVERY_MS = 1500;
const SOURCES = {
  traces: "Measured in web itself, from its traces.",
  outside: `Measured from outside, by the sender of the requests (${command("traffic")} or Try it). The time includes the way there and back.`,
};

export function LatencyView() {
  useTitle("Latency · Matchmaker");
  const [seconds, setSeconds] = useState(Number(sessionStorage.getItem("seconds")) || 300);
  const found = useLatency(seconds);
  const name = Object.keys(WINDOWS).find((one) => WINDOWS[one] === seconds);

  /** @param {string} one */
  function choose(one) {
    sessionStorage.setItem("seconds", String(WINDOWS[one]));
    setSeconds(WINDOWS[one]);
  }

  return html`
    <div class="bar">
      <h1>Latency</h1>
      <${Switch}
        name="Time range" values=${Object.keys(WINDOWS)} current=${name} onChoose=${choose}
        label=${(/** @type {string} */ one) => one}
      />
    </div>
    ${found && (found.routes.length ? html`<${Routes} found=${found} />` : html`<${Nothing} />`)}
  `;
}

/**
 * The latencies of the last `seconds`, requested again as requests arrive.
 * @param {number} seconds
 */
function useLatency(seconds) {
  const [found, setFound] = useState(/** @type {LatencyDocument | null} */ (null));
  const asked = useRef(0);
  const again = useRef(0);

  async function load() {
    asked.current = performance.now();
    const started = asked.current;
    try {
      const document = await ask(`/api/latency?seconds=${seconds}`);
      if (started === asked.current) setFound(document);
    } catch {
      // The line above the view says what is wrong.
    }
  }

  useEffect(() => {
    load();
    return () => clearTimeout(again.current);
  }, [seconds]);
  useNews(() => {
    clearTimeout(again.current);
    again.current = window.setTimeout(
      load,
      Math.max(0, EVERY_MS - (performance.now() - asked.current)),
    );
  });
  return found;
}

function Nothing() {
  return html`<div class="empty">
    <h2>Nothing to measure yet</h2>
    <p>
      ${"When requests arrive, each route gets a chart here. The sender ("}<code>${command("traffic")}</code>
      ${" or Try it) measures them from outside. Once you trace your code, the traces measure them, too."}
    </p>
    <p><a class="button" href="/try">Send some load</a></p>
  </div>`;
}

/** @param {{found: LatencyDocument}} props */
function Routes({ found }) {
  useKeptFocus();
  const [name, setName] = useState(sessionStorage.getItem("route") ?? "");
  const routes = ordered(found.routes);
  const one = /** @type {NamedRoute} */ (chosen(routes, name));

  /** @param {string} route */
  function choose(route) {
    sessionStorage.setItem("route", route);
    setName(route);
  }

  return html`<div>
    <section class="card">
      <${Chart} found=${found} route=${one} />
      <p class="quiet">${SOURCES[one.by]}</p>
      <p class="quiet">${marksText(found.marks, Boolean(live.state.services?.web))}</p>
    </section>
    <${Table} first="Route" caption="All routes">
      ${routes.map(
        (each) => html`<${Row} key=${each.name} figures=${each} isChosen=${each === one}>
          <button type="button" class="link" aria-pressed=${String(each === one)} onClick=${() => choose(each.name)}>${each.name}</button>
        <//>`,
      )}
    <//>
    <p class="quiet">${moreText(found)}</p>
    ${one.versions.length > 1 && html`<${Versions} route=${one} />`}
  </div>`;
}

/** @param {{route: NamedRoute}} props */
function Versions({ route }) {
  return html`<section class="versions">
    <h2>${`${route.name} at each step`}</h2>
    <${Table} first="Version">
      ${route.versions.map((each) => html`<${Row} key=${each.version} figures=${each}>${each.version || "none"}<//>`)}
    <//>
  </section>`;
}
