// The agent's browser phone on Twilio: its Voice SDK (loaded before this as `Twilio`), behind the same face as
// softphone_simulator.js. A token lives one hour; the SDK asks for the next one in time.

export function softphone({ token, tell }) {
  let device = null;
  let calls = new Map();
  let wait_ms = 1_000;
  let stopped = false;

  async function register() {
    try {
      device = new window.Twilio.Device(await token(), { closeProtection: false, logLevel: "error" });
    } catch {
      return retry("No access to the phone network");
    }
    device.on("registered", () => {
      wait_ms = 1_000;
      tell("ready", {});
    });
    device.on("unregistered", () => tell("away", { words: "The connection to the phone network was lost" }));
    device.on("error", (error) => tell("away", { words: `The phone network refused: ${error.message}` }));
    device.on("tokenWillExpire", async () => device.updateToken(await token()));
    device.on("incoming", ring);
    return device.register().catch(() => retry("The phone network does not answer"));
  }

  function ring(call) {
    const leg = call.parameters.CallSid;
    calls.set(leg, call);
    const over = () => {
      calls.delete(leg);
      tell("ended", { leg });
    };
    call.on("accept", () => tell("answered", { leg }));
    for (const end of ["disconnect", "cancel", "reject"]) call.on(end, over);
    call.on("error", (error) => tell("away", { words: `The call was cut: ${error.message}` }));
    tell("ringing", { leg });
  }

  function retry(words) {
    device?.destroy();
    calls = new Map();
    if (stopped) return;
    tell("away", { words });
    setTimeout(register, wait_ms);
    wait_ms = Math.min(wait_ms * 2, 16_000);
  }

  const act = (method) => async (leg) => {
    const call = calls.get(leg);
    call?.[method]();
    return Boolean(call);
  };

  register();
  return {
    answer: act("accept"),
    decline: act("reject"),
    hangUp: act("disconnect"),
    stop() {
      stopped = true;
      device?.destroy();
    },
  };
}
