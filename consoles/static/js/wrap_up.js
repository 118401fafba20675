// Wrap-up: four fields, keyboard only. The view lives as long as this call's wrap-up, so nothing typed is lost by a frame.

import { button, card, who } from "./card.js";
import { el, say } from "./dom.js";

export function wrapUp(frame, desk) {
  const { call } = frame;
  const one = card("wrap_up", { eyebrow: "Wrap-up", title: who(call) });
  say(one.under, `${call.queue_title}, ${call.language}`);
  const note = el("textarea", { id: "note", name: "note", rows: 2, maxlength: 2000 });
  const trouble = el("p", { class: "trouble", role: "alert", hidden: true });
  const save = el("button", { type: "submit", class: "primary" }, "Save and be ready", el("kbd", { "aria-hidden": "true" }, "Ctrl Enter"));
  const more = button("More time", "M", { onclick: () => moreTime() });
  const form = el(
    "form",
    { class: "form", onsubmit: send, onkeydown: saveWithControl },
    chips("Why did they call?", "reason", desk.reasons),
    chips("How did it end?", "disposition", desk.dispositions),
    chips("Was it solved?", "solved", [{ id: "yes", title: "Yes" }, { id: "no", title: "No" }]),
    el("div", {}, el("label", { for: "note" }, "In the caller's words"), note),
    trouble,
    el("div", { class: "actions" }, save, more)
  );
  one.node.append(form);

  function saveWithControl(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  }

  async function send(event) {
    event.preventDefault();
    const filled = Object.fromEntries(new FormData(form));
    const missing = !filled.reason ? "reason" : !filled.disposition ? "disposition" : "";
    if (missing) return complain(missing === "reason" ? "Choose why they called." : "Choose how it ended.", missing);
    save.disabled = true;
    save.setAttribute("aria-busy", "true");
    const words = await desk.wrapUp({ call: call.call, solved: "", ...filled });
    if (words) complain(words);
    return undefined;
  }

  function complain(words, field) {
    save.disabled = false;
    save.removeAttribute("aria-busy");
    trouble.hidden = false;
    say(trouble, words);
    if (field) form.elements[field][0].focus();
  }

  async function moreTime() {
    more.disabled = true;
    const words = await desk.moreTime();
    if (words) complain(words);
  }

  let latest = frame;
  return {
    node: one.node,
    keys: { m: moreTime },
    announce: `The call with ${who(call)} is over. Wrap up: why did they call?`,
    focus: () => form.elements.reason[0].focus({ preventScroll: true }),
    show(next) {
      latest = next;
      if (next.wrap_up.extended) more.disabled = true;
    },
    tick(now_ms) {
      const at = one.figure.show(latest.wrap_up, now_ms);
      one.read(at.words.split(" ").slice(0, -1).join(" "), at.state === "broken" ? "over" : "left");
    },
  };
}

function chips(legend, name, choices) {
  return el(
    "fieldset",
    {},
    el("legend", {}, legend),
    el(
      "div",
      { class: "chips" },
      choices.map(({ id, title }) => el("label", { class: "chip" }, el("input", { type: "radio", name, value: id }), el("span", {}, title)))
    )
  );
}
