// What a telephone sounds like, made by the browser: the tones of keys, and ringing in the cadence of a country.

const ROWS_HZ = [697, 770, 852, 941];
const COLUMNS_HZ = [1209, 1336, 1477];
const LAYOUT = "123456789*0#";
const KEY_S = 0.12;

let context = null;
let wanted = true;

/** Browsers allow sound only after a click or key: call this from one. */
export function allowSound() {
  context ??= new AudioContext();
  if (context.state === "suspended") context.resume().catch(() => {});
}

/** Have tones, or silence. */
export function setTones(on) {
  wanted = on;
}

function sounding(frequencies_hz) {
  const volume = context.createGain();
  volume.gain.value = 0;
  volume.connect(context.destination);
  const sources = frequencies_hz.map((hz) => {
    const source = context.createOscillator();
    source.frequency.value = hz;
    source.connect(volume);
    source.start();
    return source;
  });
  return { volume: volume.gain, stop: (at_s) => sources.forEach((source) => source.stop(at_s)) };
}

const audible = () => wanted && context?.state === "running";

/** The tone of a key (Q.23: one row and one column frequency). */
export function keyTone(key) {
  const place = LAYOUT.indexOf(key);
  if (!audible() || place < 0) return;
  const tone = sounding([ROWS_HZ[Math.floor(place / 3)], COLUMNS_HZ[place % 3]]);
  tone.volume.setTargetAtTime(0.06, context.currentTime, 0.004);
  tone.volume.setTargetAtTime(0, context.currentTime + KEY_S, 0.01);
  tone.stop(context.currentTime + KEY_S + 0.1);
}

/** Ring until the returned function is called; `cadence_ms` is on, off, on, off… of one ring. */
export function ringTone({ cadence_ms, tones_hz }) {
  if (!audible()) return () => {};
  const tone = sounding(tones_hz);
  const cycle_s = cadence_ms.reduce((sum, ms) => sum + ms, 0) / 1000;
  let planned_s = context.currentTime;
  const plan = () => {
    // A minute ahead: a slowed-down timer in a background tab must not stutter the ring.
    while (planned_s < context.currentTime + 60) {
      let at_s = planned_s;
      cadence_ms.forEach((ms, index) => {
        tone.volume.setTargetAtTime(index % 2 ? 0 : 0.05, at_s, 0.006);
        at_s += ms / 1000;
      });
      planned_s += cycle_s;
    }
  };
  plan();
  const again = setInterval(plan, 20_000);
  return () => {
    clearInterval(again);
    tone.volume.cancelScheduledValues(0);
    tone.volume.value = 0;
    tone.stop();
  };
}
