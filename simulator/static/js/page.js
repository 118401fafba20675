// The page of phones: who hears what, which of them the keyboard belongs to, and the switches on top.

import { onVoices, setAloud } from "./aloud.js";
import { put, say } from "./dom.js";
import { handset } from "./handset.js";
import { network } from "./network.js";
import { CALLERS, isNumber } from "./people.js";
import { allowSound, setTones } from "./tones.js";

const MOST_PHONES = 6;
const at = (id) => document.getElementById(id);
const phones = [];
let active = null;
let number = "";

// -- the network --------------------------------------------------------------------------------------------------

const net = network({
  hear(event, facts) {
    const phone = phones.find((one) => one.owns(facts.leg)) ?? (event === "ringing" ? taker(facts) : null);
    phone?.hear(event, facts);
  },
  reached({ numbers, service }) {
    number = numbers[0] ?? "";
    showService(service);
    if (phones.length) for (const phone of phones) phone.lose();
    else add();
    tellLines();
  },
  live(ok) {
    put(at("live"), "data-state", ok ? "live" : "loading");
    say(at("live"), ok ? "Connected" : "Reconnecting");
    at("stale").hidden = ok;
    say(at("stale"), ok ? "" : "The phone network does not answer. Trying again; calls go on if it comes back within 15 s.");
    for (const phone of phones) phone.reach(ok);
  },
});

/** Which phone a new ring is for: the one that dialled, or the first free one of that line; a busy line declines. */
function taker(facts) {
  if (!facts.incoming) return phones.find((phone) => phone.awaits(facts));
  const free = phones.find((phone) => phone.line() === facts.to && !phone.busy());
  if (free) choose(free);
  else net.decline(facts.leg).catch(() => {});
  return free;
}

function tellLines() {
  const lines = new Set(phones.map((phone) => phone.line()).filter(isNumber));
  net.lines([...lines]).catch(() => {}); // a session that is over is opened anew, and told then
}

function showService(address) {
  for (const link of document.querySelectorAll("#service a")) link.href = `${address}/${link.dataset.page}`;
  at("service").hidden = !address;
}

// -- the phones ---------------------------------------------------------------------------------------------------

function add() {
  if (phones.length >= MOST_PHONES) return;
  const used = phones.map((phone) => phone.line());
  const caller = Math.max(0, CALLERS.findIndex(({ line }) => !used.includes(line)));
  const phone = handset({ net, number, caller, changed: tellLines, removed: () => remove(phone) });
  phones.push(phone);
  at("phones").append(phone.node);
  for (const event of ["pointerdown", "focusin"]) phone.node.addEventListener(event, () => choose(phone));
  choose(phone);
  arrange();
}

function remove(phone) {
  phones.splice(phones.indexOf(phone), 1);
  phone.node.remove();
  if (active === phone) choose(phones[0]);
  arrange();
}

function arrange() {
  for (const phone of phones) put(phone.node, "data-single", phones.length === 1);
  at("add").disabled = phones.length >= MOST_PHONES;
  tellLines();
}

function choose(phone) {
  active = phone;
  for (const one of phones) put(one.node, "data-active", one === phone);
}

setInterval(() => {
  const now_ms = Date.now();
  for (const phone of phones) phone.tick(now_ms);
}, 200);

// -- the switches -------------------------------------------------------------------------------------------------

function toggle(id, first, apply) {
  const button = at(id);
  const set = (on) => {
    button.setAttribute("aria-pressed", String(on));
    localStorage.setItem(`phone-${id}`, on);
    apply(on);
  };
  button.addEventListener("click", () => set(button.getAttribute("aria-pressed") !== "true"));
  set((localStorage.getItem(`phone-${id}`) ?? String(first)) === "true");
}

toggle("tones", true, setTones);
toggle("aloud", false, setAloud);
onVoices((available) => {
  at("aloud").disabled = !available;
  at("aloud").title = available ? "Captions are read by this browser's voices" : "This browser has no voices";
});
at("add").addEventListener("click", add);
for (const event of ["pointerdown", "keydown"]) document.addEventListener(event, allowSound, { once: true });

// -- the keyboard -------------------------------------------------------------------------------------------------

const dialog = at("keys");
at("show-keys").addEventListener("click", () => dialog.showModal());
dialog.querySelector("button").addEventListener("click", () => dialog.close());

const ACTIONS = {
  Enter: () => active?.enter(),
  Escape: () => active?.escape(),
  "+": add,
  "?": () => dialog.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || dialog.open) return;
  const typing = event.target.matches("input, select");
  const dials = event.target.matches("input.number");
  if (event.key === "Escape" && typing) return event.target.blur();
  if (event.key === "Enter" ? event.target.matches("button, a, select") || (typing && !dials) : typing) return;
  if (/^[0-9*#]$/.test(event.key)) active?.key(event.key);
  else if (ACTIONS[event.key]) ACTIONS[event.key]();
  else return;
  event.preventDefault();
});
