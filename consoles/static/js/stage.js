// The desk's stage: what do I do now? One view for each thing an agent can be in; a view lives as long as that lasts.
// A view is `{node, show(frame), tick(now_ms), keys}`.

import { button, card, fact, who } from "./card.js";
import { el, say } from "./dom.js";
import { moving, promise, span } from "./phrases.js";
import { standing } from "./rings.js";
import { wrapUp } from "./wrap_up.js";

/** What names the view a frame needs: the same name keeps the view, and what was typed in it. */
export function viewName(frame) {
  const { activity, status } = frame.agent;
  if (activity === "offered" && frame.call) return `ringing ${frame.offer?.offer}`;
  if (activity === "talking" && frame.call) return `talking ${frame.call.call}`;
  if (activity === "wrap_up" && frame.call) return `wrap_up ${frame.call.call}`;
  if (status !== "available") return status;
  return activity === "no_device" ? "no_device" : "ready";
}

export function view(name, frame, desk) {
  const kind = name.split(" ")[0];
  const make = { ringing, talking, wrap_up: wrapUp, no_device: noDevice, ready, break: onBreak, offline }[kind];
  return make(frame, desk);
}

// -- not on a call -----------------------------------------------------------------------------------------------

function ready(frame, desk) {
  const one = card("ready", { eyebrow: "Ready", title: "The next call rings here" });
  say(one.under, desk.browser ? "Keep this page open; it may be in the background." : "It rings on your phone: press 1 to accept.");
  return {
    node: one.node,
    show() {},
    tick(now_ms, { agent }) {
      one.figure.show(null, now_ms);
      one.read(moving(now_ms - agent.since_ms), "ready");
    },
  };
}

function noDevice(frame, desk) {
  const one = card("waiting", { eyebrow: "Available", title: "Connecting your phone" });
  return {
    node: one.node,
    show() {},
    tick(now_ms, { agent }) {
      one.figure.show(null, now_ms);
      one.read(moving(now_ms - agent.since_ms), "connecting");
      say(one.under, desk.phoneTrouble() || "Calls ring here as soon as this page is connected to the phone network.");
    },
  };
}

function onBreak(frame, desk) {
  const missed = frame.agent.reason === "missed";
  const one = card("break", { eyebrow: "On break", title: missed ? "You were set on break" : breakTitle(frame.agent.reason) });
  say(one.under, missed ? "Calls in a row rang here without an answer. Come back when you are." : "No call rings here until you are back.");
  one.actions.append(button("Take calls", "A", { class: "primary big", onclick: () => desk.choose("available") }));
  return {
    node: one.node,
    show() {},
    tick(now_ms, { agent }) {
      one.figure.show(null, now_ms);
      one.read(moving(now_ms - agent.since_ms), "on break");
    },
  };
}

function breakTitle(reason) {
  return reason && reason !== "break" ? reason[0].toUpperCase() + reason.slice(1) : "Taking a break";
}

function offline(frame, desk) {
  const one = card("offline", { eyebrow: "Offline", title: `Hello, ${frame.agent.name.split(" ")[0]}` });
  say(one.under, "You are signed in and no call rings here yet.");
  one.actions.append(button("Take calls", "A", { class: "primary big", onclick: () => desk.choose("available") }));
  return {
    node: one.node,
    show() {},
    tick(now_ms) {
      one.figure.show(null, now_ms);
      one.read("", "");
    },
  };
}

// -- ringing ----------------------------------------------------------------------------------------------------

