// Send a request and see its trace; keep sending; have some of them fail.

import { ask, clock, h, ms, place, tell, tracingStep, words } from "../dom.js";
import { live, onNews } from "../live.js";

const sent = [];
// How long a trace may take to come in.
const PATIENCE_MS = 3000;
const RATES = [0, 1, 2, 5, 10, 20];
const ERRORS = [0, 0.1, 0.5, 1];

export function showTry(main) {
  document.title = "Try it · Matchmaker";
  const beer = h("select", { id: "beer" });
  const donut = h("select", { id: "donut" });
  const said = h("p", { class: "message", role: "alert", hidden: true });
  const results = h("ol", { class: "results" });
  const nothing = h("li", { class: "quiet" }, "Nothing yet.");
  const load = h("div", { class: "switch", role: "group", "aria-labelledby": "load-title" });
  const errors = h("div", { class: "switch", role: "group", "aria-labelledby": "errors-title" });
  const generator = h("section", { class: "card load" },
    h("h2", { id: "load-title" }, "Load"),
    h("p", {}, "Requests a second, mostly pairings, as ", h("code", {}, "workshop traffic"), " sends them. It stops by itself after ten minutes."), load);
  const faults = h("section", { class: "card", hidden: true },
    h("h2", { id: "errors-title" }, "Errors on purpose"),
    h("p", {}, "How many pairings fail. It goes to ", h("code", {}, ".env"), " as ", h("code", {}, "MATCHMAKER_ERROR_RATE"), ", and web is restarted with it."), errors);

  main.append(
    h("div", { class: "bar" }, h("h1", {}, "Try it")),
    h("div", { class: "columns" },
      h("div", {},
        h("section", { class: "card send" },
          h("h2", {}, "Send a request"),
          h("div", { class: "ask" },
            h("div", { class: "field" }, h("label", { for: "beer" }, "Beer"), beer),
            h("button", { type: "button", class: "button", onclick: () => send(`/pair/beer?name=${encodeURIComponent(beer.value)}`) }, "Find its donut"),
            h("button", { type: "button", class: "button quiet", onclick: () => send(`/beers/${encodeURIComponent(beer.value)}`) }, "Look at it")),
          h("div", { class: "ask" },
            h("div", { class: "field" }, h("label", { for: "donut" }, "Donut"), donut),
            h("button", { type: "button", class: "button quiet", onclick: () => send(`/donuts/${encodeURIComponent(donut.value)}`) }, "Look at it")),
          h("div", { class: "ask" },
            ["/beers", "/donuts", "/ping", "/pair/beer?name=unknown"].map((path) => h("button", { type: "button", class: "button quiet", onclick: () => send(path) }, "GET ", path))),
          said),
        generator,
        faults),
      h("section", { class: "card came-back" }, h("h2", {}, "What came back"), results)));

  function say(text) {
    said.replaceChildren(...words(text));
    said.hidden = !text;
  }

  /** Ask web for the names, and again whenever it has become ready. */
  async function askForNames() {
    try {
      const { beers, donuts } = await ask("/api/names");
      fill(beer, beers, beer.value);
      fill(donut, donuts, donut.value);
      named = true;
      say("");
    } catch (error) {
      say(error.message);
    }
  }

  async function send(path) {
    const one = { path, time: Date.now(), answer: null, error: "", row: h("li"), foot: h("div"), shows: "" };
    sent.unshift(one);
    sent.length = Math.min(sent.length, 20);
    draw();
    try {
      one.answer = await ask("/api/try", { path });
      tell(`Status ${one.answer.status} after ${ms(one.answer.milliseconds)}`);
      if (!named) askForNames(); // under Compose nobody tells when web is ready
    } catch (error) {
      one.error = error.message;
      tell(error.message);
    }
    draw();
    setTimeout(draw, PATIENCE_MS); // nothing else may happen that would have it drawn anew
  }

  function draw() {
    place(results, sent.length ? sent.map(result) : [nothing]);
  }

  function control(group, values, current, path, label) {
    group.replaceChildren(...values.map((value) => h("button", {
      type: "button", "aria-pressed": String(value === current),
      onclick: async () => {
        try {
          await ask(path, { rate: value });
          say("");
        } catch (error) {
          say(error.message);
        }
      },
    }, label(value))));
  }

  let drawn = "";
  function drawState() {
    draw();
    const web = live.state.services?.web ?? "unknown";
    if (web !== known) {
      known = web;
      if (web !== "starting") askForNames();
    }
    const { load: rate, error_rate: faulty } = live.state;
    const now = JSON.stringify([rate, faulty]);
    if (now === drawn) return;
    drawn = now;
    const focused = document.activeElement?.textContent;
    const group = [load, errors].find((one) => one.contains(document.activeElement));
    control(load, RATES, rate, "/api/load", (value) => (value ? `${value}/s` : "Off"));
    faults.hidden = !faulty;
    if (faulty?.fixed) errors.replaceChildren(h("p", { class: "quiet" }, words(`MATCHMAKER_ERROR_RATE is ${faulty.rate} in the shell of \`workshop up\`, and that wins over .env.`)));
    else if (faulty) control(errors, ERRORS, faulty.rate, "/api/error-rate", (value) => (value ? `${value * 100}%` : "None"));
    if (group) [...group.children].find((button) => button.textContent === focused)?.focus();
  }

  // Those two are always there; whoever is quick can ask for them before the others are known.
  fill(beer, ["ipa"], "ipa");
  fill(donut, ["jelly"], "jelly");
  let known = "";
  let named = false;
  drawState();
  return onNews(drawState);
}

