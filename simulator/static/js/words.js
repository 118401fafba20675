// States, sounds and languages in words.

const languages = new Intl.DisplayNames(["en"], { type: "language" });
const SCRIPTS = [
  [/[\u0900-\u097f]/, "hi"],
  [/[\u0a80-\u0aff]/, "gu"],
  [/[\u0c00-\u0c7f]/, "te"],
];

/** The language of words that came without one: by their script, else none. */
export const languageOf = (text) => SCRIPTS.find(([script]) => script.test(text))?.[1] ?? "";

/** `hi-IN` as `Hindi`. */
export const languageName = (code) => (code ? languages.of(code.split("-")[0]) : "");

/** The state of a call in words: the one line that can be read from two metres. */
export function standing(call, reachable) {
  if (!reachable) return "Unreachable";
  if (!call) return "Ready";
  if (call.state === "dialling") return "Dialling";
  if (call.state === "ringing") return call.incoming ? "Somebody calls" : "Ringing";
  if (call.state === "ended") return "Call ended";
  if (call.talking) return "Talking";
  if (call.talked) return "On hold";
  return call.music ? "Waiting" : "In a call";
}

/** What a sound is, for the transcript. */
export function soundName({ kind, text }) {
  if (kind === "beep") return "A tone: speak now";
  if (kind === "ring") return "Ringing";
  if (kind === "play" && !/music|wait|hold/.test(text)) return `Sound: ${text.split("?")[0].split("/").pop()}`;
  return "Music";
}

/** 65 000 ms as `1:05`. */
export function clock(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (value) => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
