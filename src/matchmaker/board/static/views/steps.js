// Everybody, by steps.

/** @import { Person, State, Step } from "../types.js" */

import { html } from "../../../../../template/workshop/console/static/html.js";
import { words } from "../../../../../template/workshop/console/static/parts.js";
import { at, reasons, STANDINGS, standing } from "../words.js";
import { Chip } from "./chip.js";

/** @typedef {(number: number) => void} OnOpen */

/** @param {{state: State, now: number, onOpen: OnOpen}} props */
export function Steps({ state, now, onOpen }) {
  const { people, steps, visits, pace } = state;
  const first = reasons(visits);
  const elsewhere = at(people, null, now);
  const finished = standing(people, "finished");
  const shared = { now, onOpen, first };
  return html`<section class="steps-of-all" aria-labelledby="by-step">
    <header class="bar">
      <h2 id="by-step">By step</h2>
      <${Legend} />
    </header>
    <ol>
      ${steps.map(
        (step, place) => html`<${Row}
          key=${step.number} step=${step} people=${at(people, place, now)}
          isNext=${place === pace.next} ...${shared}
        />`,
      )}
      ${elsewhere.length > 0 && html`<${Other} title="Another step" about="that this version doesn't have" people=${elsewhere} ...${shared} />`}
      ${finished.length > 0 && html`<${Other} title="Finished" about="" people=${finished} ...${shared} />`}
    </ol>
  </section>`;
}

/**
 * @param {{step: Step, people: Person[], isNext: boolean, now: number, onOpen: OnOpen, first: Map<number, string[]>}} props
 */
function Row({ step, people, isNext, now, onOpen, first }) {
  const { number, title, stopped, green, red, working } = step;
  return html`<li class=${`row ${isNext ? "next" : ""} ${people.length ? "" : "nobody"}`}>
    <div class="step">
      <i>${number}</i>
      <h3>${title}</h3>
      <p class="tally">
        ${people.length ? html`<span><b>${people.length}</b> here</span>` : "Nobody here"}
        ${red > 0 && html`<span class="red">${STANDINGS.red.sign} ${red}</span>`}
        ${working > 0 && html`<span>${STANDINGS.working.sign} ${working}</span>`}
        ${green > 0 && html`<span class="green">${STANDINGS.green.sign} ${green}</span>`}
      </p>
    </div>
    <div class="there">
      <${Names} people=${people} now=${now} onOpen=${onOpen} first=${first} label=${title} />
      ${
        stopped.length > 0 &&
        html`<ul class="stops" aria-label="What stops several">
          ${stopped.map(({ what, people }) => html`<li key=${what}><b>${people}</b> stopped at: <span dir="auto">${words(what)}</span></li>`)}
        </ul>`
      }
    </div>
  </li>`;
}

/**
 * @param {{title: string, about: string, people: Person[], now: number, onOpen: OnOpen, first: Map<number, string[]>}} props
 */
function Other({ title, about, people, now, onOpen, first }) {
  return html`<li class="row">
    <div class="step">
      <i>${title === "Finished" ? "★" : "–"}</i>
      <h3>${title}</h3>
      <p class="tally"><b>${people.length}</b> ${about}</p>
    </div>
    <div class="there"><${Names} people=${people} now=${now} onOpen=${onOpen} first=${first} label=${title} /></div>
  </li>`;
}

/**
 * @param {{people: Person[], now: number, onOpen: OnOpen, first: Map<number, string[]>, label: string}} props
 */
function Names({ people, now, onOpen, first, label }) {
  if (people.length === 0) return "";
  return html`<ul class="names" aria-label=${label}>
    ${people.map(
      (person) => html`<li key=${person.number}>
        <${Chip} person=${person} now=${now} onOpen=${onOpen} isFirst=${first.has(person.number)} />
      </li>`,
    )}
  </ul>`;
}

function Legend() {
  const { red, working, green } = STANDINGS;
  return html`<ul class="legend key">
    ${[red, working, green].map(({ sign, text }) => html`<li key=${sign}><b>${sign}</b> ${text}</li>`)}
    <li><b>?</b> took hints</li>
    <li><b>5′</b> minutes here, or since green</li>
  </ul>`;
}
