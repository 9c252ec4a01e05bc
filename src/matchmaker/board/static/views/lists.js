// Whom to visit first, and who hasn't begun or hasn't been seen for long.

/** @import { ComponentChild } from "preact" */
/** @import { Person, State } from "../types.js" */

import { html, useState } from "../../../../../template/workshop/console/static/html.js";
import { words } from "../../../../../template/workshop/console/static/parts.js";
import { minutes, quiet, since, standing, stepName } from "../words.js";
import { Chip } from "./chip.js";

const SHOWN = 5;
/** How many names to show of a list that is only to be glanced at. */
const GLANCED = 12;

/** @typedef {{now: number, onOpen: (number: number) => void}} Shared */

/** @param {{state: State} & Shared} props */
export function Lists({ state, now, onOpen }) {
  const { people } = state;
  const waiting = standing(people, "waiting");
  const unknown = standing(people, "unknown");
  const gone = quiet(people);
  const chip = (/** @type {Person} */ person) =>
    html`<${Chip} person=${person} now=${now} onOpen=${onOpen} />`;
  return html`<aside class="lists" aria-label="Who may need you">
    <${First} state=${state} now=${now} onOpen=${onOpen} />
    <${List} title="Not seen for long" people=${gone} shown=${GLANCED} isRow=${true} item=${(/** @type {Person} */ person) => html`${chip(person)} <small>${minutes(now - person.seen)} ago</small>`} />
    <${List} title="Not begun" people=${waiting} shown=${GLANCED} isRow=${true} item=${chip} />
    <${List} title="No record" people=${unknown} shown=${SHOWN} item=${(/** @type {Person} */ person) => html`${chip(person)} <p class="why">${person.problem}</p>`} />
  </aside>`;
}

/** @param {{state: State} & Shared} props */
function First({ state: { people, steps, visits }, now, onOpen }) {
  const [isOpen, open] = useState(false);
  const shown = isOpen ? visits : visits.slice(0, SHOWN);
  return html`<section class="card first-list" aria-labelledby="look">
    <h2 id="look">Look here first${visits.length > 0 && html` <span class="badge">${visits.length}</span>`}</h2>
    ${visits.length === 0 && html`<p class="quiet">Nobody takes much longer than the others.</p>`}
    <ol>
      ${shown.map(({ number, why }) => {
        const person = people[number];
        const step = steps[person.place ?? -1];
        return html`<li key=${number}>
          <button type="button" class="visit" aria-haspopup="dialog" data-number=${number} onClick=${() => onOpen(number)}>
            <span class="whose"><b><bdi>${person.name}</bdi></b> <small>${minutes(since(person, now))}</small></span>
            <span class="where">${stepName(step)}</span>
            ${why.map((reason) => html`<span class="why" key=${reason}>${reason}</span>`)}
            ${person.stopped_at && html`<span class="stop"><i>✕</i> <span dir="auto">${words(person.stopped_at)}</span></span>`}
          </button>
        </li>`;
      })}
    </ol>
    <${More} count=${visits.length - SHOWN} isOpen=${isOpen} onToggle=${() => open(!isOpen)} />
  </section>`;
}

/**
 * A list of people. It's not there if it's empty.
 * @param {{title: string, people: Person[], shown: number, isRow?: boolean, item: (person: Person) => ComponentChild}} props
 */
function List({ title, people, shown, isRow = false, item }) {
  const [isOpen, open] = useState(false);
  if (people.length === 0) return "";
  return html`<section class="card">
    <h2>${title} <span class="badge">${people.length}</span></h2>
    <ul class=${isRow ? "names" : "reasons"}>
      ${(isOpen ? people : people.slice(0, shown)).map((person) => html`<li key=${person.number}>${item(person)}</li>`)}
    </ul>
    <${More} count=${people.length - shown} isOpen=${isOpen} onToggle=${() => open(!isOpen)} />
  </section>`;
}

/** @param {{count: number, isOpen: boolean, onToggle: () => void}} props */
function More({ count, isOpen, onToggle }) {
  if (count <= 0) return "";
  return html`<button type="button" class="link" aria-expanded=${String(isOpen)} onClick=${onToggle}>
    ${isOpen ? "Show fewer" : `Show ${count} more`}
  </button>`;
}
