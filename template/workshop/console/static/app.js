// The frame of the page: the current view, the state of the services, and what is wrong right now.

/** @import { ComponentType } from "preact" */

import { at, here, within } from "./address.js";
import { decoded } from "./format.js";
import { html, render, useLayoutEffect, useNews, useRedraw, useState } from "./html.js";
import { connect, live, onNews } from "./live.js";
import { words } from "./parts.js";
import { troubleNow } from "./trouble.js";
import { CompareView } from "./views/compare.js";
import { LatencyView } from "./views/latency.js";
import { MapView } from "./views/map.js";
import { StepsView } from "./views/steps.js";
import { TraceView } from "./views/trace.js";
import { TracesView } from "./views/traces.js";
import { TryView } from "./views/try.js";

/** @type {Record<string, ComponentType<{id: string, go: (url: string) => void}>>} */
const VIEWS = {
  traces: TracesView,
  "traces-one": TraceView,
  compare: CompareView,
  latency: LatencyView,
  map: MapView,
  steps: StepsView,
  "steps-one": StepsView,
  try: TryView,
};
/** The first part of each address that a view shows. The server renders other pages. */
const SECTIONS = ["", ...Object.keys(VIEWS)];

/** @param {string} id */
const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const main = element("main");

/** The view that the address names, and the ID in it. */
function wanted() {
  const [, view = "", key = ""] = here().split("/");
  const section = view === "compare" ? "traces" : view; // the header has no link of its own for it
  const name = `${view}${key ? "-one" : ""}`;
  return Object.hasOwn(VIEWS, name)
    ? { name, section, id: decoded(key) }
    : { name: "traces", section: "traces", id: "" };
}

/** The current view. Each visit is a new component, even a visit to the same address. */
function App() {
  const [visit, setVisit] = useState({ number: 0, path: location.pathname, byLink: false });

  /** @param {boolean} byLink */
  function show(byLink) {
    setVisit(({ number }) => ({ number: number + 1, path: location.pathname, byLink }));
  }

  /**
   * Go to another address of the console without reloading the page.
   * @param {string} url
   */
  function go(url) {
    history.pushState(null, "", url);
    show(true);
  }

  const { name, section, id } = wanted();
  useLayoutEffect(() => follow(go), []);
  useLayoutEffect(() => {
    const back = () => location.pathname !== visit.path && show(false);
    addEventListener("popstate", back);
    return () => removeEventListener("popstate", back);
  }, [visit]);
  useLayoutEffect(() => {
    main.className = `view-${name}`;
    markLink(section);
    if (!visit.byLink) return;
    scrollTo(0, 0);
    main.focus({ preventScroll: true });
  }, [visit]);
  return html`<${VIEWS[name]} key=${visit.number} id=${id} go=${go} />`;
}

/** @param {string} section the view to mark as the current one in the header */
function markLink(section) {
  for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (
    document.querySelectorAll("header nav a")
  )) {
    if (link.pathname === at(`/${section}`)) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

/**
 * Follow links within the console without reloading the page.
 * @param {(url: string) => void} go
 */
function follow(go) {
  /** @param {MouseEvent} event */
  function click(event) {
    const link = /** @type {Element} */ (event.target).closest?.("a[href]");
    const isPlain =
      event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
    if (!(link instanceof HTMLAnchorElement) || !isPlain || link.target) return;
    if (link.origin !== location.origin || link.hasAttribute("download")) return;
    if (!SECTIONS.includes((within(link.pathname) ?? "/elsewhere").split("/")[1])) return;
    event.preventDefault();
    if (!link.getAttribute("href")?.startsWith("#")) go(link.href);
    /** @type {HTMLElement | null} */ else document.getElementById(link.hash.slice(1))?.focus();
  }
  document.addEventListener("click", click);
  return () => document.removeEventListener("click", click);
}

function Services() {
  useNews(useRedraw());
  const { connected, state } = live;
  return Object.entries(state.services ?? {})
    .filter(([name]) => name !== "console")
    .map(
      ([
        name,
        what,
      ]) => html`<li key=${name} class=${connected ? what : "unknown"} title=${`${name}: ${what}`}>
        ${name}<span class="unseen">${`: ${what}`}</span>
      </li>`,
    );
}

function Trouble() {
  useNews(useRedraw());
  const text = troubleNow(live);
  useLayoutEffect(() => {
    element("trouble").hidden = !text;
  }, [text]);
  return words(text);
}

/** @type {string | undefined} */
let version;

onNews(() => {
  const now = live.state.version;
  if (version && now && version !== now) location.reload(); // another version of the server made this page
  version = now ?? version;
});

// The server's links are relative to the page that it sent, and the address is about to change.
for (const link of /** @type {NodeListOf<HTMLAnchorElement | HTMLLinkElement>} */ (
  document.querySelectorAll("header a[href], link[rel=icon]")
))
  link.setAttribute("href", link.href);

connect();
render(html`<${Services} />`, element("services"));
render(html`<${Trouble} />`, element("trouble"));
render(html`<${App} />`, main);
