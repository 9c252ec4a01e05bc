// How long each route takes, live: a chart of one route, and a table of all.

import { ask, clock, h, ms, place, plural } from "../dom.js";
import { live, onNews } from "../live.js";

const WINDOWS = { "5 minutes": 300, "15 minutes": 900, "1 hour": 3600 };
const EVERY_MS = 1500;
const SOURCES = {
  traces: "Measured by its traces, in web itself.",
  outside: "Measured from outside, by who sent the requests (workshop traffic, or Try it), with the way there and back.",
};

// The axis of errors has whole numbers.
const COUNTS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];

export function showLatency(main) {
  document.title = "Latency · Matchmaker";
  let seconds = Number(sessionStorage.getItem("seconds")) || 300;
  let route = sessionStorage.getItem("route") ?? "";
  let plot = null;
  let ended = false;
  let asked = 0;
  let again = 0;

  const title = h("h2", {});
  const chart = h("div", { class: "chart" });
  const key = h("ul", { class: "legend" }, h("li", { class: "p50" }, h("i"), "half are quicker (p50)"), h("li", { class: "p95" }, h("i"), "95 of 100 are quicker (p95)"), h("li", { class: "errors" }, h("i"), "errors"));
  const reading = h("p", { class: "reading", "aria-hidden": "true" });
  const source = h("p", { class: "quiet" });
  const marks = h("p", { class: "quiet" });
  const body = h("tbody");
  const rows = new Map();
  const versions = h("section", { class: "versions", hidden: true });
  const table = h("table", { class: "routes" },
    h("caption", { class: "unseen" }, "All routes"),
    h("thead", {}, h("tr", {}, ["Route", "Requests", "Errors", "p50", "p95"].map((name) => h("th", { scope: "col" }, name)))), body);
  const picture = h("section", { class: "card" }, h("div", { class: "bar" }, title, reading, key), chart, source, marks);
  const others = h("p", { class: "quiet" });
  const content = h("div", { hidden: true }, picture, table, others, versions);
  const empty = h("div", { class: "empty", hidden: true },
    h("h2", {}, "Nothing to measure yet"),
    h("p", {}, "As soon as requests come in, each route has its chart here: measured from outside by whoever sends them, ", h("code", {}, "workshop traffic"), " or Try it, and by its traces once the code is traced."),
    h("p", {}, h("a", { class: "button", href: "/try" }, "Send some load")));
  const windows = h("div", { class: "switch", role: "group", "aria-label": "How far back" });
  main.append(h("div", { class: "bar" }, h("h1", {}, "Latency"), windows), content, empty);

  windows.append(...Object.entries(WINDOWS).map(([name, value]) => h("button", {
    type: "button", "aria-pressed": String(value === seconds),
    onclick: (event) => {
      seconds = value;
      sessionStorage.setItem("seconds", value);
      for (const button of windows.children) button.setAttribute("aria-pressed", String(button === event.target));
      load();
    },
  }, name)));

  async function load() {
    asked = performance.now();
    let found;
    try {
      found = await ask(`/api/latency?seconds=${seconds}`);
    } catch {
      return;
    }
    if (ended) return;
    draw(found);
  }

  function draw(found) {
    // Traces know a request from inside; what was measured from outside comes after them.
    const routes = found.routes.map((each) => ({ ...each, name: nameOf(each) }))
      .sort((a, b) => b.by.localeCompare(a.by) || b.count - a.count);
    content.hidden = routes.length === 0;
    empty.hidden = routes.length > 0;
    if (!routes.length) return;
    const one = routes.find((each) => each.name === route) ?? routes.find((each) => each.route.includes("/pair")) ?? routes[0];
    title.textContent = one.name;
    source.textContent = SOURCES[one.by];
    others.textContent = found.more_routes ? `${plural(found.more_routes, "more route")} with fewer requests ${found.more_routes === 1 ? "is" : "are"} not listed.` : "";
    place(body, routes.map((each) => rowOf(each, each === one)));
    versions.hidden = one.versions.length < 2;
    if (!versions.hidden) {
      versions.replaceChildren(h("h2", {}, `${one.name}, step by step`), h("table", { class: "routes" }, h("thead", {}, h("tr", {}, ["Version", "Requests", "Errors", "p50", "p95"].map((name) => h("th", { scope: "col" }, name)))), h("tbody", {}, one.versions.map((each) => h("tr", {}, h("th", { scope: "row" }, each.version || "none"), h("td", {}, String(each.count)), h("td", {}, String(each.errors)), h("td", {}, ms(each.p50)), h("td", {}, ms(each.p95)))))));
    }
    marks.textContent = found.marks.length ? `Marked: ${found.marks.map((mark) => `${mark.text}, ${time(mark.time)}`).join("; ")}` : `When the step changes${live.state.services?.web ? " or web is restarted" : ""}, a line marks it. Requests that failed count as errors only.`;
    chart.setAttribute("role", "img");
    chart.setAttribute("aria-label", `${one.name} in the last ${seconds / 60} minutes: ${plural(one.count, "request")}, p50 ${ms(one.p50)}, p95 ${ms(one.p95)}, ${plural(one.errors, "error")}`);
    drawChart(found, one);
  }

  /** A route's row: always the same one, so that it keeps the focus, and a click meets it. */
  function rowOf(each, isChosen) {
    const row = rows.get(each.name) ?? h("tr", {},
      h("th", { scope: "row" }, h("button", { type: "button", class: "link", onclick: () => choose(each.name) }, each.name)),
      h("td"), h("td"), h("td"), h("td"));
    rows.set(each.name, row);
    const [name, count, errors, p50, p95] = row.cells;
    row.className = isChosen ? "chosen" : "";
    name.firstChild.setAttribute("aria-pressed", String(isChosen));
    errors.className = each.errors ? "bad" : "";
    count.textContent = each.count;
    errors.textContent = each.errors;
    p50.textContent = ms(each.p50);
    p95.textContent = ms(each.p95);
    return row;
  }

  async function drawChart(found, one) {
    const uPlot = await library();
    if (ended) return;
    const data = columns(one.series, found.from, found.to);
    const width = chart.clientWidth;
    const failed = one.errors > 0;
    if (plot?.route !== one.name || plot.failed !== failed || plot.uplot.width !== width) {
      plot?.uplot.destroy();
      chart.replaceChildren();
      plot = { route: one.name, failed, marks: found.marks, range: [found.from, found.to], uplot: null };
      plot.uplot = new uPlot(settings(width, plot, reading), data, chart);
    } else {
      plot.marks = found.marks;
      plot.range = [found.from, found.to];
      plot.uplot.setData(data);
    }
  }

  function choose(name) {
    route = name;
    sessionStorage.setItem("route", name);
    load();
  }

  const dark = matchMedia("(prefers-color-scheme: dark)");
  const anew = () => { if (plot) plot.route = null; load(); };
  dark.addEventListener("change", anew);
  addEventListener("resize", anew);
  load();
  const soon = () => {
    clearTimeout(again);
    again = setTimeout(load, Math.max(0, EVERY_MS - (performance.now() - asked)));
  };
  const stop = onNews(soon);
  return () => {
    ended = true;
    stop();
    clearTimeout(again);
    dark.removeEventListener("change", anew);
    removeEventListener("resize", anew);
    plot?.uplot.destroy();
  };
}

