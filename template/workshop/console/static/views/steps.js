// The pages, how far one is, and what the `workshop` command says about a step.

import { ask, copyButton, h, inContainer, words } from "../dom.js";
import { live, onNews } from "../live.js";

// What `workshop next` said, for the page of the step that it led to.
let moved = { step: 0, text: "" };

export function showSteps(main, key) {
  document.title = "Steps · Matchmaker";
  let ended = false;
  let steps = [];
  let at = null;
  let onward = null;
  const list = h("ol", { class: "steps" });
  const page = h("article", { class: "page" });
  const progress = h("p", { class: "count" });
  main.append(h("div", { class: "bar" }, h("h1", {}, "Steps"), progress), h("div", { class: "book" }, h("nav", { "aria-label": "Steps" }, list), page));

  async function load() {
    try {
      steps = await ask("/api/steps");
      if (ended) return;
      at = steps.find((step) => step.here) ?? steps[0];
      const chosen = wanted();
      drawList(chosen);
      if (!chosen) {
        page.replaceChildren(h("h2", {}, `There is no step ${key}`), h("p", {}, `They go from 1 to ${steps.length}.`));
        return;
      }
      const found = await ask(`/api/steps/${chosen.number}`);
      if (ended) return;
      drawPage(chosen, found);
    } catch (error) {
      if (!ended) page.replaceChildren(h("p", { class: "message" }, words(error.message)));
    }
  }

  function wanted() {
    return key ? steps.find((step) => String(step.number) === key) : at;
  }

  function drawList(chosen) {
    const done = steps.filter((step) => step.done).length;
    progress.textContent = `${done} of ${steps.length} done`;
    list.replaceChildren(...steps.map((step) => h("li", { class: [step.done && "done", step.here && "here"].filter(Boolean).join(" ") },
      h("a", { href: `/steps/${step.number}`, "aria-current": step === chosen ? "page" : null },
        h("i", { "aria-hidden": "true" }, step.done ? "✓" : String(step.number)),
        h("span", {}, step.title, h("small", {}, [stateOf(step), `${step.minutes} min`].filter(Boolean).join(" · ")))))));
  }

  function drawPage(step, found) {
    document.title = `Step ${step.number} · Matchmaker`;
    const text = h("div", { class: "prose" });
    text.innerHTML = found.html; // a page of this repository; the policy of the page runs no script in it
    for (const block of text.querySelectorAll("pre > code")) dress(block);
    page.replaceChildren(...[
      h("header", {}, h("p", { class: "over" }, `Step ${step.number} of ${steps.length} · about ${step.minutes} minutes`), h("h2", {}, step.title)),
      moved.step === step.number && h("section", { class: "card moved", role: "status" }, h("pre", { tabindex: "0" }, moved.text)),
      step.here && (inContainer ? toolsElsewhere(step, found) : tools(step, found)), text,
      h("nav", { class: "turn", "aria-label": "Neighbours" }, neighbour(step.number - 1, "←", "Back"), neighbour(step.number + 1, "→", "Next")),
    ].filter(Boolean));
  }

  function neighbour(number, sign, word) {
    const step = steps.find((one) => one.number === number);
    return step && h("a", { class: `button quiet ${word.toLowerCase()}`, href: `/steps/${number}` }, word === "Back" ? `${sign} ${step.title}` : `${step.title} ${sign}`);
  }

  /** What there is to do for the current step, and what came of it. */
  function tools(step, found) {
    const answer = h("div", { class: "answer", role: "status" }, ...found.hints.flatMap(hintLines));
    const draft = drafts(step.number);
    const questions = found.questions.map((question, number) => choice(question, number, draft.answers?.[number] ?? found.answers[number]));
    const guess = found.asks_guess && h("div", { class: "field" }, h("label", { for: "guess" }, "Your guess: milliseconds a pairing takes"), h("input", { id: "guess", type: "number", min: "0", value: draft.guess ?? found.guess ?? "" }));
    const next = steps.find((one) => one.number === step.number + 1);
    onward = next && button(`Go on to step ${next.number}: ${next.title}`, "Moving on. Your code stays as it is.", moveOn, "onward");
    if (onward) onward.hidden = !step.done;
    const buttons = [
      onward,
      button("Run the check", "Checking: your code runs aside, on other ports. That takes some seconds.", check),
      button("Give me a hint", "…", () => nextHint(found), "quiet"),
      found.has_solution && button("Compare with the solution", "Making this step's solution …", compare, "quiet"),
    ].filter(Boolean);

    function button(label, meanwhile, act, kind = "") {
      return h("button", { type: "button", class: `button ${kind}`, onclick: async (event) => {
        for (const one of buttons) one.disabled = true;
        answer.replaceChildren(h("p", { class: "quiet" }, meanwhile));
        try {
          answer.replaceChildren(...await act());
        } catch (error) {
          answer.replaceChildren(h("p", { class: "message" }, words(error.message)));
        }
        for (const one of buttons) one.disabled = false;
        event.target.focus();
      } }, label);
    }

    async function moveOn() {
      moved = await ask("/api/next", {});
      document.dispatchEvent(new CustomEvent("go", { detail: `/steps/${moved.step}` }));
      return [];
    }

    async function check() {
      const { guess: guessed, answers } = typed();
      const given = {};
      if (guessed) given.guess = Number(guessed);
      if (questions.length) given.answers = answers;
      const report = await ask(`/api/steps/${step.number}/check`, given);
      sessionStorage.removeItem(`draft-${step.number}`); // it is kept with what was told now
      return reportLines(report);
    }

    function typed() {
      return { guess: guess ? guess.querySelector("input").value : "", answers: questions.map((one) => one.querySelector("input:checked")?.value ?? "-").join("") };
    }

    async function compare() {
      const { text, same } = await ask("/api/diff", {});
      return [same ? h("p", { class: "verdict good" }, "Your code is the solution.") : diffBlock(text)];
    }

    const keep = () => sessionStorage.setItem(`draft-${step.number}`, JSON.stringify(typed()));
    return h("section", { class: "card tools", "aria-label": "This step", oninput: keep }, guess, questions, h("div", { class: "ask" }, buttons.filter((one) => one !== onward)), answer, onward);
  }

  /** The same where the console has no code to look at: what to type, and the hints. */
  function toolsElsewhere(step, found) {
    const answer = h("div", { class: "answer", role: "status" }, ...found.hints.flatMap(hintLines));
    const commands = ["`uv run workshop check` tells whether the step is done", found.has_solution && "`uv run workshop diff` compares your code with the solution", "`uv run workshop next` goes on to the next step"];
    return h("section", { class: "card tools", "aria-label": "This step" },
      h("p", {}, "In its container the console sees the pages, and not your code. Type in a terminal, and this page follows:"),
      h("ul", { class: "commands" }, commands.filter(Boolean).map((text) => h("li", {}, words(text)))),
      h("div", { class: "ask" }, h("button", { type: "button", class: "button quiet", onclick: giveHint }, "Give me a hint")),
      answer);

    async function giveHint() {
      try {
        answer.replaceChildren(...await nextHint(found));
      } catch (error) {
        answer.replaceChildren(h("p", { class: "message" }, words(error.message)));
      }
    }
  }

  async function nextHint(found) {
    const next = await ask("/api/hint", {});
    const known = found.hints.filter((one) => one.number !== next.number);
    found.hints = [...known, next];
    return found.hints.flatMap(hintLines);
  }

  async function refresh() {
    steps = await ask("/api/steps");
    if (ended) return;
    at = steps.find((step) => step.here) ?? at;
    drawList(wanted());
    if (onward) onward.hidden = !at.done;
  }

  let known = live.state;
  load();
  const stop = onNews(() => {
    const before = known;
    known = live.state;
    if (before.step === undefined) return;
    // What a terminal does shows here, too.
    const isElsewhere = known.step !== before.step && known.step !== at?.number;
    if (isElsewhere || known.measured !== before.measured) load();
    else if (String(known.done) !== String(before.done)) refresh();
  });
  return () => { ended = true; stop(); };
}

