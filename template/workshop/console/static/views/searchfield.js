// The field to search for traces: a combobox (https://www.w3.org/WAI/ARIA/apg/patterns/combobox/)
// that offers keys and values while you type.

import { sentence } from "../api.js";
import { html, useLayoutEffect, useNews, useRef, useState } from "../html.js";
import { announce } from "../live.js";
import { tell, words } from "../parts.js";
import { refresh, search } from "../search.js";
import { Offers, useOffers } from "./offers.js";
import { SearchHelp } from "./searchhelp.js";

const PAUSE_MS = 150;

/**
 * @typedef {{problem: string, hint: string}} Said
 * @param {{text: string, onSearch: (text: string) => void}} props `onSearch` gets each text that the
 *   server could read, when its traces are known
 */
export function SearchField({ text, onSearch }) {
  const [typed, setTyped] = useState(text);
  const [said, say] = useState(/** @type {Said} */ ({ problem: "", hint: "" }));
  const input = /** @type {{current: HTMLInputElement | null}} */ (useRef(null));
  const run = useSearch(text, { onSearch, say, setTyped });
  const { offers, active, ...list } = useOffers(input, write);

  /** @param {string} value */
  function write(value) {
    setTyped(value);
    run(value);
  }

  /** @param {Event} event */
  function type(event) {
    write(/** @type {HTMLInputElement} */ (event.target).value);
    list.typed();
  }

  return html`<div class="field grow search">
    <label for="text">Search</label>
    <input
      ref=${input} type="search" id="text" role="combobox" autocomplete="off" autocapitalize="off"
      spellcheck=${false} maxlength="1000" placeholder="ZREVRANGE, service:redis, 500, >200ms …"
      aria-autocomplete="list" aria-controls="offers" aria-expanded=${String(offers.length > 0)}
      aria-activedescendant=${offers[active] && `offer-${active}`}
      aria-describedby="text-said" aria-invalid=${String(said.problem !== "")}
      value=${typed} onInput=${type} onKeyDown=${list.keys} onBlur=${list.close}
    />
    <${Offers} offers=${offers} active=${active} onChoose=${list.choose} />
    <p id="text-said" class=${said.problem ? "said wrong" : "said"}>${words(said.problem || said.hint)}</p>
    <${SearchHelp} />
  </div>`;
}

/**
 * Search whenever typing pauses, the address changes, or traces come in. Returns the function to
 * call with what was typed.
 * @param {string} text
 * @param {{onSearch: (text: string) => void, say: (said: Said) => void, setTyped: (text: string) => void}} then
 */
function useSearch(text, then) {
  const timer = useRef(0);
  const shown = useRef("");
  const latest = useRef(then);
  latest.current = then;

  /** @param {string} wanted */
  async function now(wanted) {
    try {
      const answer = await search(wanted);
      if (!answer) return;
      latest.current.say(answer);
      if (answer.problem) tell(answer.problem);
      if (answer.problem || wanted === shown.current) return;
      shown.current = wanted;
      latest.current.onSearch(wanted);
    } catch (error) {
      latest.current.say({ problem: sentence(error), hint: "" });
    }
  }

  useLayoutEffect(() => {
    if (text === shown.current) return; // typed, and already searched for
    latest.current.setTyped(text);
    now(text);
  }, [text]);
  useLayoutEffect(() => () => clearTimeout(timer.current), []);
  useNews(async () => {
    const isChanged = await refresh().catch(() => false); // the page says it elsewhere
    if (isChanged) announce();
  });
  return (/** @type {string} */ wanted) => {
    clearTimeout(timer.current);
    timer.current = window.setTimeout(now, PAUSE_MS, wanted);
  };
}
