// Keys: every page can be driven without a mouse, `?` shows how.

/** Keys of this page: name → action. A key pressed while typing is text, unless it is Escape. */
export function keys(actions) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    if (document.querySelector("dialog[open]")) return;
    const at = event.target;
    const typing = at.matches("textarea, select, input:not([type=radio]):not([type=checkbox])");
    if (typing && event.key !== "Escape") return;
    // Enter on a button or link is that button's, not the page's.
    if (event.key === "Enter" && at.matches("button, a, summary, input")) return;
    const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (action && action() !== false) event.preventDefault();
  });
}

const dialog = document.getElementById("keys");
if (dialog) {
  const open = () => dialog.showModal();
  document.getElementById("show-keys").addEventListener("click", open);
  dialog.querySelector("button").addEventListener("click", () => dialog.close());
  keys({ "?": open });
}