function nameOf({ route, by }) {
  return by === "outside" ? `${route}, from outside` : route;
}

let loading = null;

/** uPlot, loaded when the first chart is drawn. */
function library() {
  loading ??= new Promise((resolve, reject) => {
    document.head.append(
      h("link", { rel: "stylesheet", href: "/static/vendor/uplot/uPlot.min.css" }),
      h("script", { src: "/static/vendor/uplot/uPlot.iife.min.js", onload: () => resolve(window.uPlot), onerror: reject }));
  });
  return loading;
}

/** The lists that uPlot wants, with a gap where there were no requests for a while. */
function columns(series, from, to) {
  const gap = Math.max(10, (to - from) / 20);
  const rows = [];
  for (const bucket of series) {
    const last = rows.at(-1);
    if (last && bucket.time - last[0] > gap) rows.push([last[0] + gap / 2, null, null, null]);
    rows.push([bucket.time, bucket.p50, bucket.p95, bucket.errors || null]);
  }
  return [0, 1, 2, 3].map((column) => rows.map((row) => row[column]));
}

function settings(width, plot, reading) {
  const style = getComputedStyle(document.documentElement);
  const named = (name) => style.getPropertyValue(name).trim();
  const axis = { stroke: named("--quiet"), grid: { stroke: named("--line"), width: 1 }, ticks: { show: false }, font: `12px ${named("--font")}` };
  return {
    width, height: 280,
    legend: { show: false },
    cursor: { points: { size: 8 } },
    scales: { x: { range: () => plot.range }, y: { range: (_, low, high) => [0, Math.max(high, 1) * 1.1] }, errors: { range: (_, low, high) => [0, Math.max(high ?? 0, 4) * 4] } },
    axes: [{ ...axis, size: 30, values: (_, ticks) => ticks.map(time) }, { ...axis, size: 70, values: (_, ticks) => ticks.map((tick) => (tick ? ms(tick).replace(/\.0+ /, " ") : "0")) },
      ...(plot.failed ? [{ ...axis, scale: "errors", side: 1, size: 45, label: "errors", labelSize: 20, labelFont: axis.font, grid: { show: false }, incrs: COUNTS }] : [])],
    series: [
      {},
      { label: "p50", stroke: named("--p50"), width: 2.5, points: { show: true, size: 5 } },
      { label: "p95", stroke: named("--p95"), width: 2, dash: [6, 4], points: { show: false } },
      { label: "errors", scale: "errors", stroke: named("--bad"), fill: named("--bad"), width: 0, points: { show: false }, paths: window.uPlot.paths.bars({ size: [0.6, 14] }) },
    ],
    hooks: {
      draw: [(u) => drawMarks(u, plot.marks, named)],
      setCursor: [(u) => {
        const at = u.cursor.idx;
        const [times, p50, p95, errors] = u.data;
        const took = p50[at] == null ? "" : `p50 ${ms(p50[at])}, p95 ${ms(p95[at])}, `;
        reading.textContent = at == null || !(took || errors[at]) ? "" : `${time(times[at])}: ${took}${plural(errors[at] ?? 0, "error")}`;
      }],
    },
  };
}

function drawMarks(u, marks, named) {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.font = `${12 * devicePixelRatio}px ${named("--font")}`;
  ctx.fillStyle = ctx.strokeStyle = named("--mark");
  ctx.lineWidth = 1.5 * devicePixelRatio;
  marks.forEach((mark, number) => {
    const x = u.valToPos(mark.time, "x", true);
    if (x < bbox.left || x > bbox.left + bbox.width) return;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    const before = x + 6 * devicePixelRatio + ctx.measureText(mark.text).width > bbox.left + bbox.width;
    ctx.textAlign = before ? "right" : "left";
    ctx.fillText(mark.text, x + (before ? -6 : 6) * devicePixelRatio, bbox.top + (14 + (number % 3) * 16) * devicePixelRatio);
  });
  ctx.restore();
}

function time(seconds) {
  return clock(seconds * 1000);
}
