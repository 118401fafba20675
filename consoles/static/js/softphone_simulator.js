// The agent's browser phone on the simulated network: registers over HTTP, hears of rings by server-sent events.
// Same face as the real one in softphone_twilio.js.

/**
 * `network` is its address, `token()` brings an access token. `tell(event, facts)` hears: `ready`, `away` (with words),
 * `ringing` {leg}, `answered` {leg}, `caption` {leg, text, language}, `ended` {leg}.
 */
export function softphone({ network, token, tell }) {
  let session = "";
  let stream = null;
  let wait_ms = 500;
  let stopped = false;

  async function send(path, body) {
    const answer = await fetch(`${network}/client/${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    return answer.json();
  }

  async function register() {
    try {
      session = (await send("register", { token: await token() })).session;
    } catch {
      return retry("The phone network does not answer");
    }
    stream = new EventSource(`${network}/client/events?session=${encodeURIComponent(session)}`);
    stream.onopen = () => {
      wait_ms = 500;
      tell("ready", {});
    };
    stream.onerror = () => retry("The connection to the phone network was lost");
    for (const name of ["ringing", "answered", "caption", "ended"]) {
      stream.addEventListener(name, (event) => tell(name, JSON.parse(event.data)));
    }
    return undefined;
  }

  function retry(words) {
    stream?.close();
    stream = null;
    if (stopped) return;
    tell("away", { words });
    setTimeout(register, wait_ms);
    wait_ms = Math.min(wait_ms * 2, 8_000);
  }

  const act = (what) => async (leg) => {
    try {
      await send(`legs/${leg}/${what}`, { session });
      return true;
    } catch {
      return false;
    }
  };

  register();
  return {
    answer: act("answer"),
    decline: act("decline"),
    hangUp: act("hangup"),
    stop() {
      stopped = true;
      stream?.close();
      if (session) navigator.sendBeacon?.(`${network}/client/unregister`, JSON.stringify({ session }));
    },
  };
}