/** What was filled in at a step, and not given to its check yet: it survives a look at the traces. */
function drafts(step) {
  return JSON.parse(sessionStorage.getItem(`draft-${step}`) ?? "{}");
}

const OUTCOMES = { pass: ["✓", "met"], fail: ["✗", "not met"], open: ["–", "not looked at yet"] };

function stateOf(step) {
  if (step.here) return step.done ? "you are here, done" : "you are here";
  if (step.done) return "done";
  return step.in_the_code ? "in the code" : "";
}

function reportLines(report) {
  return [
    h("p", { class: `verdict ${report.passed ? "good" : "bad"}` }, report.passed ? "This step is done." : "This step is not done yet."),
    report.problem && h("p", { class: "message" }, words(report.problem)),
    report.requirements.length > 0 && h("ul", { class: "requirements" }, report.requirements.map((one) => h("li", { class: one.outcome },
      h("i", { "aria-hidden": "true" }, OUTCOMES[one.outcome][0]),
      h("div", {},
        h("b", {}, words(one.name)), h("span", { class: "unseen" }, `: ${OUTCOMES[one.outcome][1]}`), one.is_bonus && h("small", {}, " bonus"),
        one.outcome === "pass" && one.seen && h("small", { class: "seen" }, words(one.seen)),
        one.outcome === "fail" && h("dl", {}, ["expected", "seen", "hint"].map((what) => h("div", {}, h("dt", {}, what), h("dd", {}, words(one[what]))))))))),
    ...report.notes.map((note) => h("p", { class: "message" }, words(note))),
  ].filter(Boolean);
}

function hintLines(hint) {
  return [h("p", { class: "hint" }, h("b", {}, `Hint ${hint.number} of ${hint.total}`), " ", words(hint.text))];
}

function choice(question, number, before) {
  return h("fieldset", {}, h("legend", {}, words(question.text)), question.choices.map((text, at) => {
    const letter = "abcdef"[at];
    return h("label", { class: "check" }, h("input", { type: "radio", name: `question-${number}`, value: letter, checked: before === letter }), h("span", {}, words(text)));
  }));
}

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
