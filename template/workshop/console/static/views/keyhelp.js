// The keys of a trace's view, in a dialog.

import { html, useLayoutEffect, useRef } from "../html.js";
import { IN_PICTURE, KEYS, keyName } from "../keys.js";

/**
 * @param {object} props
 * @param {boolean} props.isOn whether keys that are one character do something
 * @param {(isOn: boolean) => void} props.onSwitch
 * @param {() => void} props.onClose
 */
export function KeyHelp({ isOn, onSwitch, onClose }) {
  const dialog = /** @type {{current: HTMLDialogElement | null}} */ (useRef(null));
  useLayoutEffect(() => dialog.current?.showModal(), []);
  return html`<dialog class="keys" aria-labelledby="keys-title" ref=${dialog} onClose=${onClose}>
    <h2 id="keys-title">Keys</h2>
    <${Table} rows=${[...KEYS, ...IN_PICTURE]} />
    <p class="quiet">Hold Ctrl and turn the wheel, or pinch on a trackpad, to zoom. Drag on the small picture or on the time axis to zoom in there. Double-click there to show all.</p>
    <label class="check">
      <input type="checkbox" checked=${isOn} onChange=${() => onSwitch(!isOn)} /> Use the keys that are a letter, a digit, or a sign
    </label>
    <button type="button" class="button" onClick=${() => dialog.current?.close()}>Close</button>
  </dialog>`;
}

/** @param {{rows: {keys: string[], text: string}[]}} props */
function Table({ rows }) {
  return html`<div class="scroll" tabindex="0" role="group" aria-label="List of keys"><table><tbody>
    ${rows.map(
      ({ keys, text }) => html`<tr key=${text}>
        <th scope="row">${keys.map((key) => html`<kbd key=${key}>${keyName(key)}</kbd> `)}</th><td>${text}</td>
      </tr>`,
    )}
  </tbody></table></div>`;
}
