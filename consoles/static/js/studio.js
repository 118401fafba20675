// The studio: the menu as a form and as a text that stay in step, checked and kept while somebody writes.
//
// The text is the truth. A change in the form goes to the server, which writes it into the text; a change in the text
// comes back as the form. One request is under way at a time, so that no answer overtakes another.

import { el, say } from "./dom.js";
import { post } from "./live.js";

const PAUSE_MS = 350;
const AGAIN_MS = 5_000;
const LINE_PX = 20;

const byId = (id) => document.getElementById(id);
const [text, form, verdict, kept, tried] = ["text", "form", "verdict", "kept", "tried"].map(byId);
const [publish, tryIt, discard] = ["publish", "try", "discard"].map(byId);
const looking = "looking" in byId("write").dataset;

const edits = new Map(); // what was changed in the form and is not in the text yet, by its path
let node = byId("node")?.value ?? "";
let written = false; // something that is not kept yet
let asked = false; // something to ask the server about
let busy = false;
let stopped = false; // another window has gone on; this one writes over nothing
let leaving = false;
let following = false; // the text is to show the node that was chosen
let timer = 0;

// -- to the server and back -------------------------------------------------------------------------------------------

function wish(extra = {}) {
  return { text: text.value, node, onto: byId("onto").value, number: Number(byId("number").value), ...extra };
}

function later(ms = PAUSE_MS) {
  asked = true;
  if (publish) publish.disabled = true; // until it has been checked
  clearTimeout(timer);
  timer = setTimeout(work, ms);
}

async function work() {
  clearTimeout(timer);
  if (busy) return;
  busy = true;
  while (asked && !stopped) {
    asked = false;
    if (!(await once())) break;
  }
  busy = false;
}

async function once() {
  const sent = new Map(edits);
  const keeping = written && !looking;
  written = false;
  edits.clear();
  text.readOnly = looking || sent.size > 0; // what would be typed now could not be told apart
  const slow = setTimeout(() => say(verdict, "Checking …"), 300);
  const rows = [...sent].map(([path, value]) => ({ path: JSON.parse(path), value }));
  const answer = await post(keeping ? "/studio/keep" : "/studio/check", wish({ edits: rows }));
  clearTimeout(slow);
  text.readOnly = looking;
  if (answer.status === 200) return shown(answer.body, sent);
  failed(answer, sent, keeping);
  return false;
}

function shown(found, sent) {
  byId("number").value = found.draft.number;
  if (sent.size) setText(found.draft.text);
  if (!looking) say(kept, found.draft.number ? `Draft kept at ${found.draft.at}` : "Not changed yet");
  if (discard) discard.hidden = !found.draft.number;
  if (!asked) show(found); // else a newer answer is on its way
  return true;
}

function failed(answer, sent, keeping) {
  for (const [path, value] of sent) if (!edits.has(path)) edits.set(path, value);
  written ||= keeping;
  verdict.dataset.state = "risk";
  say(verdict, "Not checked");
  say(kept, `${keeping ? "Not kept: " : ""}${answer.body.message}`);
  stopped = answer.status === 409;
  if (answer.status === 422) edits.clear(); // what the text cannot take is shown as it stands there
  if (!stopped) timer = setTimeout(() => later(0), AGAIN_MS);
}

// -- what is shown ----------------------------------------------------------------------------------------------------

function show(found) {
  const wrong = found.problems.length;
  node = found.node;
  verdict.dataset.state = wrong ? "broken" : "kept";
  say(verdict, wrong ? `${wrong} to put right` : "No problem found");
  byId("problems").replaceChildren(...found.problems.map(problem));
  if (publish) publish.disabled = wrong > 0 || !found.changed;
  if (tryIt) tryIt.disabled = wrong > 0;
  const seconds = found.seconds;
  say(byId("seconds"), seconds ? `${seconds.usual} s to a line, ${seconds.worst} s at worst` : "");
  // Made and escaped by our own templates.
  if (found.picture) put(byId("picture"), found.picture);
  put(byId("changes"), found.changes);
  if (!looking) put(byId("news"), found.news);
  putForm(found.form);
  const line = form.querySelector(".pick [data-line]")?.dataset.line;
  if (following && line) showLine(Number(line), false);
  following = false;
}

