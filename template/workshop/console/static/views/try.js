// Send a request and see its trace, send load, and make some requests fail.

/** @import { Sent } from "../types.js" */

import { ask, sentence } from "../api.js";
import { ms } from "../format.js";
import { html, useEffect, useNews, useRedraw, useState, useTitle } from "../html.js";
import { live } from "../live.js";
import { tell } from "../parts.js";
import { PATIENCE_MS } from "../tried.js";
import { FaultsCard, LoadCard, SendCard } from "./controls.js";
import { Results } from "./results.js";

/**
 * Newest first. They survive a visit to another view.
 * @type {Sent[]}
 */
const sent = [];
const MOST = 20;
let number = 0;
// These two always exist, so you can request them before the page knows the others.
const AT_FIRST = { beers: ["ipa"], donuts: ["jelly"] };

export function TryView() {
  useTitle("Try it · Matchmaker");
  const redraw = useRedraw();
  useNews(redraw);
  const [problem, setProblem] = useState("");
  const { names, askForNames } = useNames(setProblem);

  /** @param {string} path */
  async function send(path) {
    number += 1;
    /** @type {Sent} */
    const one = { id: number, path, time: Date.now(), answer: null, error: "", spans: null };
    sent.unshift(one);
    sent.length = Math.min(sent.length, MOST);
    redraw();
    try {
      const answer = await ask("/api/try", { path });
      one.answer = answer;
      tell(`Status ${answer.status} after ${ms(answer.milliseconds)}`);
      if (names === AT_FIRST) askForNames(); // under Compose, nothing says when web is ready
    } catch (error) {
      one.error = sentence(error);
      tell(one.error);
    }
    redraw();
    setTimeout(redraw, PATIENCE_MS); // maybe nothing else will make the page render again
  }

  /**
   * @param {string} path
   * @param {number} rate
   */
  async function set(path, rate) {
    try {
      await ask(path, { rate });
      setProblem("");
    } catch (error) {
      setProblem(sentence(error));
    }
  }

  return html`
    <div class="bar"><h1>Try it</h1></div>
    <div class="columns">
      <div>
        <${SendCard} names=${names} problem=${problem} send=${send} />
        <${LoadCard} set=${set} />
        <${FaultsCard} set=${set} />
      </div>
      <section class="card came-back"><h2>Responses</h2><${Results} sent=${sent} /></section>
    </div>
  `;
}

/**
 * The names that web knows, requested whenever it becomes ready.
 * @param {(problem: string) => void} setProblem
 */
function useNames(setProblem) {
  const [names, setNames] = useState(AT_FIRST);
  const web = live.state.services?.web ?? "unknown";
  async function askForNames() {
    try {
      setNames(await ask("/api/names"));
      setProblem("");
    } catch (error) {
      setProblem(sentence(error));
    }
  }
  useEffect(() => {
    if (web !== "starting") askForNames();
  }, [web]);
  return { names, askForNames };
}
