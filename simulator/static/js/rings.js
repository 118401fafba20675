// The three rings, drawn: three segments that fill while a phone rings. Answered within them is kept, past them broken.

const SVG = "http://www.w3.org/2000/svg";
const AROUND = 300; // path units of the whole circle, 100 for each segment
const SEGMENT = 84; // leaves room for the round ends
const GLYPHS = { risk: "M24 15v10M24 32.5v.1", kept: "M16 24.5l6 6 10.5-12.5", broken: "M17 17l14 14M31 17l-14 14" };

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

/** A figure; `show(count, answered)` draws how many rings there were so far, null for none at all. */
export function rings() {
  const node = part("svg", { class: "rings", viewBox: "0 0 48 48", "aria-hidden": "true" });
  const fills = [0, 1, 2].map((segment) => arc("fill", segment));
  const glyph = part("path", { class: "glyph", d: "" });
  node.append(...[0, 1, 2].map((segment) => arc("track", segment)), ...fills, glyph);
  const standing = (count, answered) => {
    if (count === null) return "none";
    if (count > 3) return "broken";
    return answered ? "kept" : count > 2 ? "risk" : "calm";
  };
  const show = (count, answered = false) => {
    const state = standing(count, answered);
    node.setAttribute("data-state", state);
    fills.forEach((fill, segment) => {
      const full = Math.min(1, Math.max(0, (count ?? 0) - segment));
      fill.setAttribute("visibility", full > 0 ? "visible" : "hidden");
      fill.setAttribute("stroke-dasharray", `${(SEGMENT * full).toFixed(1)} ${AROUND}`);
    });
    glyph.setAttribute("d", GLYPHS[state] ?? "");
  };
  show(null);
  return { node, show };
}