function problem(found) {
  return el("li", {}, el("a", { href: "#text", "data-line": found.line, "data-node": found.node }, `Line ${found.line}`), ` ${found.reason}`);
}

function put(place, html) {
  if (place.shown !== html) place.innerHTML = html;
  place.shown = html;
}

/** The form anew; what somebody is in the middle of stays as it is: focus, caret, what is open, how far it is scrolled. */
function putForm(html) {
  const had = form.contains(document.activeElement) ? document.activeElement : null;
  const [value, start, end] = [had?.value, had?.selectionStart, had?.selectionEnd];
  const open = [...form.querySelectorAll("details[open]")].map((each) => each.id);
  const top = form.scrollTop;
  put(form, html);
  for (const id of open) byId(id)?.setAttribute("open", "");
  const now = had?.id && byId(had.id);
  if (!now || now === had) return;
  if (now.value !== value && now.value?.trim() === value?.trim()) now.value = value; // a space before the next word
  now.focus({ preventScroll: true });
  if (start !== null && start !== undefined) now.setSelectionRange(start, end);
  form.scrollTop = top;
}

function setText(value) {
  if (text.value === value) return;
  const [top, left] = [text.scrollTop, text.scrollLeft];
  text.value = value;
  [text.scrollTop, text.scrollLeft] = [top, left];
}

function showLine(line, focus) {
  const lines = text.value.split("\n");
  const start = lines.slice(0, line - 1).reduce((sum, row) => sum + row.length + 1, 0);
  if (focus) {
    text.focus();
    text.setSelectionRange(start, start + (lines[line - 1] ?? "").length);
  }
  text.scrollTop = Math.max(0, (line - 6) * LINE_PX);
}

// -- what people do ---------------------------------------------------------------------------------------------------

function choose(name, follow) {
  node = name;
  following = follow;
  later(0);
}

function change(path, value) {
  edits.set(path, value);
  written = true;
  later();
}

function valueOf(field) {
  if (field.type === "checkbox") return field.checked || null;
  if (field.type === "number" && field.value !== "") return Number(field.value);
  return field.value;
}

text.addEventListener("input", () => {
  written = true;
  later();
});

form.addEventListener("input", ({ target }) => {
  if (target.id === "node") choose(target.value, true);
  else if (target.dataset.path && !looking) change(target.dataset.path, valueOf(target));
});

form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("input")) event.preventDefault(); // publishes nothing
});

document.addEventListener("click", (event) => {
  const drop = event.target.closest("[data-drop]");
  if (drop && !looking) change(drop.dataset.drop, null);
  if (event.target.id === "add-key" && !looking) {
    change(JSON.stringify(["nodes", node, "options", byId("new-key").value]), byId("new-way").value);
  }
  const place = event.target.closest("[data-line]");
  if (!place) return;
  event.preventDefault();
  const toForm = place.matches(".node");
  showLine(Number(place.dataset.line), !toForm);
  if (place.dataset.node && place.dataset.node !== node) choose(place.dataset.node, false);
  if (toForm) form.focus();
});

/** Everything kept and checked that was written so far. */
async function settled() {
  if (asked || written) await work();
  while (busy) await new Promise((again) => setTimeout(again, 20));
}

tryIt?.addEventListener("click", async () => {
  const phone = window.open("", "_blank"); // now, because later a browser would not allow it
  await settled();
  const answer = await post("/studio/try", wish());
  if (answer.status === 200) {
    say(tried, "Call from the phone within two minutes: that one call has this draft.");
    if (phone) phone.location = answer.body.url;
  } else {
    phone?.close();
    say(tried, answer.body.message);
  }
});

document.addEventListener("submit", async (event) => {
  const door = event.target.getAttribute("action");
  if (door === "/studio/discard" && !confirm("Discard what you have written? It cannot be brought back.")) {
    event.preventDefault();
    return;
  }
  leaving = true;
  if (door !== "/studio/bring-in" || !(asked || written || busy)) return;
  event.preventDefault(); // the draft that is brought together is the one that is kept
  await settled();
  event.target.submit();
});

window.addEventListener("beforeunload", (event) => {
  if (!leaving && (written || busy || edits.size)) event.preventDefault();
});
