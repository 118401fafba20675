// The line to the simulated network: one session and one event stream for all phones of the page.

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8_000;
const EVENTS = ["ringing", "answered", "caption", "sound", "key", "listening", "talk", "ended"];

/**
 * `hear(event, facts)` gets what happens at a leg; `reached(facts)` a new session (calls of an older one are over),
 * `live(ok)` whether the network can be reached just now.
 */
export function network({ hear, reached, live }) {
  let session = "";
  let stream = null;
  let wait_ms = FIRST_WAIT_MS;

  async function send(path, wish = {}) {
    const answer = await fetch(`/phone/${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ session, ...wish }),
      keepalive: path === "leave",
    });
    const facts = await answer.json();
    if (!answer.ok) throw new Error(facts.message);
    return facts;
  }

  async function open() {
    try {
      const facts = await send("sessions");
      session = facts.session;
      follow();
      reached(facts);
    } catch {
      live(false);
      setTimeout(open, wait_ms);
      wait_ms = Math.min(wait_ms * 2, LONGEST_WAIT_MS);
    }
  }

  function follow() {
    stream = new EventSource(`/phone/events?session=${encodeURIComponent(session)}`);
    stream.onopen = () => {
      wait_ms = FIRST_WAIT_MS;
      live(true);
    };
    stream.onerror = () => {
      live(false);
      // A broken connection is taken up by the browser itself; a refused one means that the session is over.
      if (stream.readyState === EventSource.CLOSED) open();
    };
    for (const name of EVENTS) stream.addEventListener(name, (event) => hear(name, JSON.parse(event.data)));
  }

  addEventListener("pagehide", () => {
    if (session) send("leave").catch(() => {});
  });
  addEventListener("pageshow", (event) => event.persisted && location.reload());
  open();
  return {
    call: async (from, to) => (await send("calls", { from, to })).leg,
    lines: (lines) => send("lines", { lines }),
    answer: (leg) => send(`legs/${leg}/answer`),
    decline: (leg) => send(`legs/${leg}/decline`),
    hangUp: (leg) => send(`legs/${leg}/hangup`),
    press: (leg, keys) => send(`legs/${leg}/press`, { keys }),
    say: (leg, text) => send(`legs/${leg}/say`, { text }),
  };
}
