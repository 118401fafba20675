// A call that still goes on: its page is read again until it is over. Nothing is replaced while someone selects text.

const EVERY_MS = 2_000;
const main = document.getElementById("main");

async function again() {
  if (document.hidden || !getSelection().isCollapsed || document.querySelector("dialog[open]")) return;
  const answer = await fetch(location.href).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const next = page.getElementById("main");
  if (next.innerHTML !== main.innerHTML) main.replaceChildren(...next.childNodes);
  if (!page.querySelector("[data-going-on]")) clearInterval(timer);
}

const timer = setInterval(again, EVERY_MS);
