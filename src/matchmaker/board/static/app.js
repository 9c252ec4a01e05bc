// The board: asks for news, and shows them.

/** @import { Board } from "./types.js" */
/** @import { News } from "./words.js" */

import {
  html,
  render,
  useEffect,
  useLayoutEffect,
  useState,
  useTitle,
} from "../../../../template/workshop/console/static/html.js";
import { words } from "../../../../template/workshop/console/static/parts.js";
import { poll } from "./poll.js";
import { Details, findPerson } from "./views/details.js";
import { Lists } from "./views/lists.js";
import { Room } from "./views/pace.js";
import { Steps } from "./views/steps.js";
import { age, summary, troubleNow } from "./words.js";

const TICK_MS = 1000;

function App() {
  const [news, setNews] = useState(
    /** @type {News<Board>} */ ({ content: null, collected: 0, problem: "" }),
  );
  const [opened, open] = useState(/** @type {number | null} */ (null));
  useEffect(() => poll("/api/board", setNews), []);
  const { content, collected } = news;
  const state = content?.state;
  useTitle(content ? `${content.session}: board` : "Board");
  // The names don't render again each second. What they show is in minutes.
  const now = Math.floor(Date.now() / 1000);
  const show = (/** @type {number} */ number) => open(number);
  useFollowedFocus();
  return html`
    <header class="top">
      <div class="brand">
        <img src="/template/workshop/console/static/donut.svg" alt="" width="30" height="30" />
        <span><b>Board</b><small dir="auto">${content?.session}</small></span>
      </div>
      <p class="totals">${state && summary(state)}</p>
      <${Age} news=${news} />
      <a class="button quiet" href="/projector" target="_blank" rel="noopener">Projector view</a>
    </header>
    <${Trouble} news=${news} />
    <main id="main" tabindex="-1">
      <h1 class="unseen">Board</h1>
      ${
        state
          ? html`<div class="board">
            <${Room} pace=${state.pace} steps=${state.steps} all=${state.people.length} />
            <${Lists} state=${state} now=${now} onOpen=${show} />
            <${Steps} state=${state} now=${now} onOpen=${show} />
          </div>`
          : html`<div class="empty"><h2>${collected ? "Nobody is on the roster" : "Reading the records…"}</h2></div>`
      }
    </main>
    ${opened !== null && html`<${Details} number=${opened} mark=${content} onClose=${() => open(null)} />`}
  `;
}

/** If the focus is on somebody who moves to another step, it goes with them. */
function useFollowedFocus() {
  const focused = document.activeElement;
  const number = focused instanceof HTMLElement ? focused.dataset.number : undefined;
  useLayoutEffect(() => {
    if (number === undefined || focused?.isConnected) return;
    findPerson(Number(number))?.focus();
  });
}

/** @param {{news: News<Board>}} props */
function Age({ news: { collected } }) {
  const now = useClock();
  return html`<p class="age">${age(collected, now)}</p>`;
}

/** @param {{news: News<Board>}} props */
function Trouble({ news }) {
  const text = troubleNow(news, useClock());
  return html`<p class="trouble" role="status" hidden=${!text}>${words(text)}</p>`;
}

/** The time in milliseconds. It renders the component again each second. */
function useClock() {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return Math.max(now, Date.now());
}

const place = document.getElementById("board");
if (place) render(html`<${App} />`, place);
