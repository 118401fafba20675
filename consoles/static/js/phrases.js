// How moving times are said. The same words as the server's for what stands still.

/** `14 s`, `3:05`, `1 h 02`: whole seconds, for a number that moves. */
export function moving(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  const two = (n) => String(n).padStart(2, "0");
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}`;
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)}`;
}

/** `8.1 s`, `1 min 12 s`: for a time that is over. */
export function span(ms) {
  if (ms < 100) return `${ms} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.floor(ms / 1000) % 60;
  return `${Math.floor(ms / 60_000)} min${seconds ? ` ${String(seconds).padStart(2, "0")} s` : ""}`;
}

export function count(number, one, many) {
  return number === 1 ? `1 ${one}` : `${number} ${many}`;
}

/** What an agent chose and what the system sees, in two or three words. */
export function doing(agent) {
  if (agent.activity === "offered") return "Ringing";
  if (agent.activity === "talking") return "Talking";
  if (agent.activity === "wrap_up") return "Wrap-up";
  if (agent.status === "break") return breaks(agent.reason);
  if (agent.status === "offline") return "Offline";
  return agent.activity === "no_device" ? "Desk not open" : "Ready";
}

function breaks(reason) {
  if (!reason || reason === "break") return "On break";
  return reason === "missed" ? "On break: missed calls" : `On break: ${reason}`;
}

const NAMES = {
  reach_person: "a person within three rings",
  time_to_person: "a person in time",
  agent_answers: "an answer within three rings",
  callback_kept: "the call back in time",
  wrap_up: "wrap-up done in time",
};

export function promise(clock) {
  return NAMES[clock.target] ?? clock.target;
}
