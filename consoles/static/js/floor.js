// The floor: what will break first, then queues, callers, agents. Frames come from the feed; clocks tick in between.

import { el, given, keep, say } from "./dom.js";
import { follow } from "./live.js";
import { count, doing, moving, promise } from "./phrases.js";
import { rings, standing } from "./rings.js";
import { now, onTick } from "./time.js";

const SHOWN_FIRST = 6;
const SHOWN_PACE_MS = 1000;
let frame = given("floor");

const list = (id) => document.getElementById(id);

// -- what will break first ----------------------------------------------------------------------------------------------

/** Of several promises the one that matters: the first still to be kept, else the last that was broken. */
function pressing(clocks, now_ms) {
  const kept = clocks.filter((clock) => standing(clock, now_ms).state !== "broken").sort((a, b) => due(a) - due(b));
  return kept[0] ?? [...clocks].sort((a, b) => due(a) - due(b)).at(-1);
}

const due = (clock) => clock.from_ms + clock.limit_ms;

/** What can still be saved, soonest first; then what is broken already, latest first. */
function inOrder(rows, now_ms) {
  const seen = rows
    .filter((row) => row.show_from_ms <= now_ms)
    .map((row) => ({ ...row, clock: pressing(row.clocks, now_ms) }));
  const over = (row) => due(row.clock) < now_ms;
  return [
    ...seen.filter((row) => !over(row)).sort((a, b) => due(a.clock) - due(b.clock)),
    ...seen.filter(over).sort((a, b) => due(b.clock) - due(a.clock)),
  ];
}

function firstRow() {
  const figure = rings();
  const time = el("strong", { class: "left" });
  const what = el("span", {});
  const name = el("a", { class: "quiet name" });
  const help = el("p", { class: "soft" });
  const of = el("span", { class: "soft small" });
  const node = el("li", { class: "first" }, figure.node, el("p", { class: "until" }, time, of), el("div", {}, el("p", {}, name, " ", what), help));
  return {
    node,
    show(row) {
      const at = figure.show(row.clock, now());
      node.dataset.state = at.state;
      say(time, at.words);
      say(of, promise(row.clock));
      say(name, row.who);
      name.href = `/calls/${row.call}`;
      say(what, row.what);
      say(help, row.helps);
    },
  };
}

function showFirst(now_ms) {
  const rows = inOrder(frame.first, now_ms);
  keep(list("first"), rows.slice(0, SHOWN_FIRST), (row) => `${row.kind} ${row.call} ${row.agent}`, firstRow);
  list("first-empty").hidden = rows.length > 0;
  const rest = rows.length - SHOWN_FIRST;
  say(list("first-rest"), rest > 0 ? `and ${count(rest, "more clock", "more clocks")} running` : "");
}

// -- queues, callers, agents ---------------------------------------------------------------------------------------------

function queueRow(queue) {
  const figure = rings();
  const waiting = el("a", { class: "quiet big", href: `/calls?queue=${queue.queue}&status=waiting` });
  const longest = el("span", {});
  const could = el("td", { class: "soft" });
  const verdict = el("span", { class: "verdict" }, figure.node, longest);
  const node = el(
    "tr",
    {},
    el("th", { scope: "row" }, el("a", { class: "quiet", href: `/calls?queue=${queue.queue}` }, queue.title)),
    el("td", { class: "number" }, waiting),
    el("td", {}, verdict),
    could
  );
  return {
    node,
    show(row) {
      say(waiting, String(row.waiting));
      node.classList.toggle("none", !row.waiting);
      verdict.hidden = !row.longest;
      if (row.longest) {
        const at = figure.show(row.longest, now());
        verdict.dataset.state = at.state;
        say(longest, moving(at.gone_ms));
      }
      const { ready, talking, wrap_up } = row.agents;
      const parts = [`${ready} ready`, talking ? `${talking} talking` : "", wrap_up ? `${wrap_up} wrap-up` : ""];
      say(could, parts.filter(Boolean).join(", "));
    },
  };
}

