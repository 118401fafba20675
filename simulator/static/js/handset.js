// One phone: who it is, the number it calls, its keys, and the call it is in.

import { hush, readAloud } from "./aloud.js";
import { el, put, say } from "./dom.js";
import { keypad } from "./keypad.js";
import { CALLERS, isNumber, plain, pretty, WITHHELD } from "./people.js";
import { rings } from "./rings.js";
import { keyTone, ringTone } from "./tones.js";
import { transcript } from "./transcript.js";
import { clock, soundName, standing } from "./words.js";

const CUSTOM = "custom";
let made = 0;

/**
 * `net` acts on the network; `number` is dialled unless another is entered; `caller` is the index of who calls.
 * `changed()` is told when the phone's own line is another one, `removed()` when it is put away.
 */
export function handset({ net, number, caller, changed, removed }) {
  const id = `phone-${(made += 1)}`;
  let call = null;
  let reachable = true;
  let untouched = true;
  let stopTone = () => {};

  // -- what it is made of ------------------------------------------------------------------------------------------

  const figure = rings();
  const state = el("h2", { "aria-live": "polite" });
  const party = el("p", { class: "party" });
  const timer = el("p", { class: "timer", role: "timer", "aria-label": "Time of this call" });
  const people = CALLERS.map(({ name, line }, index) => {
    const words = line === WITHHELD ? name : `${name}  ${pretty(line)}`;
    return el("option", { value: index, selected: index === caller }, words);
  });
  const who = el("select", { id: `${id}-who`, onchange: choose }, people, el("option", { value: CUSTOM }, "Another number…"));
  const own = el("input", { type: "tel", "aria-label": "The number it calls from", placeholder: "+91 98123 45001", hidden: true, onchange: changed });
  const dialled = el("input", { class: "number", type: "tel", id: `${id}-to`, autocomplete: "off", value: pretty(number), oninput: () => (untouched = false) });
  const pad = keypad(key);
  const trouble = el("p", { class: "trouble", role: "alert", hidden: true });
  const go = el("button", { type: "button", class: "primary", onclick: enter });
  const stop = el("button", { type: "button", class: "end", onclick: escape });
  const log = transcript();
  const speech = el("input", { type: "text", maxlength: 500, "aria-label": "Say", placeholder: "Say something" });
  const speaking = el("form", { onsubmit: speak }, speech, el("button", {}, "Say"));
  const listens = el("span");
  const ear = el("div", { class: "ear" }, listens, speaking);
  const away = el("button", { type: "button", class: "plain away", onclick: removed }, "Put away");
  const fields = el("fieldset", {},
    el("div", {}, el("div", { class: "labels" }, el("label", { for: `${id}-who` }, "Call as"), away), who, own),
    el("div", {}, el("label", { for: `${id}-to` }, "Number to call"), dialled));
  const node = el("article", { class: "phone", id, "aria-label": `Phone ${made}` }, el("div", {},
    el("header", {}, figure.node, el("div", {}, state, party), timer),
    el("div", { class: "handset" }, fields, pad.node, trouble, el("div", { class: "acts" }, go, stop)),
    el("div", { class: "talk" }, log.node, ear)));

  // -- who it is ---------------------------------------------------------------------------------------------------

  const line = () => (who.value === CUSTOM ? plain(own.value) : CALLERS[who.value].line);
  const busy = () => call !== null && call.state !== "ended";

  function choose() {
    own.hidden = who.value !== CUSTOM;
    if (!own.hidden) own.focus();
    changed();
  }

  // -- what its person does ----------------------------------------------------------------------------------------

  async function attempt(deed) {
    complain("");
    try {
      await deed();
    } catch (failure) {
      // A fetch that reached nobody has words of the browser, not of the network.
      complain(failure instanceof TypeError ? "The phone network does not answer." : sentence(failure.message));
    }
  }

  function complain(words) {
    say(trouble, words);
    trouble.hidden = !words;
  }

  async function dial() {
    const [from, to] = [line(), plain(dialled.value)];
    if (from !== WITHHELD && !isNumber(from)) return complain("Enter the number to call from, such as +91 98123 45001.");
    begin({ leg: "", state: "dialling", incoming: false, to, at_ms: Date.now() });
    await attempt(async () => {
      const leg = await net.call(from, to);
      if (call && !call.leg) call.leg = leg;
    });
    if (!trouble.hidden) call = null;
    show();
    return undefined;
  }

  function enter() {
    if (!busy()) dial();
    else if (call.incoming && call.state === "ringing") attempt(() => net.answer(call.leg));
    else return false;
    return true;
  }

  function escape() {
    if (!busy() || !call.leg) return false;
    const { leg } = call;
    attempt(() => (call.incoming && call.state === "ringing" ? net.decline(leg) : net.hangUp(leg)));
    return true;
  }

  function key(pressed) {
    keyTone(pressed);
    pad.flash(pressed);
    if (busy()) {
      if (call.state === "in_call") attempt(() => net.press(call.leg, pressed));
    } else {
      dialled.value = (untouched ? "" : dialled.value) + pressed;
      untouched = false;
    }
  }

  function speak(event) {
    event.preventDefault();
    const text = speech.value.trim();
    speech.value = "";
    if (text && busy()) attempt(() => net.say(call.leg, text));
  }

  // -- what it hears -----------------------------------------------------------------------------------------------

  function begin(facts) {
    call = { talking: false, talked: false, music: false, listening: {}, ...facts };
    log.begin(call.at_ms);
    show();
  }

  const heard = {
    ringing(facts) {
      begin({ ...facts, state: "ringing" });
      stopTone = ringTone(facts);
      log.event(facts.incoming ? `${pretty(facts.from)} calls` : "Ringing", facts.at_ms);
    },
    answered({ at_ms }) {
      stopTone();
      Object.assign(call, { state: "in_call", answered_ms: at_ms });
      log.event(call.incoming ? "You answered" : "Answered", at_ms);
    },
    caption(facts) {
      call.music = false;
      log.caption(facts);
      if (facts.who !== "you") readAloud(facts.text, facts.language);
    },
    sound(facts) {
      const name = soundName(facts);
      call.music = name === "Music";
      if (!call.music) log.settle();
      log.event(name, facts.at_ms, call.music ? "music" : "");
    },
    key(facts) {
      log.key(facts);
      hush();
    },
    listening(facts) {
      call.listening = facts;
    },
    talk({ talking, at_ms }) {
      Object.assign(call, { talking, talked: true, music: false, left_ms: talking ? null : at_ms });
      if (talking) log.event("A person is on the line", at_ms);
    },
    ended({ reason, at_ms }) {
      Object.assign(call, { state: "ended", reason, ended_ms: at_ms, listening: {} });
      stopTone();
      hush();
      log.event(reason, at_ms);
      log.settle();
    },
  };

  function hear(event, facts) {
    // That the person is gone is news only if the call goes on without them.
    if (call?.left_ms && event !== "ended") log.event("On hold", call.left_ms);
    if (call) call.left_ms = null;
    heard[event]?.(facts);
    show();
  }

  // -- what it shows -----------------------------------------------------------------------------------------------

  function show() {
    const is = call?.state ?? "idle";
    const rung = is === "ringing" && call.incoming;
    const open = is === "in_call" && Boolean(call.listening.speech || call.listening.record || call.talking);
    put(node, "data-state", is);
    put(node, "data-busy", busy());
    put(node, "data-keys", busy() && Boolean(call.listening.keys));
    fields.disabled = busy();
    say(state, standing(call, reachable));
    say(listens, !busy() ? "" : call.listening.keys && !open ? "It listens for keys" : "");
    put(ear, "data-open", open || Boolean(call?.listening.keys));
    speaking.hidden = !open;
    say(go, rung ? "Answer" : is === "ended" ? "Call again" : "Call");
    go.hidden = busy() && !rung;
    go.disabled = !reachable;
    stop.hidden = !busy();
    say(stop, rung ? "Decline" : "Hang up");
    say(party, partyOf(is));
    tick(Date.now());
  }

  function partyOf(is) {
    if (!call) return "";
    return is === "ended" ? call.reason : pretty(call.incoming ? call.from : call.to);
  }

  function tick(now_ms) {
    const answered_ms = call?.answered_ms;
    const until_ms = answered_ms ?? call?.ended_ms ?? now_ms;
    figure.show(call?.cadence_ms ? (until_ms - call.at_ms) / ringLength(call) : null, Boolean(answered_ms));
    const since_ms = answered_ms ?? (call?.state === "ringing" ? call.at_ms : null);
    say(timer, since_ms ? clock((call.ended_ms ?? now_ms) - since_ms) : "");
  }

  show();
  return {
    node,
    line,
    busy,
    enter,
    escape,
    key,
    hear,
    tick,
    owns: (leg) => call?.leg === leg,
    /** An outgoing call whose first news is faster than the answer to the request that placed it. */
    awaits: ({ to, from }) => call?.state === "dialling" && !call.leg && call.to === to && line() === from,
    reach(ok) {
      reachable = ok;
      show();
    },
    lose() {
      if (busy()) hear("ended", { reason: "The phone network lost this call.", at_ms: Date.now() });
    },
  };
}

const ringLength = ({ cadence_ms }) => cadence_ms.reduce((sum, ms) => sum + ms, 0);
const sentence = (words) => `${words[0].toUpperCase()}${words.slice(1).replace(/\.?$/, ".")}`;