function fill(select, names, first) {
  select.replaceChildren(...names.map((name) => h("option", { value: name }, name)));
  if (names.includes(first)) select.value = first;
}

/** The row of what was sent. Only what has changed is made anew, so that it keeps the focus. */
function result(one) {
  const { path, time, answer, error, row, foot } = one;
  const shows = error || (answer ? "answer" : "waiting");
  if (one.shows !== shows) {
    one.shows = shows;
    row.classList.toggle("quiet", shows === "waiting");
    if (error) row.replaceChildren(h("code", {}, `GET ${path}`), h("p", { class: "message" }, words(error)));
    else if (!answer) row.replaceChildren(h("code", {}, `GET ${path}`), " …");
    else {
      row.replaceChildren(
        h("div", { class: "bar" }, h("code", {}, `GET ${path}`), h("span", { class: `badge ${answer.status < 400 ? "good" : answer.status < 500 ? "" : "bad"}` }, `${answer.status} ${answer.reason}`), h("b", {}, ms(answer.milliseconds)), h("small", {}, clock(time))),
        h("pre", { tabindex: "0" }, pretty(answer.body)),
        foot);
    }
  }
  if (answer) drawFoot(one);
  return row;
}

function drawFoot({ path, time, answer, foot }) {
  const trace = live.traces.get(answer.trace);
  const link = foot.querySelector("a.button");
  if (trace && link) link.textContent = `See its trace: ${trace.shown} spans`;
  else if (trace) foot.replaceChildren(h("a", { class: "button", href: `/traces/${answer.trace}` }, `See its trace: ${trace.shown} spans`));
  else if (!link) {
    const text = h("p", { class: "quiet" }, waiting(path, time, answer));
    if (foot.firstChild?.outerHTML !== text.outerHTML) foot.replaceChildren(text);
  }
}

function waiting(path, time, answer) {
  if (path === "/ping") return "Health checks are not listed.";
  const { agent, datadog } = live.state;
  if (agent === "other" && datadog) {
    return ["If it was traced: ", h("a", { href: `${datadog}/apm/trace/${answer.trace}`, target: "_blank", rel: "noopener noreferrer" }, "its trace in Datadog ↗")];
  }
  if (agent === "other") return "What answers as the agent is no test agent, and shows no traces.";
  const mayCome = (live.state.step ?? 1) >= tracingStep && Date.now() - time < PATIENCE_MS;
  if (mayCome) return "Waiting for its trace …";
  const byHand = [...live.traces.values()].some((trace) => trace.handmade && trace.start > time - 1000);
  return h("span", {}, `No trace of it. ${whyNone()}`, byHand && [" What your code timed by hand is ", h("a", { href: "/traces" }, "among the traces"), "."]);
}

function whyNone() {
  const { agent, step = 1 } = live.state;
  if (step < tracingStep) return `The code is not traced before step ${tracingStep}.`;
  if (agent === "away") return "The agent does not answer.";
  if (step === tracingStep) return "Is the tracing client in the code already?";
  return "Is the tracing client still in the code, and its import above all others?";
}

function pretty(body) {
  try {
    return JSON.stringify(JSON.parse(body), null, 1).replace(/\n\s*/g, " ").replace(/^\[ /, "[").slice(0, 2000);
  } catch {
    return body;
  }
}
