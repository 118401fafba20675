// The server's time, and one tick for everything that moves: clocks run on between two frames.

let ahead_ms = 0;
const listeners = new Set();

/** Milliseconds UTC as the server counts them. */
export function now() {
  return Date.now() + ahead_ms;
}

/** Called with the server's own time whenever it tells it. */
export function setNow(server_ms) {
  ahead_ms = server_ms - Date.now();
}

/** Call `listener(now)` four times a second, in a background tab too. Returns what stops it. */
export function onTick(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

const metronome = new Worker(new URL("./metronome.js", import.meta.url));
metronome.onmessage = () => {
  const now_ms = now();
  for (const listener of listeners) listener(now_ms);
};
