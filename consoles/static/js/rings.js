// The three rings: the one figure for every clock. Three segments fill; calm, at risk, kept and broken differ in shape
// (empty centre, !, tick, cross) and in words, never in colour alone.

import { moving } from "./phrases.js";

const SVG = "http://www.w3.org/2000/svg";
const AROUND = 300; // path units of the whole circle, 100 for each segment
const SEGMENT = 84; // leaves room for the round ends
const GLYPHS = { risk: "M24 15v10M24 32.5v.1", kept: "M16 24.5l6 6 10.5-12.5", broken: "M17 17l14 14M31 17l-14 14" };

/** Where a clock stands: which state, how much of it is gone (0 to 1), and the words for it. */
export function standing(clock, now_ms) {
  const gone_ms = Math.max(0, (clock.to_ms ?? now_ms) - clock.from_ms);
  const share = clock.from_ms && clock.limit_ms ? gone_ms / clock.limit_ms : 0;
  const left_ms = clock.limit_ms - gone_ms;
  if (left_ms < 0) return { state: "broken", share: 1, gone_ms, words: `${moving(-left_ms)} over` };
  if (clock.to_ms) return { state: "kept", share, gone_ms, words: "kept" };
  const words = `${moving(left_ms + 999)} left`;
  return share >= 2 / 3 ? { state: "risk", share, gone_ms, words } : { state: "calm", share, gone_ms, words };
}

function part(name, attributes) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}

function arc(kind, segment) {
  return part("circle", {
    class: kind, cx: 24, cy: 24, r: 20, fill: "none", "stroke-width": 6, "stroke-linecap": "round", pathLength: AROUND,
    transform: `rotate(${segment * 120 - 90 + 9.6} 24 24)`,
    "stroke-dasharray": `${SEGMENT} ${AROUND}`,
  });
}

/** A figure. `show(clock, now_ms)` draws it; with `bare` the centre stays free for a number. */
export function rings({ bare = false } = {}) {
  const node = part("svg", { class: "rings", viewBox: "0 0 48 48", "aria-hidden": "true" });
  const fills = [0, 1, 2].map((segment) => arc("fill", segment));
  const glyph = part("path", { class: "glyph", d: "" });
  node.append(...[0, 1, 2].map((segment) => arc("track", segment)), ...fills, glyph);
  const show = (clock, now_ms) => {
    const at = clock ? standing(clock, now_ms) : { state: "none", share: 0, words: "" };
    node.setAttribute("data-state", at.state);
    fills.forEach((fill, segment) => {
      const full = Math.min(1, Math.max(0, at.share * 3 - segment));
      fill.setAttribute("visibility", full > 0 ? "visible" : "hidden");
      fill.setAttribute("stroke-dasharray", `${(SEGMENT * full).toFixed(1)} ${AROUND}`);
    });
    glyph.setAttribute("d", bare ? "" : GLYPHS[at.state] ?? "");
    return at;
  };
  return { node, show };
}
