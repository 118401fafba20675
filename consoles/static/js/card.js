// The frame of every view on the stage: a big figure with a number in it, words, facts, actions.

import { el, say } from "./dom.js";
import { rings } from "./rings.js";

/** `node` and its named parts; `read(big, small)` sets the number in the figure. */
export function card(kind, { eyebrow = "", title = "" } = {}) {
  const figure = rings({ bare: true });
  const number = el("strong", {});
  const unit = el("span", {});
  const parts = {
    eyebrow: el("p", { class: "eyebrow" }, eyebrow),
    title: el("h1", {}, title),
    under: el("p", { class: "soft" }),
    facts: el("dl", { class: "facts" }),
    actions: el("div", { class: "actions" }),
  };
  const body = el("div", { class: "words" }, ...Object.values(parts));
  const dial = el("div", { class: "dial" }, figure.node, el("p", { "aria-hidden": "true" }, number, unit));
  const node = el("div", { class: `view ${kind}` }, dial, body);
  const read = (big, small) => {
    say(number, big);
    say(unit, small);
  };
  return { node, figure, read, body, dial, ...parts };
}

/** A line of facts. Answers what sets its value. */
export function fact(list, name) {
  const value = el("dd", {});
  list.append(el("div", {}, el("dt", {}, name), value));
  return (text) => say(value, text);
}

export function who(call) {
  return call.name || call.number;
}

export function button(label, key, props) {
  return el("button", { type: "button", ...props }, label, key ? el("kbd", { "aria-hidden": "true" }, key) : null);
}

