// Live frames from the feed: one stream per page, renewed by itself. While it is away the page asks for frames, says
// how long it has been away, and goes on trying.

import { el, say } from "./dom.js";
import { moving } from "./phrases.js";
import { onTick, setNow } from "./time.js";

const SILENT_MS = 12_000; // the feed beats every 5 s
const ASK_EVERY_MS = 3_000;

/** Post JSON to our own server, with the page's proof that it is ours. Answers `{status, body}`, never throws. */
export async function post(path, body = {}) {
  const proof = document.querySelector("meta[name=csrf]").content;
  try {
    const answer = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": proof },
      body: JSON.stringify(body),
      keepalive: path.endsWith("/gone"),
    });
    return read(answer);
  } catch {
    return { status: 0, body: { message: "The service cannot be reached. Check your connection, then try again." } };
  }
}

async function read(answer) {
  if (answer.redirected || answer.status === 401) {
    location.assign("/sign-in");
    return { status: 401, body: { message: "You are signed out." } };
  }
  const body = await answer.json().catch(() => ({ message: "The service did not answer as expected. Try again." }));
  return { status: answer.status, body };
}

/**
 * Follow `name` ("floor" or "desk"): `onFrame(frame)` for every frame, `onBeat()` every few seconds while it is live.
 */
export function follow(name, onFrame, onBeat = () => {}) {
  const status = document.getElementById("live");
  const banner = document.getElementById("stale");
  let stream = null;
  let heard_ms = Date.now();
  let asked_ms = 0;
  let wait_ms = 250;
  let opening = false;
  let fresh = true;

  const heard = () => {
    heard_ms = Date.now();
    wait_ms = 250;
  };

  const take = (frame) => {
    setNow(frame.now_ms);
    onFrame(frame);
  };

  async function open() {
    if (opening) return;
    opening = true;
    stream?.close();
    const ticket = await post(`/feed-ticket/${name}`);
    opening = false;
    if (ticket.status !== 200) return retry();
    stream = new EventSource(ticket.body.url);
    stream.addEventListener("frame", (event) => {
      heard();
      fresh = true;
      take(JSON.parse(event.data));
    });
    stream.addEventListener("beat", (event) => {
      heard();
      const beat = JSON.parse(event.data);
      fresh = beat.fresh;
      setNow(beat.now_ms);
      onBeat();
    });
    stream.onerror = () => {
      stream.close();
      retry();
    };
  }

  let due_ms = 0;
  function retry() {
    due_ms = Date.now() + wait_ms;
    wait_ms = Math.min(wait_ms * 2, 8_000);
  }

  async function ask() {
    asked_ms = Date.now();
    try {
      const answer = await fetch(`/${name}/frame`, { headers: { Accept: "application/json" } });
      const { status: code, body } = await read(answer);
      if (code === 200) take(body);
    } catch {
      // Nothing answers: the banner says it already.
    }
  }

  onTick(() => {
    const silent_ms = Date.now() - heard_ms;
    if (due_ms && Date.now() >= due_ms) {
      due_ms = 0;
      open();
    }
    if (silent_ms > SILENT_MS && stream?.readyState === EventSource.OPEN) {
      stream.close();
      retry();
    }
    const open_now = stream?.readyState === EventSource.OPEN && fresh;
    const stale = !open_now && silent_ms > 2_000;
    status.dataset.state = open_now ? "live" : stale ? "stale" : "loading";
    say(status, open_now ? "Live" : stale ? "Not live" : "Connecting");
    banner.hidden = !stale;
    if (stale) say(banner, `Live updates stopped ${moving(silent_ms)} ago, reconnecting. What you see may be old.`);
    if (stale && Date.now() - asked_ms > ASK_EVERY_MS) ask();
  });
  open();
}

/** A line for trouble: what happened and what to do. An empty text takes it away. */
export function troubleLine() {
  const node = el("p", { class: "trouble", role: "alert", hidden: true });
  return {
    node,
    show(text) {
      node.hidden = !text;
      say(node, text ?? "");
    },
  };
}
