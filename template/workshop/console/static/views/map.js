// The map of services, live: a picture, and the same as a table.

/** @import { ServiceMap } from "../types.js" */

import { at } from "../address.js";
import { ask } from "../api.js";
import { html, useEffect, useLayoutEffect, useState, useTitle } from "../html.js";
import { notDrawn, sourceText } from "../mapwords.js";
import { Switch, words } from "../parts.js";
import { RANGES, recall, secondsIn } from "../timerange.js";
import { MapPicture } from "./mappicture.js";
import { MapTable } from "./maptable.js";

const EVERY_MS = 1500;

/** @param {{go: (url: string) => void}} props */
export function MapView({ go }) {
  useTitle("Map · Matchmaker");
  const [seconds, setSeconds] = useState(() => {
    recall("map");
    return secondsIn(location.search);
  });
  const map = useMap(seconds);
  const name = Object.keys(RANGES).find((one) => RANGES[one] === seconds);

  useLayoutEffect(() => {
    const { pathname } = location;
    const back = () => location.pathname === pathname && setSeconds(secondsIn(location.search)); // or it's another view
    addEventListener("popstate", back);
    return () => removeEventListener("popstate", back);
  }, []);

  /** @param {number} now */
  function choose(now) {
    const search = `?seconds=${now}`;
    if (now !== seconds) history.pushState(null, "", search);
    sessionStorage.setItem("map", search);
    setSeconds(now);
  }

  return html`
    <div class="bar">
      <h1>Map of services</h1>
      <${Switch}
        name="Time range" values=${Object.keys(RANGES)} current=${name}
        onChoose=${(/** @type {string} */ one) => choose(RANGES[one])}
        label=${(/** @type {string} */ one) => one}
      />
    </div>
    ${map && (map.boxes.length ? html`<${Drawn} map=${map} go=${go} />` : html`<${Nothing} />`)}
  `;
}

/**
 * The map of the last `seconds`, requested again and again: it also changes while nothing arrives.
 * @param {number} seconds
 */
function useMap(seconds) {
  const [map, setMap] = useState(/** @type {ServiceMap | null} */ (null));

  useEffect(() => {
    let timer = 0;
    let isWanted = true;
    async function load() {
      try {
        const found = await ask(`/api/map?seconds=${seconds}`);
        if (isWanted) setMap(found);
      } catch {
        // The line above the view says what is wrong.
      }
      if (isWanted) timer = window.setTimeout(again, EVERY_MS);
    }
    function again() {
      if (!document.hidden) load();
      else timer = window.setTimeout(again, EVERY_MS);
    }
    load();
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [seconds]);
  return map;
}

function Nothing() {
  return html`<div class="empty">
    <h2>No requests in this time</h2>
    <p>${"Choose a longer time, or send a request. The map begins with what you see from outside. It gets more boxes when your code times its parts, and again when you trace it."}</p>
    <p><a class="button" href=${at("/try")}>Send some requests</a></p>
  </div>`;
}

/** @param {{map: ServiceMap, go: (url: string) => void}} props */
function Drawn({ map, go }) {
  return html`<section class="card map">
      <${MapPicture} map=${map} go=${go} />
      <p class="quiet">${words(sourceText(map))}</p>
      ${notDrawn(map) && html`<p class="more-boxes">${notDrawn(map)}</p>`}
    </section>
    <${MapTable} map=${map} />`;
}
