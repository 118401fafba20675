// Small tools to build the page: nodes from values, text that changes only when it differs.

/** A node. `props` are attributes, functions (`onclick`) are set as they are; children are nodes, text or nothing. */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) put(node, name, value);
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** Set or (null, false) remove an attribute. */
export function put(node, name, value) {
  if (typeof value === "function") node[name] = value;
  else if (value === null || value === undefined || value === false) node.removeAttribute(name);
  else node.setAttribute(name, value === true ? "" : value);
}

/** Text only when it differs, so that a screen reader hears it once. */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
