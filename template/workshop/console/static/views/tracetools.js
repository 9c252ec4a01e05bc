// The tools above the picture of a trace: which picture, which spans, which time, and what the
// colors mean.

/** @import { Trace } from "../types.js" */
/** @import { TraceState } from "../viewaddress.js" */
/** @import { Zoom } from "../zoom.js" */
/** @import { Found } from "./insearch.js" */

import { percent } from "../format.js";
import { html } from "../html.js";
import { Switch } from "../parts.js";
import { zoomText } from "../zoom.js";
import { InSearch } from "./insearch.js";

const MOST_IN_LEGEND = 12;
/** @type {Record<TraceState["view"], string>} */
const PICTURES = { waterfall: "Waterfall", flame: "Flame graph" };

/**
 * @typedef {object} ToolsProps
 * @property {Trace} trace
 * @property {(service: string) => string} color
 * @property {TraceState} state
 * @property {(part: Partial<TraceState>) => void} change
 * @property {Zoom | null} zoom
 * @property {number} total
 * @property {Found} found
 * @property {string} [selected]
 * @property {boolean} hasPath whether the trace has a critical path
 * @property {{zoomIn: () => void, zoomOut: () => void, whole: () => void, step: (direction: 1 | -1) => void}} moves
 * @property {() => void} onHelp
 */

/** @param {ToolsProps} props */
export function Tools({ trace, color, state, change, found, selected, ...rest }) {
  return html`<div class="tools">
    <${Switch}
      name="Picture" values=${Object.keys(PICTURES)} current=${state.view}
      onChoose=${(/** @type {TraceState["view"]} */ view) => change({ view })}
      label=${(/** @type {TraceState["view"]} */ name) => PICTURES[name]}
    />
    ${
      rest.hasPath &&
      html`<button
        type="button" class="toggle" aria-pressed=${String(state.critical)} title="Show when each span held up the whole trace (c)"
        onClick=${() => change({ critical: !state.critical })}
      >Critical path</button>`
    }
    ${
      trace.framework > 0 &&
      html`<label class="check">
        <input type="checkbox" checked=${state.framework} onChange=${() => change({ framework: !state.framework })} /> Also show the framework's own spans (${trace.framework})
      </label>`
    }
    <${Legend} trace=${trace} everything=${state.framework} color=${color} />
    <div class="row">
      <${InSearch} q=${state.q} found=${found} selected=${selected} onType=${(/** @type {string} */ q) => change({ q })} onStep=${rest.moves.step} />
      <${ZoomButtons} zoom=${rest.zoom} total=${rest.total} moves=${rest.moves} />
      <button type="button" class="copy show-keys" title="Show the keys (?)" onClick=${rest.onHelp}>Keys</button>
    </div>
  </div>`;
}

/** @param {Pick<ToolsProps, "zoom" | "total" | "moves">} props */
function ZoomButtons({ zoom, total, moves }) {
  return html`<div class="zoom" role="group" aria-label="Zoom">
    <button type="button" class="copy" aria-label="Zoom out" title="Zoom out (-)" disabled=${!zoom} onClick=${moves.zoomOut}>−</button>
    <button type="button" class="copy" aria-label="Zoom in" title="Zoom in (+)" onClick=${moves.zoomIn}>+</button>
    <button type="button" class="copy" title="Show the whole trace (0)" disabled=${!zoom} onClick=${moves.whole}>All</button>
    <span class="quiet">${zoom ? zoomText(zoom, total) : ""}</span>
  </div>`;
}

/** @param {{trace: Trace, everything: boolean, color: (service: string) => string}} props */
function Legend({ trace, everything, color }) {
  const shares = everything ? trace.shares : trace.folded_shares;
  const more = shares.length + trace.more_services - MOST_IN_LEGEND;
  return html`<ul class="legend" aria-label="Self time of each service">
    ${shares.slice(0, MOST_IN_LEGEND).map(([name, share]) => html`<li key=${name} class=${color(name)}><i />${`${name} `}<b>${percent(share)}</b></li>`)}
    ${shares.length > MOST_IN_LEGEND && html`<li>${`and ${more} more`}</li>`}
  </ul>`;
}
