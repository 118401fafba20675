// What was heard, said and pressed, oldest first, each in its own language; the words being spoken now stand large.

import { el, say } from "./dom.js";
import { clock, languageName, languageOf } from "./words.js";

const WHO = { you: "You", other: "The other person" };

/** A transcript: its node, and what may be written into it. Instants are UTC ms of the network. */
export function transcript() {
  const nothing = el("p", { class: "nothing" }, "The words appear here as they are spoken, in their own script.");
  const node = el("div", { class: "log", role: "log", "aria-label": "What is heard", tabindex: 0 }, nothing);
  let began_ms = 0;
  let last = null;
  let language = "";

  const toFoot = () => (node.scrollTop = node.scrollHeight);
  // The newest words stay in sight when the room for them changes, as when somebody may speak.
  new ResizeObserver(toFoot).observe(node);

  function add(kind, at_ms, words, rest = null) {
    nothing.remove();
    settle();
    const time = el("time", { "aria-hidden": "true" }, clock(at_ms - began_ms));
    node.append(el("div", { class: `entry ${kind}`, "data-now": rest !== null }, time, words, rest));
    toFoot();
    last = { kind, words, text: words.textContent, times: 1 };
  }

  function settle() {
    node.querySelector("[data-now]")?.removeAttribute("data-now");
    node.querySelector(".spoken")?.remove();
  }

  return {
    node,
    begin(at_ms) {
      began_ms = at_ms;
      last = null;
      language = "";
      node.replaceChildren(nothing);
    },
    caption({ who, text, at_ms, lasts_ms, language: spoken }) {
      const lang = spoken || languageOf(text);
      const labels = [WHO[who], lang !== language && who === "voice" ? languageName(lang) : ""].filter(Boolean);
      if (who === "voice") language = lang;
      const label = labels.length && who !== "you" ? el("span", { class: "label" }, labels.join(", ")) : null;
      const words = el("div", { class: "words" }, label, el("span", { lang: lang || null, dir: "auto" }, text));
      const bar = who === "you" ? null : el("span", { class: "spoken", "aria-hidden": "true" });
      add(who, at_ms, words, bar);
      if (!bar || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
      bar.animate([{ width: 0 }, { width: "100%" }], { duration: lasts_ms, fill: "forwards" });
    },
    /** Keys pressed one after the other stand together. */
    key({ keys, at_ms }) {
      const cap = el("kbd", {}, keys);
      if (last?.kind === "you pressed") last.words.append(cap);
      else add("you pressed", at_ms, el("div", { class: "words" }, el("span", { class: "only-heard" }, "You pressed "), cap));
      last.text = "";
    },
    /** A sound or a change; one that repeats is counted, not listed again. */
    event(text, at_ms, kind = "") {
      if (last?.text === text) {
        last.times += 1;
        if (kind !== "music") say(last.words, `${text} (${last.times} times)`);
        return;
      }
      add(`event ${kind}`.trim(), at_ms, el("div", { class: "words" }, text));
    },
    /** Nothing is spoken any more. */
    settle,
  };
}