function callerRow(caller) {
  const figure = rings();
  const waited = el("strong", { class: "number" });
  const words = el("span", { class: "small" });
  const state = el("span", { class: "soft small" });
  const node = el(
    "li",
    { class: "caller" },
    figure.node,
    el(
      "div",
      {},
      el("a", { class: "quiet name", href: `/calls/${caller.call}` }, caller.name || caller.number),
      el("p", { class: "soft small" }, [caller.name ? caller.number : "", caller.language, caller.queue_title].filter(Boolean).join(" · "))
    ),
    el("div", { class: "end" }, waited, words, state)
  );
  return {
    node,
    show(row) {
      const at = figure.show(row.reach_person, now());
      node.dataset.state = at.state;
      say(waited, moving(at.gone_ms));
      say(words, at.words);
      say(state, row.ringing ? `${row.ringing} is being rung` : row.callback ? "to be called back" : "");
    },
  };
}

function agentRow(agent) {
  const figure = rings();
  const state = el("span", {});
  const since = el("span", { class: "number soft" });
  const withWhom = el("p", { class: "soft small" });
  const node = el(
    "li",
    { class: "agent" },
    el("span", { class: "mark", "aria-hidden": "true" }),
    el("div", {}, el("a", { class: "quiet name", href: `/calls?agent=${agent.agent}` }, agent.name), withWhom),
    figure.node,
    el("div", { class: "end" }, state, since)
  );
  return {
    node,
    show(row) {
      const away = row.status === "offline" && ["idle", "no_device"].includes(row.activity);
      const free = row.activity === "idle" || (row.activity === "no_device" && row.status !== "available");
      node.dataset.doing = free ? row.status : row.activity;
      node.classList.toggle("none", away);
      say(state, doing(row));
      say(since, row.since_ms && !away ? moving(now() - row.since_ms) : "");
      say(withWhom, row.with ? `${row.with}${row.queue_title ? `, ${row.queue_title}` : ""}` : "");
      figure.node.toggleAttribute("hidden", !row.clock);
      if (row.clock) figure.show(row.clock, now());
    },
  };
}

function show(now_ms) {
  showFirst(now_ms);
  keep(list("queues"), frame.queues, (row) => row.queue, queueRow);
  keep(list("callers"), frame.callers, (row) => row.call, callerRow);
  keep(list("agents"), inRank(frame.agents), (row) => row.agent, agentRow);
  const unseen = frame.counts.waiting + frame.counts.callbacks - frame.callers.length;
  say(list("callers-rest"), unseen > 0 ? `and ${unseen} more` : "");
  list("callers-empty").hidden = frame.callers.length > 0;
  showPace(now_ms);
  const { menu, waiting, callbacks, talking, wrap_up, ready, signed_in } = frame.counts;
  for (const [id, value] of Object.entries({ menu, waiting, callbacks, talking, wrap_up, ready })) say(list(`count-${id}`), String(value));
  say(list("signed-in"), `${signed_in} of ${frame.agents.length} signed in`);
  say(list("time"), new Date(now_ms).toLocaleTimeString("en-GB", { timeZone: frame.zone }));
}

/** Phones ring late while more legs are asked for than the account lets out in a second. */
function showPace(now_ms) {
  const { wait_ms, per_second } = frame.pace;
  const left_ms = frame.now_ms + wait_ms - now_ms;
  list("pace").hidden = left_ms < SHOWN_PACE_MS;
  const rate = `the account lets ${count(per_second, "phone", "phones")} ring a second`;
  say(list("pace"), `The next phone rings in ${moving(left_ms)}: ${rate}, and more were asked for.`);
}

const RANK = { offered: 0, talking: 1, wrap_up: 2, idle: 3, no_device: 4 };

/** Who is on a call first, then who is ready, then breaks, then those who went home. */
function inRank(agents) {
  const away = { available: 0, break: 10, offline: 20 };
  const rank = (agent) => (RANK[agent.activity] < 3 ? RANK[agent.activity] : RANK[agent.activity] + away[agent.status]);
  return [...agents].sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
}

follow("floor", (next) => {
  if (next.now_ms < frame.now_ms) return;
  frame = next;
  show(now());
});
onTick(show);
show(frame.now_ms);
