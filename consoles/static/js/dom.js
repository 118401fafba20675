// Small tools to build and keep the page: nodes from values, and lists whose rows stay the same nodes while they live.

/** A node. `props` are attributes, except functions (`onclick`), `class` and booleans; children are nodes or text. */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  set(node, props);
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export function set(node, props) {
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === "function") node[name] = value;
    else if (value === null || value === undefined || value === false) node.removeAttribute(name);
    else node.setAttribute(name, value === true ? "" : value);
  }
}

/** Text only when it differs, so that a screen reader hears it once and a selection survives. */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * Bring the children of `parent` in line with `rows`: a row that stays keeps its node (and its focus), a new one is made,
 * one that is gone is removed. `make(row)` gives `{node, show(row)}`.
 */
export function keep(parent, rows, key, make) {
  const had = parent.kept ?? new Map();
  const have = new Map();
  let before = parent.firstElementChild;
  for (const row of rows) {
    const id = key(row);
    const one = had.get(id) ?? make(row);
    had.delete(id);
    have.set(id, one);
    one.show(row);
    if (one.node === before) before = before.nextElementSibling;
    else parent.insertBefore(one.node, before);
  }
  for (const gone of had.values()) gone.node.remove();
  parent.kept = have;
}

/** What the server put into the page for us. */
export function given(id) {
  return JSON.parse(document.getElementById(id).textContent);
}
