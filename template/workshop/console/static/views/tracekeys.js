// The keys of the view of a trace, wherever the focus is.

/** @import { Action } from "../keys.js" */

import { html, useLayoutEffect, useRef, useState } from "../html.js";
import { actionOf, isCharacter, isField } from "../keys.js";
import { KeyHelp } from "./keyhelp.js";

/**
 * Listen to keys. Somebody whose voice or hand presses keys by accident can turn the single ones off:
 * https://www.w3.org/WAI/WCAG22/Understanding/character-key-shortcuts.html
 * @param {Record<Exclude<Action, "help">, () => void>} actions
 */
export function useKeys(actions) {
  const [isHelp, setHelp] = useState(false);
  const [isOn, setOn] = useState(localStorage.getItem("single-keys") !== "off");
  const latest = useRef({ actions, isOn });
  latest.current = { actions, isOn };

  // As soon as the picture is there: with useEffect, a key in the next moment would be lost.
  useLayoutEffect(() => {
    /** @param {KeyboardEvent} event */
    function press(event) {
      const { target } = event;
      const isTaken = event.defaultPrevented || event.isComposing;
      if (isTaken || document.querySelector("dialog[open]")) return;
      if (target instanceof HTMLElement && isField(target)) return;
      const action = actionOf(event);
      if (!action || (!latest.current.isOn && isCharacter(event))) return;
      if (action === "help") setHelp(true);
      else latest.current.actions[action]();
      if (action !== "close") event.preventDefault();
    }
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);

  /** @param {boolean} on */
  function onSwitch(on) {
    localStorage.setItem("single-keys", on ? "on" : "off");
    setOn(on);
  }
  const help =
    isHelp &&
    html`<${KeyHelp} isOn=${isOn} onSwitch=${onSwitch} onClose=${() => setHelp(false)} />`;
  return { help, showHelp: () => setHelp(true) };
}
