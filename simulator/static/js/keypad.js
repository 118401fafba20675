// The twelve keys of a telephone.

import { el } from "./dom.js";

const LETTERS = { 2: "ABC", 3: "DEF", 4: "GHI", 5: "JKL", 6: "MNO", 7: "PQRS", 8: "TUV", 9: "WXYZ", 0: "+" };
const NAMES = { "*": "star", "#": "hash" };
const DOWN_MS = 140;

/** `press(key)` is called for every key; `flash(key)` shows one that was pressed on the keyboard. */
export function keypad(press) {
  const buttons = new Map();
  for (const key of "123456789*0#") {
    const label = el("small", { "aria-hidden": "true" }, LETTERS[key] ?? "");
    const button = el("button", { type: "button", "aria-label": NAMES[key] ?? null, onclick: () => press(key) }, key, label);
    // The focus stays where it was, so that Enter goes on to mean what it meant.
    button.addEventListener("pointerdown", (event) => event.preventDefault());
    buttons.set(key, button);
  }
  return {
    node: el("div", { class: "keypad", role: "group", "aria-label": "Keys" }, ...buttons.values()),
    flash(key) {
      const button = buttons.get(key);
      button.dataset.down = "";
      setTimeout(() => delete button.dataset.down, DOWN_MS);
    },
  };
}
