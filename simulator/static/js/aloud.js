// Captions read aloud by the browser's own voices, for whoever switches it on. There may be none for a language.

let on = false;
const speech = window.speechSynthesis;
const voiceFor = (language) => speech.getVoices().find(({ lang }) => lang.split(/[-_]/)[0] === language.split("-")[0]);

/** Calls `listener(available)` now and whenever the browser finds voices. */
export function onVoices(listener) {
  const tell = () => listener(Boolean(speech?.getVoices().length));
  speech?.addEventListener?.("voiceschanged", tell);
  tell();
}

export function setAloud(wanted) {
  on = wanted;
  if (!on) hush();
}

/** Read words of a language, after cutting off what was read before; silent when no voice speaks it. */
export function readAloud(text, language) {
  const voice = on && language ? voiceFor(language) : null;
  if (!voice) return;
  speech.cancel();
  const words = new SpeechSynthesisUtterance(text);
  words.voice = voice;
  words.lang = voice.lang;
  speech.speak(words);
}

export const hush = () => speech?.cancel();
