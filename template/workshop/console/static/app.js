// The page's frame: which view is shown, the services' state, and what is wrong at the moment.

/** @import { ComponentType } from "preact" */

import { decoded } from "./format.js";
import { html, render, useLayoutEffect, useNews, useRedraw, useState } from "./html.js";
import { connect, live, onNews } from "./live.js";
import { words } from "./parts.js";
import { troubleNow } from "./trouble.js";
import { LatencyView } from "./views/latency.js";
import { StepsView } from "./views/steps.js";
import { TraceView } from "./views/trace.js";
import { TracesView } from "./views/traces.js";
import { TryView } from "./views/try.js";

/** @type {Record<string, ComponentType<{id: string, go: (url: string) => void}>>} */
const VIEWS = {
  traces: TracesView,
  "traces-one": TraceView,
  latency: LatencyView,
  steps: StepsView,
  "steps-one": StepsView,
  try: TryView,
};

/** @param {string} id */
const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const main = element("main");

/** Which view the address says, and what of. */
function wanted() {
  const [, view = "", key = ""] = location.pathname.split("/");
  const name = `${view}${key ? "-one" : ""}`;
  return Object.hasOwn(VIEWS, name)
    ? { name, section: view, id: decoded(key) }
    : { name: "traces", section: "traces", id: "" };
}

/** What the address says. Each visit is a component of its own, also one to the same address. */
function App() {
  const [visit, setVisit] = useState({ number: 0, path: location.pathname, byLink: false });

  /** @param {boolean} byLink */
  function show(byLink) {
    setVisit(({ number }) => ({ number: number + 1, path: location.pathname, byLink }));
  }

  /**
   * Go to another of the console's addresses, without loading the page anew.
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

/** @param {string} section the view whose link in the header is the current one */
function markLink(section) {
  for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (
    document.querySelectorAll("header nav a")
  )) {
    if (link.pathname === `/${section}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

/**
 * Have links within the console followed without loading a page.
 * @param {(url: string) => void} go
 */
function follow(go) {
  /** @param {MouseEvent} event */
  function click(event) {
    const link = /** @type {Element} */ (event.target).closest?.("a[href]");
    const isPlain =
      event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
    if (!(link instanceof HTMLAnchorElement) || !isPlain || link.target) return;
    if (link.origin !== location.origin) return;
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
  if (version && now && version !== now) location.reload(); // this page is of another server
  version = now ?? version;
});

connect();
render(html`<${Services} />`, element("services"));
render(html`<${Trouble} />`, element("trouble"));
render(html`<${App} />`, main);
