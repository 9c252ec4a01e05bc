// The nine pages, how far one is, and what the `workshop` command says about a step.

import { ask, copyButton, h, plural } from "../dom.js";
import { live, onNews } from "../live.js";

const STATES = { done: "done", here: "you are here", ahead: "ahead" };
const SIGNS = { done: "✓", here: "→", ahead: "" };

export function showSteps(main, key) {
  document.title = "Steps · Matchmaker";
  let ended = false;
  let steps = [];
  let at = null;
  const list = h("ol", { class: "steps" });
  const page = h("article", { class: "page" });
  const progress = h("p", { class: "count" });
  main.append(h("div", { class: "bar" }, h("h1", {}, "Steps"), progress), h("div", { class: "book" }, h("nav", { "aria-label": "Steps" }, list), page));

  async function load() {
    try {
      steps = await ask("/api/steps");
      if (ended) return;
      at = steps.find((step) => step.state === "here") ?? steps[0];
      const chosen = steps.find((step) => step.number === Number(key)) ?? at;
      drawList(chosen);
      const { html } = await ask(`/api/steps/${chosen.number}`);
      if (ended) return;
      drawPage(chosen, html);
    } catch (error) {
      if (!ended) page.replaceChildren(h("p", { class: "message" }, error.message));
    }
  }

  function drawList(chosen) {
    const done = steps.filter((step) => step.state === "done").length;
    progress.textContent = `${done} of ${steps.length} done`;
    list.replaceChildren(...steps.map((step) => h("li", { class: step.state },
      h("a", { href: `/steps/${step.number}`, "aria-current": step === chosen ? "page" : null },
        h("i", { "aria-hidden": "true" }, SIGNS[step.state] || String(step.number)),
        h("span", {}, `${step.number}. ${step.title}`, h("small", {}, `${STATES[step.state]} · ${step.minutes} min`))))));
  }

  function drawPage(step, html) {
    document.title = `Step ${step.number} · Matchmaker`;
    const text = h("div", { class: "prose" });
    text.innerHTML = html; // a page of this repository, and the policy of the page runs no script in it
    for (const block of text.querySelectorAll("pre > code")) dress(block);
    page.replaceChildren(
      h("header", {}, h("p", { class: "over" }, `Step ${step.number} of ${steps.length} · about ${step.minutes} minutes`), h("h2", {}, step.title)),
      ...tools(step), text,
      h("nav", { class: "turn", "aria-label": "Neighbours" }, neighbour(step.number - 1, "←", "Back"), neighbour(step.number + 1, "→", "Next")));
  }

  function neighbour(number, sign, word) {
    const step = steps.find((one) => one.number === number);
    return step && h("a", { class: `button quiet ${word.toLowerCase()}`, href: `/steps/${number}` }, word === "Back" ? `${sign} ${step.title}` : `${step.title} ${sign}`);
  }

  function tools(step) {
    if (step.state !== "here" || !step.tools?.length) return [];
    const answer = h("div", { class: "answer", role: "status" });
    const buttons = step.tools.map((tool) => h("button", { type: "button", class: tool === "check" ? "button" : "button quiet", onclick: (event) => run(tool, event.target) }, TOOLS[tool].label));
    async function run(tool, button) {
      for (const one of buttons) one.disabled = true;
      answer.replaceChildren(h("p", { class: "quiet" }, TOOLS[tool].meanwhile));
      try {
        const found = await ask(`/api/steps/${step.number}/${tool}`, {});
        answer.replaceChildren(...TOOLS[tool].draw(found));
        if (tool === "check") refresh();
      } catch (error) {
        answer.replaceChildren(h("p", { class: "message" }, error.message));
      }
      for (const one of buttons) one.disabled = false;
      button.focus();
    }
    return [h("section", { class: "card tools", "aria-label": "This step" }, h("div", { class: "ask" }, buttons), answer)];
  }

  async function refresh() {
    steps = await ask("/api/steps");
    if (!ended) drawList(steps.find((step) => step.number === Number(key)) ?? at);
  }

  let step = live.state.step;
  load();
  const stop = onNews(() => {
    if (live.state.step === step) return;
    const moved = step !== undefined;
    step = live.state.step;
    if (moved) load();
  });
  return () => { ended = true; stop(); };
}

const OUTCOMES = { pass: ["✓", "met"], fail: ["✗", "not met"], open: ["–", "not looked at yet"] };

const TOOLS = {
  check: {
    label: "Run the check",
    meanwhile: "Checking: your code runs aside, on other ports. That takes some seconds.",
    draw: (report) => [
      h("p", { class: `verdict ${report.passed ? "good" : "bad"}` }, report.passed ? "This step is done." : "Not done yet."),
      report.problem && h("p", { class: "message" }, report.problem),
      report.requirements.length > 0 && h("ul", { class: "requirements" }, report.requirements.map((one) => h("li", { class: one.outcome },
        h("i", { "aria-hidden": "true" }, OUTCOMES[one.outcome][0]),
        h("div", {}, h("b", {}, one.name, one.is_bonus && h("small", {}, " bonus")), h("span", { class: "unseen" }, `: ${OUTCOMES[one.outcome][1]}`),
          one.outcome === "fail" && h("dl", {}, ["expected", "seen", "hint"].map((what) => h("div", {}, h("dt", {}, what), h("dd", {}, one[what])))))))),
      ...report.notes.map((note) => h("p", { class: "message" }, note)),
    ].filter(Boolean),
  },
  hint: {
    label: "Give me a hint",
    meanwhile: "…",
    draw: (hint) => [h("p", { class: "over" }, `Hint ${hint.number} of ${hint.total}`), h("p", {}, hint.text), h("p", { class: "quiet" }, hint.number < hint.total ? `${plural(hint.total - hint.number, "more hint")}.` : "That was the last one.")],
  },
  diff: {
    label: "Compare with the solution",
    meanwhile: "Making the solution of this step …",
    draw: ({ text, same }) => [same ? h("p", { class: "verdict good" }, "Your code is the solution.") : diffBlock(text)],
  },
};

function diffBlock(text) {
  const code = h("code", { class: "language-diff" });
  code.textContent = text;
  const pre = h("pre", { tabindex: "0" }, code);
  colourDiff(code);
  return pre;
}

/** Give a block its copy button: of a console's block, the commands; and a diff its colours. */
function dress(code) {
  const pre = code.parentElement;
  const kind = code.className.replace("language-", "");
  pre.setAttribute("tabindex", "0");
  const frame = h("div", { class: `frame ${kind}` });
  pre.replaceWith(frame);
  frame.append(pre);
  const text = code.textContent;
  const commands = text.split("\n").filter((line) => line.startsWith("$ ")).map((line) => line.slice(2)).join("\n");
  if (kind === "console" && commands) {
    frame.append(copyButton(() => commands, "Copy the commands"));
    code.replaceChildren(...text.split(/(?<=\n)/).map((line) => (line.startsWith("$ ") ? h("b", {}, line) : line)));
  } else if (kind === "diff") colourDiff(code);
  else if (kind !== "text") frame.append(copyButton(() => text, "Copy the code"));
}

function colourDiff(code) {
  code.replaceChildren(...code.textContent.split(/(?<=\n)/).map((line) => {
    if (line.startsWith("+++") || line.startsWith("---")) return h("b", {}, line);
    if (line.startsWith("+")) return h("ins", {}, line);
    if (line.startsWith("-")) return h("del", {}, line);
    if (line.startsWith("@@")) return h("i", {}, line);
    return line;
  }));
}