function ringing(frame, desk) {
  const { call } = frame;
  const owed = call.callback_kept;
  const one = card("ringing", { eyebrow: owed ? "A callback we promised" : "Ringing", title: who(call) });
  say(one.under, call.name ? call.number : "We do not know this number");
  fact(one.facts, "Speaks")(call.language);
  fact(one.facts, "Wants")(call.queue_title);
  const waited = fact(one.facts, "Has waited");
  const promised = fact(one.facts, "Was promised");
  const note = el("p", { class: "soft small", role: "status" });
  const choices = el("div", { class: "reasons", role: "group", "aria-label": "Why do you decline?", hidden: true });

  const accept = button("Accept", "Enter", { class: "primary big", onclick: () => take() });
  const decline = button("Decline", "Esc", { class: "big", "aria-expanded": "false", onclick: () => ask() });
  const pickUp = el("p", { class: "instruct" }, "Your phone is ringing: pick it up and press 1");
  one.actions.append(desk.browser ? accept : pickUp, decline);
  if (owed) say(note, "Their phone rings as soon as you accept.");
  one.body.append(choices, note);

  function take() {
    if (!desk.browser) return;
    accept.setAttribute("aria-busy", "true");
    say(accept.firstChild, "Connecting…");
    desk.accept(frame.offer);
  }

  function ask() {
    const open = choices.hidden;
    choices.hidden = !open;
    decline.setAttribute("aria-expanded", String(open));
    if (open) choices.querySelector("button").focus();
    else decline.focus();
  }

  async function refuse(reason) {
    for (const node of [accept, decline, ...choices.children]) node.disabled = true;
    say(note, "Declined. The caller keeps the place and another agent is rung.");
    const trouble = await desk.decline(frame.offer.offer, reason);
    if (trouble) say(note, trouble);
  }

  choices.append(
    ...desk.decline_reasons.map(({ reason, title }, index) =>
      button(title, String(index + 1), { onclick: () => refuse(reason) })
    )
  );
  const numbered = desk.decline_reasons.map(({ reason }, index) => [String(index + 1), () => !choices.hidden && refuse(reason)]);
  let latest = frame;
  return {
    node: one.node,
    keys: { Enter: take, Escape: ask, ...Object.fromEntries(numbered) },
    announce: `${who(call)} ${owed ? "is to be called back" : "is ringing"}, for ${call.queue_title}, in ${call.language}. ${desk.browser ? "Enter accepts" : "Press 1 on your phone to accept"}, Escape declines.`,
    // Enter accepts wherever the focus was; without a phone in the page nothing may have it by accident.
    focus: () => (desk.browser ? accept.focus() : document.activeElement?.blur()),
    show(next) {
      latest = next;
    },
    tick(now_ms) {
      const { clock } = latest.offer;
      const begun = clock.from_ms > 0;
      const at = one.figure.show(begun ? clock : null, now_ms);
      const rung = Math.min(3, Math.floor(at.share * 3) + 1);
      one.read(begun ? (at.state === "broken" ? "over" : String(rung)) : "…", begun ? (at.state === "broken" ? at.words : "of 3 rings") : "calling");
      waited(moving(now_ms - call.enqueued_ms));
      promised(promiseLine(call, now_ms));
    },
  };
}

function promiseLine(call, now_ms) {
  const first = standing(call.reach_person, now_ms);
  const next = call.callback_kept ?? (first.state === "broken" ? call.time_to_person : call.reach_person);
  const at = standing(next, now_ms);
  return `${promise(next)}: ${at.words}`;
}

// -- talking ----------------------------------------------------------------------------------------------------

function talking(frame, desk) {
  const { call } = frame;
  const owed = call.callback_kept;
  const one = card("talking", { eyebrow: "Talking with", title: who(call) });
  say(one.under, call.name ? call.number : "");
  fact(one.facts, "Speaks")(call.language);
  fact(one.facts, "Wants")(call.queue_title);
  const reached = fact(one.facts, "Waited");
  const state = el("p", { class: "soft small", role: "status" });
  const heard = el("ol", { class: "heard", "aria-label": "What is said on your line" });
  const end = button("Hang up", "", { class: "end big", onclick: () => hangUp() });
  one.actions.append(end);
  one.body.append(state, heard);

  async function hangUp() {
    end.disabled = true;
    say(state, "Ending the call…");
    const trouble = await desk.hangUp(call.call);
    if (trouble) {
      say(state, trouble);
      end.disabled = false;
    }
  }

  return {
    node: one.node,
    announce: owed && !call.joined ? `The phone of ${who(call)} rings.` : `You are talking with ${who(call)}.`,
    caption({ text, language }) {
      heard.append(el("li", { lang: language || null }, text));
      while (heard.children.length > 3) heard.firstElementChild.remove();
    },
    show(next) {
      if (!next.call) return;
      const { joined } = next.call;
      say(one.eyebrow, joined || !owed ? "Talking with" : "Calling back");
      say(state, joined ? "" : owed ? "Their phone rings. They hear who calls and press 1." : "The caller is on the way to you…");
    },
    tick(now_ms, next) {
      const { answered_ms, enqueued_ms, joined, reach_person } = next.call ?? call;
      one.figure.show(null, now_ms);
      one.read(moving(now_ms - answered_ms), joined || !owed ? "talking" : "ringing them");
      if (owed) {
        reached(`${span(answered_ms - enqueued_ms)}; ${promise(owed)}: ${standing({ ...owed, to_ms: answered_ms }, now_ms).words}`);
        return;
      }
      const at = standing(reach_person, now_ms);
      reached(`${span(answered_ms - enqueued_ms)}, ${at.state === "kept" ? "within three rings" : `three rings: ${at.words}`}`);
    },
  };
}
