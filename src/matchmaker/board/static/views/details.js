// What the record of one trainee says, in a dialog.

/** @import { Check, Details as Found, Done } from "../types.js" */

import {
  html,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from "../../../../../template/workshop/console/static/html.js";
import { words } from "../../../../../template/workshop/console/static/parts.js";
import { twice } from "../../../../../template/workshop/console/static/twice.js";
import { described, minutes, stepName } from "../words.js";

const SIGNS = { pass: "✓", fail: "✕", open: "○" };
const OUTCOMES = { pass: "met", fail: "not met", open: "open" };
const when = new Intl.DateTimeFormat([], { timeStyle: "short", dateStyle: "medium" });

/**
 * @param {{number: number, mark: unknown, onClose: () => void}} props `mark` changes with the board
 */
export function Details({ number, mark, onClose }) {
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
  const [found, setFound] = useState(/** @type {Found | null} */ (null));
  const [problem, setProblem] = useState("");
  useLayoutEffect(() => {
    const opener = document.activeElement;
    dialog.current?.showModal();
    return () => focusAgain(opener, number);
  }, []);
  useEffect(() => {
    let isLate = false;
    read(number).then(
      (answer) => {
        if (isLate) return;
        setFound(answer);
        setProblem("");
      },
      () => isLate || setProblem("The board isn't responding."),
    );
    return () => {
      isLate = true;
    };
  }, [number, mark]);
  const onClick = (/** @type {MouseEvent} */ event) => {
    if (event.target === dialog.current) dialog.current?.close(); // outside of the content
  };
  return html`<dialog class="details" ref=${dialog} aria-labelledby="who" onClose=${onClose} onClick=${onClick}>
    <div>
      <header>
        <h2 id="who" dir="auto">${found?.name ?? "…"}</h2>
        <button type="button" class="button quiet" onClick=${() => dialog.current?.close()}>Close</button>
      </header>
      ${problem && html`<p class="message" role="alert">${problem}</p>`}
      ${found && html`<${Content} found=${found} />`}
    </div>
  </dialog>`;
}

/** @param {{found: Found}} props */
function Content({ found }) {
  const step = found.place === null ? undefined : found.steps[found.place];
  const hasBegun = found.standing !== "waiting" && found.standing !== "unknown";
  return html`
    <p class="facts">
      ${hasBegun && html`<span>${stepName(step)}</span>`}
      <span>${described(found, Date.now() / 1000)}</span>
      ${found.slug && html`<code>${found.slug}</code>`}
    </p>
    ${found.problem && html`<p class="message">${found.problem}</p>`}
    ${found.check ? html`<${Said} check=${found.check} />` : hasBegun && html`<p class="quiet">No check ran yet.</p>`}
    ${hasBegun && html`<${Table} steps=${found.steps} />`}
  `;
}

/** @param {{check: Check}} props */
function Said({ check }) {
  const verdict = check.passed ? "good" : "bad";
  return html`<section>
    <p class=${`verdict ${verdict}`}>${check.passed ? "✓ Green" : "✕ Not green"}</p>
    <p class="quiet"><span dir="auto">${check.step}</span>, checked ${when.format(new Date(check.at))}</p>
    ${check.problem && html`<p class="message" dir="auto">${words(check.problem)}</p>`}
    <ul class="requirements">
      ${check.lines.map(
        (line, index) => html`<li key=${index} class=${line.outcome}>
          <i aria-hidden="true">${SIGNS[line.outcome]}</i>
          <div>
            <span class="unseen">${OUTCOMES[line.outcome]}: </span>
            <span dir="auto">${words(line.name)}</span>${line.is_bonus && html` <span class="badge mini">bonus</span>`}
            ${
              line.outcome !== "pass" &&
              (line.expected || line.hint) &&
              html`<dl>
                ${line.expected && html`<div><dt>expected</dt><dd dir="auto">${words(line.expected)}</dd></div>`}
                ${line.hint && html`<div><dt>hint</dt><dd dir="auto">${words(line.hint)}</dd></div>`}
              </dl>`
            }
          </div>
        </li>`,
      )}
    </ul>
  </section>`;
}

/** @param {{steps: Done[]}} props */
function Table({ steps }) {
  const worked = steps.filter(
    (step) => step.is_done || step.is_here || step.seconds || step.checks,
  );
  if (worked.length === 0) return "";
  return html`<table>
    <thead><tr><th scope="col">step</th><th scope="col">done</th><th scope="col">time</th><th scope="col">checks</th><th scope="col">hints</th></tr></thead>
    <tbody>
      ${worked.map(
        (step) => html`<tr key=${step.number} aria-current=${step.is_here ? "step" : undefined}>
          <th scope="row">${stepName(step)}</th>
          <td>${step.is_done ? `✓ ${step.bonus ? "and bonus" : "yes"}` : "no"}</td>
          <td>${step.seconds ? minutes(step.seconds) : "–"}</td>
          <td>${step.checks || "–"}</td>
          <td>${step.hints || "–"}</td>
        </tr>`,
      )}
    </tbody>
  </table>`;
}

/**
 * @param {number} number
 * @returns {Promise<Found>}
 */
function read(number) {
  return twice(async () => {
    const answer = await fetch(`/api/people/${number}`, { cache: "no-store" });
    if (!answer.ok) throw new Error(answer.statusText);
    return answer.json();
  });
}

/**
 * Put the focus back to where it was. If that's gone because the trainee moved, it goes to wherever
 * the trainee is now.
 * @param {Element | null} opener
 * @param {number} number
 */
function focusAgain(opener, number) {
  const element = opener?.isConnected ? opener : findPerson(number);
  if (element instanceof HTMLElement) element.focus();
}

/**
 * The button with somebody's name: among the steps, or else in a list.
 * @param {number} number
 * @returns {HTMLElement | null}
 */
export function findPerson(number) {
  const who = `[data-number="${number}"]`;
  return document.querySelector(`.steps-of-all ${who}`) ?? document.querySelector(who);
}
