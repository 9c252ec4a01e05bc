// The page's frame: which view is shown, the services' state, and what is wrong at the moment.

import { decoded, h, words } from "./dom.js";
import { connect, live, onNews } from "./live.js";
import { showLatency } from "./views/latency.js";
import { showSteps } from "./views/steps.js";
import { showTrace } from "./views/trace.js";
import { showTraces } from "./views/traces.js";
import { showTry } from "./views/try.js";

const VIEWS = {
  traces: (main, key) => (key ? showTrace(main, key) : showTraces(main)),
  latency: (main) => showLatency(main),
  steps: (main, key) => showSteps(main, key),
  try: (main) => showTry(main),
};

const main = document.getElementById("main");
let leave = () => {};
let shown = "";

/** Show what the address says. Each view gives a function that ends it. */
function show() {
  const [, view = "", key = ""] = location.pathname.split("/");
  const name = VIEWS[view] ? view : "traces";
  leave();
  main.replaceChildren();
  main.className = `view-${name}${key ? "-one" : ""}`;
  for (const link of document.querySelectorAll("header nav a")) {
    if (link.pathname === `/${name}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  leave = VIEWS[name](main, decoded(key)) ?? (() => {});
  shown = location.pathname;
}

/** Go to another of the console's addresses, without loading the page anew. */
function go(url) {
  history.pushState(null, "", url);
  show();
  scrollTo(0, 0);
  main.focus({ preventScroll: true });
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  if (!link || !plain || link.target || link.origin !== location.origin) return;
  if (link.getAttribute("href").startsWith("#")) {
    event.preventDefault();
    document.querySelector(link.hash)?.focus();
    return;
  }
  event.preventDefault();
  go(link.href);
});
addEventListener("popstate", () => {
  if (location.pathname !== shown) show();
});
document.addEventListener("go", (event) => go(event.detail));

const services = document.getElementById("services");
const trouble = document.getElementById("trouble");
let drawn = "";
let version;

onNews(() => {
  const { state, connected, locked } = live;
  if (version && state.version && version !== state.version) location.reload(); // this page is of another server
  version = state.version ?? version;
  const all = Object.entries(state.services ?? {}).filter(([name]) => name !== "console");
  const now = JSON.stringify([all, connected, locked, state]);
  if (now === drawn) return;
  drawn = now;
  services.replaceChildren(
    ...all.map(([name, what]) => h("li", { class: connected ? what : "unknown", title: `${name}: ${what}` }, name, h("span", { class: "unseen" }, `: ${what}`))),
  );
  const text = troubleNow();
  trouble.hidden = !text;
  if (trouble.dataset.text !== text) trouble.replaceChildren(...words(text));
  trouble.dataset.text = text;
});

function troubleNow() {
  const { state, connected, locked } = live;
  if (locked) return "The console was started anew, and has a new token. `workshop status` prints the link that has it: open that, and this page goes on.";
  if (!connected) return "The console has gone away. As soon as it runs again, this page goes on by itself.";
  if (state.problem) return state.problem;
  const failed = Object.entries(state.details ?? {}).map(([name, why]) => why.startsWith("does not ") ? `${name} ${why}.` : `${name} does not run${why && `: ${why.replace(/\.$/, "")}`}.`);
  if (failed.length) return `${failed.join(" ")} Mend it and save the file: it starts again by itself.`;
  if (state.agent === "away") return "The agent does not answer, so no new traces come in. What has come in already is still here.";
  if (state.agent === "other" && !state.datadog) return "What answers as the agent is no test agent, so no traces come in.";
  if (state.agent === "other") return "The agent here is Datadog's own: it sends traces on and keeps none, so they are on Datadog's pages. Started by `workshop up --docker`, they are here, too.";
  return "";
}

connect();
show();
