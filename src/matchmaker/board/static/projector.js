// What the room sees: how far we are, without names. The server doesn't send any to this page.

/** @import { Room, RoomStep } from "./types.js" */
/** @import { News } from "./words.js" */

import {
  html,
  render,
  useEffect,
  useState,
} from "../../../../template/workshop/console/static/html.js";
import { words } from "../../../../template/workshop/console/static/parts.js";
import { poll } from "./poll.js";
import { troubleNow } from "./words.js";

function App() {
  const [news, setNews] = useState(
    /** @type {News<Room>} */ ({ content: null, collected: 0, problem: "" }),
  );
  useEffect(() => poll("/api/room", setNews), []);
  const state = news.content?.state;
  const trouble = troubleNow(/** @type {News<{}>} */ (news), Date.now());
  if (!state) return html`<h1>${trouble ? words(trouble) : "…"}</h1>`;
  const { all, begun, finished, pace, steps } = state;
  return html`
    ${trouble && html`<p class="trouble" role="status">${words(trouble)}</p>`}
    <h1>${pace.headline}</h1>
    <p class="detail">${pace.detail}</p>
    <table>
      <thead>
        <tr>
          <th scope="col"><span class="unseen">step</span></th>
          <td></td>
          <th scope="col" class="count through"><i></i>through</th>
          <th scope="col" class="count green"><i></i>✓ here</th>
          <th scope="col" class="count at-it"><i></i>… at it</th>
        </tr>
      </thead>
      <tbody>
        ${steps.map((step, at) => html`<${Row} key=${step.number} step=${step} all=${begun} isNext=${at === pace.next} />`)}
      </tbody>
    </table>
    <p class="detail">
      ${begun} of ${all} have begun${finished > 0 && `, ${finished} finished`}. “✓ here” are done with the step, and haven't gone on.
    </p>
  `;
}

/** @param {{step: RoomStep, all: number, isNext: boolean}} props */
function Row({ step, all, isNext }) {
  const { number, title, through, green, at_it } = step;
  const onward = through - green;
  const share = (/** @type {number} */ count) => (all ? (100 * count) / all : 0);
  return html`<tr class=${isNext ? "next" : ""}>
    <th scope="row"><span><i>${number}</i> ${title}</span></th>
    <td class="bar-of-step">
      <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
        <rect class="ground" width="100" height="10" />
        <rect class="through" width=${share(onward)} height="10" />
        <rect class="green" x=${share(onward)} width=${share(green)} height="10" />
        <rect class="at-it" x=${share(through)} width=${share(at_it)} height="10" />
      </svg>
    </td>
    <td class="count"><b>${through}</b></td>
    <td class="count">${green > 0 && `✓ ${green}`}</td>
    <td class="count">${at_it > 0 && `… ${at_it}`}</td>
  </tr>`;
}

const place = document.getElementById("board");
if (place) render(html`<${App} />`, place);
