// The agent's desk: one stage, one status, today's calls. Frames come from the feed; the softphone rings beside it.

import { followCases } from "./cases.js";
import { el, given, keep, say } from "./dom.js";
import { keys } from "./keys.js";
import { follow, post, troubleLine } from "./live.js";
import { span } from "./phrases.js";
import { ring, allowSound } from "./ringer.js";
import { rings } from "./rings.js";
import { view, viewName } from "./stage.js";
import { now, onTick } from "./time.js";

const page = given("desk");
const DEVICE_EVERY_MS = 10_000;
// The network tells a phone that registers of nothing that rang before: this long after, what it has not told of is not its.
const RINGS_HERE_MS = 1_500;
const stage = document.getElementById("stage");
const heard = document.getElementById("announce");
const trouble = troubleLine();
stage.before(trouble.node);

let frame = page.frame;
let shown = { name: "", view: null };
let stopRing = null;

// -- the softphone ------------------------------------------------------------------------------------------------

const phone = { ready: false, trouble: "", legs: new Set(), wanted: 0, seen_ms: 0, device: null };

function tell(event, facts) {
  if (event === "ready") {
    phone.ready = true;
    phone.trouble = "";
    seen();
    setTimeout(ringHere, RINGS_HERE_MS);
  } else if (event === "away") {
    phone.ready = false;
    phone.trouble = `${facts.words}. Trying again.`;
  } else if (event === "ringing") {
    phone.legs.add(facts.leg);
    if (phone.wanted) answer();
  } else if (event === "ended") {
    phone.legs.delete(facts.leg);
  } else if (event === "caption") {
    shown.view?.caption?.(facts);
  }
}

async function answer() {
  const leg = phone.legs.has(frame.offer?.leg) ? frame.offer.leg : [...phone.legs].at(-1);
  if (!leg || phone.wanted !== frame.offer?.offer) return;
  phone.wanted = 0;
  if (!(await phone.device.answer(leg))) trouble.show("Your phone could not take the call. It stopped ringing, or the connection was lost.");
}

async function seen() {
  if (!phone.ready || Date.now() - phone.seen_ms < DEVICE_EVERY_MS) return;
  phone.seen_ms = Date.now();
  await post("/desk/device");
}

/** A page opened anew while its call still rings on the page that is gone: let it ring here. */
async function ringHere() {
  const { agent, offer } = frame;
  const here = phone.legs.size > 0 || !phone.ready;
  if (here || agent.activity !== "offered" || offer?.status !== "ringing" || offer.standing) return;
  await post("/desk/device/gone");
  phone.seen_ms = 0;
  await seen();
}

async function startPhone() {
  if (!page.browser) return;
  const { softphone } = await import(page.softphone === "simulator" ? "./softphone_simulator.js" : "./softphone_twilio.js");
  const token = async () => {
    const answer = await post("/desk/token");
    if (answer.status !== 200) throw new Error(answer.body.message);
    return answer.body.token;
  };
  phone.device = softphone({ network: page.network, token, tell });
  addEventListener("pagehide", () => {
    phone.device.stop();
    if (phone.ready) post("/desk/device/gone");
  });
  addEventListener("pageshow", (event) => event.persisted && location.reload());
}

// -- what the agent does --------------------------------------------------------------------------------------------

/** Post a wish; answers the words to show when it was not granted. */
async function wish(path, body) {
  const answer = await post(path, body);
  if (answer.body.now_ms) take(answer.body);
  return answer.status === 200 ? "" : answer.body.message;
}

const desk = {
  ...page,
  phoneTrouble: () => phone.trouble,
  async choose(status, reason = "") {
    allowSound();
    showStatus({ status, reason, activity: frame.agent.activity }, true);
    trouble.show(await wish("/desk/status", { status, reason }));
    showStatus(frame.agent);
  },
  accept(offer) {
    phone.wanted = offer.offer;
    answer();
  },
  decline: (offer, reason) => wish("/desk/decline", { offer, reason }),
  hangUp: (call) => wish("/desk/hang-up", { call }),
  moreTime: () => wish("/desk/more-time"),
  async wrapUp(filled) {
    const words = await wish("/desk/wrap-up", filled);
    if (!words) readToday();
    return words;
  },
};

