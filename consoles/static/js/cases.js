// What we owe, on the desk: messages to hear, cases to take and to resolve, each with its clock of a day.

import { button } from "./card.js";
import { el, keep, say } from "./dom.js";
import { post } from "./live.js";
import { count } from "./phrases.js";
import { rings } from "./rings.js";
import { now, onTick } from "./time.js";

const READ_EVERY_MS = 15_000;
const section = document.querySelector(".owed");
const list = document.getElementById("owed");

/** Read the open cases now and then; what cannot be done is said in `trouble`. */
export function followCases(trouble) {
  let read_ms = 0;

  const show = (cases) => {
    section.hidden = !cases.length;
    say(document.getElementById("owed-count"), count(cases.length, "open case", "open cases"));
    keep(list, cases, (one) => one.case, (one) => row(one, wish));
  };

  async function read() {
    read_ms = Date.now();
    const answer = await fetch("/cases", { headers: { Accept: "application/json" } }).catch(() => null);
    if (answer?.ok) show((await answer.json()).cases);
  }

  async function wish(path, body) {
    const answer = await post(path, body);
    if (answer.status === 200) show(answer.body.cases);
    trouble.show(answer.status === 200 ? "" : answer.body.message);
    if (answer.status === 409) read();
  }

  onTick((now_ms) => {
    for (const figure of list.querySelectorAll(".case")) figure.tick?.(now_ms);
    if (Date.now() - read_ms > READ_EVERY_MS) read();
  });
  read();
}

function row(one, wish) {
  const figure = rings();
  const left = el("span", {});
  const clock = el("span", { class: "verdict" }, figure.node, left);
  const under = el("span", { class: "soft small" });
  const sound = el("div", {});
  const words = el("blockquote", { hidden: true });
  const note = el("input", { type: "text", maxlength: 2000, "aria-label": "What came of it", placeholder: "What came of it" });
  const deeds = el("div", { class: "deeds" });
  const about = el("div", { class: "about" }, el("a", { href: `/calls/${one.call}` }, one.name || one.number), el("br"), under);
  const node = el("li", { class: "case" }, about, clock, el("div", { class: "more" }, sound, words, deeds));

  const take = button("I take it", "", { onclick: () => wish(`/cases/${one.case}/take`) });
  const done = button("Resolve", "", { class: "primary", onclick: resolve });
  note.onkeydown = (event) => {
    event.stopPropagation(); // the desk's own keys are letters
    if (event.key === "Enter") resolve();
  };

  function resolve() {
    if (note.value.trim()) wish(`/cases/${one.case}/resolve`, { note: note.value.trim() });
    else note.focus();
  }

  let target = one.target;
  node.tick = (now_ms) => {
    const at = figure.show(target, now_ms);
    clock.dataset.state = at.state;
    say(left, at.words);
  };
  let shown = "";
  return {
    node,
    show(row) {
      target = row.target;
      say(about.firstChild, row.name || row.number);
      const where = [row.kind_title, row.queue_title, row.language_title, row.name ? row.number : ""];
      const whose = row.who && !row.mine ? [`${row.who_title} has it`] : [];
      say(under, [...where, ...whose].filter(Boolean).join(" · "));
      words.hidden = !row.words;
      words.lang = row.language;
      say(words, row.words ?? "");
      if (row.recording && row.playable && !sound.firstChild) {
        const label = `The message, ${row.seconds} seconds`;
        sound.append(el("audio", { controls: true, preload: "none", src: `/recordings/${row.recording}`, "aria-label": label }));
      }
      const state = row.mine ? "mine" : row.who ? "theirs" : "free";
      if (state !== shown) deeds.replaceChildren(...{ mine: [note, done], free: [take], theirs: [] }[state]);
      shown = state;
      node.tick(now());
    },
  };
}
