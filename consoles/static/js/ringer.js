// The desk rings as a phone of the agent's country does: tones and cadence are handed in, no sound file is needed.

let context = null;

/** Browsers allow sound only after a click: call this from one. */
export function allowSound() {
  context ??= new AudioContext();
  if (context.state === "suspended") context.resume().catch(() => {});
}

/** Rings until the answer is called. `cadence_ms` is on, off, on, off…; a blocked sound is silence, not an error. */
export function ring({ cadence_ms, tones_hz }) {
  if (!context || context.state !== "running" || !cadence_ms.length) return () => {};
  const volume = context.createGain();
  volume.gain.value = 0;
  volume.connect(context.destination);
  const tones = tones_hz.map((hz) => {
    const tone = context.createOscillator();
    tone.frequency.value = hz;
    tone.connect(volume);
    tone.start();
    return tone;
  });
  let planned_s = context.currentTime;
  const cycle_s = cadence_ms.reduce((sum, ms) => sum + ms, 0) / 1000;
  const plan = () => {
    // A minute ahead at a time: a slowed-down timer in a background tab must not stutter the ring.
    const until_s = context.currentTime + 60;
    while (planned_s < until_s) {
      let at_s = planned_s;
      cadence_ms.forEach((ms, index) => {
        volume.gain.setTargetAtTime(index % 2 ? 0 : 0.08, at_s, 0.006);
        at_s += ms / 1000;
      });
      planned_s += cycle_s;
    }
  };
  plan();
  const again = setInterval(plan, 20_000);
  return () => {
    clearInterval(again);
    volume.gain.cancelScheduledValues(0);
    volume.gain.value = 0;
    for (const tone of tones) tone.stop();
  };
}