// -- what the agent sees ----------------------------------------------------------------------------------------------

function take(next) {
  if (next.now_ms < frame.now_ms) return;
  const was = frame.agent.activity;
  frame = next;
  const name = viewName(frame);
  if (name !== shown.name) change(name);
  shown.view.show(frame);
  shown.view.tick(now(), frame);
  showStatus(frame.agent);
  if (was !== frame.agent.activity && !["offered", "talking"].includes(frame.agent.activity)) readToday();
}

function change(name) {
  shown = { name, view: view(name, frame, desk) };
  stage.replaceChildren(shown.view.node);
  stage.dataset.view = name.split(" ")[0];
  shown.view.focus?.();
  trouble.show("");
  if (shown.view.announce) say(heard, shown.view.announce);
  stopRing?.();
  stopRing = null;
  const rung = name.startsWith("ringing");
  document.title = `${rung ? `☎ ${frame.call.name || frame.call.number}` : "Desk"} · Third Ring`;
  if (rung && page.browser) stopRing = ring(page.ring);
  if (!rung) phone.wanted = 0;
}

function showStatus({ status, reason, activity }, pending = false) {
  for (const chip of document.querySelectorAll("#status button")) {
    const { status: its, reason: why } = chip.dataset;
    const chosen = its === status && (its !== "break" || why === reason);
    chip.setAttribute("aria-pressed", String(chosen));
    chip.toggleAttribute("aria-busy", chosen && pending);
  }
  const busy = ["offered", "talking", "wrap_up"].includes(activity) && status !== "available";
  say(document.getElementById("after"), busy ? "After this call" : "");
}

// -- today -------------------------------------------------------------------------------------------------------------

const today = document.getElementById("today");
const todayNote = document.getElementById("today-note");

async function readToday() {
  const answer = await fetch("/desk/today").catch(() => null);
  if (!answer?.ok) {
    say(todayNote, "Today's calls cannot be read just now. Calls go on as usual.");
    return;
  }
  const { calls } = await answer.json();
  say(todayNote, calls.length ? "" : "No calls yet today. They are listed here with their clocks.");
  today.parentElement.hidden = !calls.length;
  keep(today, calls, (call) => `${call.call}`, todayRow);
}

function todayRow(call) {
  const figure = rings();
  const words = el("span", {});
  const why = el("td", { class: "soft" });
  const node = el(
    "tr",
    {},
    el("td", {}, call.time),
    el("td", {}, el("a", { href: `/calls/${call.call}` }, call.who)),
    why,
    el("td", { class: "number" }, call.talk_ms ? span(call.talk_ms) : ""),
    el("td", {}, el("span", { class: "verdict" }, figure.node, words))
  );
  return {
    node,
    show(row) {
      say(why, row.reason || row.queue_title);
      const { answers } = row;
      const at = figure.show(answers, now());
      node.querySelector(".verdict").dataset.state = at.state;
      say(words, answers ? `${span(at.gone_ms)}, ${at.state === "broken" ? "broken" : "kept"}` : "");
    },
  };
}

// -- begin -------------------------------------------------------------------------------------------------------------

for (const chip of document.querySelectorAll("#status button")) {
  chip.addEventListener("click", () => desk.choose(chip.dataset.status, chip.dataset.reason));
}
keys({
  Enter: () => (shown.view.keys?.Enter ? shown.view.keys.Enter() : false),
  Escape: () => (shown.view.keys?.Escape ? shown.view.keys.Escape() : false),
  m: () => (shown.view.keys?.m ? shown.view.keys.m() : false),
  ...Object.fromEntries([1, 2, 3, 4].map((n) => [String(n), () => (shown.view.keys?.[n] ? shown.view.keys[n]() : false)])),
  a: () => desk.choose("available"),
  b: () => desk.choose("break", page.break_reasons[0]),
  w: () => (shown.view.focus ? shown.view.focus() : false),
});
document.addEventListener("pointerdown", allowSound, { once: true });
document.addEventListener("keydown", allowSound, { once: true });
take({ ...frame });
onTick((now_ms) => {
  shown.view.tick(now_ms, frame);
  seen();
});
follow("desk", take, seen);
readToday();
followCases(trouble);
startPhone();
