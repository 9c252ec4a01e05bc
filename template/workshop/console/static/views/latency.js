// How long each route takes, live: a chart of one route, and a table of all routes.

/** @import { Asked } from "./latencyaddress.js" */
/** @import { Bucket, LatencyDocument, MergedRoute, Route } from "../types.js" */

import { at } from "../address.js";
import { ask } from "../api.js";
import { html, useEffect, useKeptFocus, useNews, useRef, useState, useTitle } from "../html.js";
import { live } from "../live.js";
import { Switch } from "../parts.js";
import { bucketAt, chosen, marksText, merged, moreText, nameOf } from "../series.js";
import { command } from "../settings.js";
import { RANGES } from "../timerange.js";
import { Chart } from "./chart.js";
import { Row, Table } from "./figures.js";
import { useAsked } from "./latencyaddress.js";
import { Moment } from "./moment.js";

const EVERY_MS = 1500;
const PLACES = { traces: "In web", outside: "From outside" };
const SOURCES = {
  traces: "Measured in web itself, from its traces.",
  outside: `Measured from outside, by the sender of the requests (${command("traffic")} or Try it). The time includes the way there and back.`,
};

export function LatencyView() {
  useTitle("Latency · Matchmaker");
  const [asked, askFor] = useAsked();
  const found = useLatency(asked.seconds);
  const name = Object.keys(RANGES).find((one) => RANGES[one] === asked.seconds);

  return html`
    <div class="bar">
      <h1>Latency</h1>
      <${Switch}
        name="Time range" values=${Object.keys(RANGES)} current=${name}
        onChoose=${(/** @type {string} */ one) => askFor({ seconds: RANGES[one] })}
        label=${(/** @type {string} */ one) => one}
      />
    </div>
    ${found && (found.routes.length ? html`<${Routes} found=${found} asked=${asked} ask=${askFor} />` : html`<${Nothing} />`)}
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
    <p><a class="button" href=${at("/try")}>Send some load</a></p>
  </div>`;
}

/**
 * @param {object} props
 * @param {LatencyDocument} props.found
 * @param {Asked} props.asked
 * @param {(changed: Partial<Asked>) => void} props.ask
 */
function Routes({ found, asked, ask }) {
  useKeptFocus();
  const rows = merged(found.routes);
  const row = /** @type {MergedRoute} */ (chosen(rows, asked.route));
  const isOutside = !row.inside || (asked.by === "outside" && row.outside !== null);
  const one = /** @type {Route} */ (isOutside ? row.outside : row.inside);
  const hasOutside = rows.some((each) => each.outside);
  const bucket = bucketAt(one.series, found.width, asked.at);

  /** @param {Bucket} chosen */
  const pick = (chosen) => ask({ at: chosen.time + found.width / 2 });

  return html`<div>
    <section class="card">
      <${Chart} found=${found} route=${one} bucket=${bucket} onPick=${pick} />
      <${Moment} route=${one} width=${found.width} bucket=${bucket} at=${asked.at} onPick=${pick} onClose=${() => ask({ at: null })} />
      ${
        row.inside &&
        row.outside &&
        html`<${Switch}
          name="Measured" values=${["traces", "outside"]} current=${one.by}
          label=${(/** @type {"traces" | "outside"} */ by) => PLACES[by]}
          onChoose=${(/** @type {"traces" | "outside"} */ by) => ask({ by })}
        />`
      }
      <p class="quiet">${SOURCES[one.by]}</p>
      <p class="quiet">${marksText(found.marks, Boolean(live.state.services?.web))}</p>
    </section>
    <${Table} first="Route" caption="All routes" hasOutside=${hasOutside}>
      ${rows.map(
        (each) => html`<${Row}
          key=${each.name} figures=${each.inside ?? each.outside} isMeasuredInside=${each.inside !== null}
          outside=${hasOutside ? each.outside : undefined} isChosen=${each === row}
        >
          <button type="button" class="link" aria-pressed=${String(each === row)} onClick=${() => ask({ route: each.name })}>${each.name}</button>
        <//>`,
      )}
    <//>
    ${hasOutside && html`<p class="quiet">${"“From outside” is what the sender of the requests measured. The other figures are from traces, or from the sender as long as there are none."}</p>`}
    <p class="quiet">${moreText(found)}</p>
    ${one.versions.length > 1 && html`<${Versions} route=${one} />`}
  </div>`;
}

/** @param {{route: Route}} props */
function Versions({ route }) {
  return html`<section class="versions">
    <h2>${`${nameOf(route)} at each step`}</h2>
    <${Table} first="Version">
      ${route.versions.map((each) => html`<${Row} key=${each.version} figures=${each}>${each.version || "none"}<//>`)}
    <//>
  </section>`;
}
