// The list of completions below the search field, and the keys that move in it.

/** @import { Completions, Offer } from "../types.js" */

import { plural } from "../format.js";
import { html, useLayoutEffect, useRef, useState } from "../html.js";
import { tell } from "../parts.js";
import { completed, completions } from "../search.js";

const PAUSE_MS = 80;
/** Keys that change the text, besides those with one character. The last two are from phones. */
const EDITING = ["Backspace", "Delete", "Process", "Unidentified"];

/** @type {Completions} */
const NOTHING = { replaced: "", offers: [] };

/**
 * Completions for an input.
 * @param {{current: HTMLInputElement | null}} input
 * @param {(text: string) => void} onComplete gets the text with a term completed
 */
export function useOffers(input, onComplete) {
  const [{ replaced, offers }, setFound] = useState(NOTHING);
  const [active, setActive] = useState(-1);
  const timer = useRef(0);
  const turn = useRef(0);
  const isPressed = useRef(false);
  useLayoutEffect(() => close, []);

  function close() {
    clearTimeout(timer.current);
    turn.current += 1;
    setFound(NOTHING);
    setActive(-1);
  }

  async function now() {
    turn.current += 1;
    const mine = turn.current;
    const { value, selectionStart } = /** @type {HTMLInputElement} */ (input.current);
    try {
      const answer = await completions(value.slice(0, selectionStart ?? value.length));
      if (mine !== turn.current) return;
      setFound(answer);
      setActive(-1);
      if (answer.offers.length) tell(plural(answer.offers.length, "suggestion"));
    } catch {
      if (mine === turn.current) close(); // it works without suggestions
    }
  }

  function ask() {
    clearTimeout(timer.current);
    timer.current = window.setTimeout(now, PAUSE_MS);
  }

  /** Call it at each change of the input. Only pressed keys leave something to complete. */
  function typed() {
    if (isPressed.current) ask();
    else close(); // pasted, dictated, or cleared
    isPressed.current = false;
  }

  /** @param {Offer} offer */
  function choose(offer) {
    const element = /** @type {HTMLInputElement} */ (input.current);
    const cursor = element.selectionStart ?? element.value.length;
    const then = completed(element.value, cursor, replaced, offer.text);
    element.value = then.text;
    element.setSelectionRange(then.cursor, then.cursor);
    element.focus();
    close();
    onComplete(then.text);
    if (offer.text.endsWith(":")) ask(); // for its values
  }

  /** @param {KeyboardEvent} event */
  function keys(event) {
    const { key, ctrlKey, metaKey } = event;
    const isCommand = ctrlKey || metaKey;
    isPressed.current = !isCommand && (key.length === 1 || EDITING.includes(key));
    if (isCommand || event.altKey || event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[key];
    if (step && !offers.length) now();
    else if (step) setActive(((active + 1 + step + offers.length + 1) % (offers.length + 1)) - 1);
    else if (key === "Enter" && offers[active]) choose(offers[active]);
    else if (key === "Escape" && offers.length) close();
    else if (key === "Enter") return close();
    else return;
    event.preventDefault();
  }

  return { offers, active, choose, close, keys, typed };
}

/**
 * @param {{offers: Offer[], active: number, onChoose: (offer: Offer) => void}} props
 */
export function Offers({ offers, active, onChoose }) {
  const list = /** @type {{current: HTMLElement | null}} */ (useRef(null));
  useLayoutEffect(() => {
    list.current?.children[active]?.scrollIntoView({ block: "nearest" });
  }, [active]);
  return html`<ul
    ref=${list} id="offers" class="offers" role="listbox" aria-label="Suggestions" hidden=${!offers.length}
    onMouseDown=${(/** @type {Event} */ event) => event.preventDefault()}
  >
    ${offers.map(
      (offer, number) => html`<li
        key=${offer.text} id=${`offer-${number}`} role="option" aria-selected=${String(number === active)}
        onClick=${() => onChoose(offer)}
      ><code>${offer.text}</code>${offer.about && html`<small>${offer.about}</small>`}</li>`,
    )}
  </ul>`;
}
