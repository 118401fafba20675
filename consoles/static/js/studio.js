// The studio: what is written is checked while it is written, and a node of the picture leads to its line.

const text = document.getElementById("text");
const verdict = document.getElementById("verdict");
const problems = document.getElementById("problems");
const picture = document.getElementById("picture");
const publish = document.getElementById("publish");
const tryIt = document.getElementById("try");
const tried = document.getElementById("tried");
const PAUSE_MS = 350;
const LINE_PX = 20;
let timer = 0;
let asked = 0;

async function post(path) {
  const headers = { "Content-Type": "application/json", "X-CSRFToken": document.querySelector("meta[name=csrf]").content };
  const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify({ text: text.value }) });
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.message);
  return body;
}

function goTo(line) {
  const lines = text.value.split("\n");
  const start = lines.slice(0, line - 1).reduce((sum, row) => sum + row.length + 1, 0);
  text.focus();
  text.setSelectionRange(start, start + (lines[line - 1] ?? "").length);
  text.scrollTop = Math.max(0, (line - 6) * LINE_PX);
}

function problem(found) {
  const row = document.createElement("li");
  const link = document.createElement("a");
  link.href = "#text";
  link.dataset.line = found.line;
  link.textContent = `Line ${found.line}`;
  row.append(link, ` ${found.reason}`);
  return row;
}

function show(found) {
  const wrong = found.problems.length;
  verdict.dataset.state = wrong ? "broken" : "kept";
  verdict.textContent = wrong ? `${wrong} to put right` : "No problem found";
  problems.replaceChildren(...found.problems.map(problem));
  publish.disabled = wrong > 0;
  if (tryIt) tryIt.disabled = wrong > 0;
  const seconds = found.seconds;
  document.getElementById("seconds").textContent = seconds ? `${seconds.usual} s to a line, ${seconds.worst} s at worst` : "";
  if (found.picture) picture.innerHTML = found.picture; // made and escaped by our own templates
}

async function check() {
  const mine = ++asked;
  try {
    const found = await post("/studio/check");
    if (mine === asked) show(found);
  } catch (error) {
    if (mine !== asked) return;
    verdict.dataset.state = "risk";
    verdict.textContent = `Not checked: ${error.message}`;
    publish.disabled = true;
  }
}

text.addEventListener("input", () => {
  clearTimeout(timer);
  publish.disabled = true; // until it has been checked
  timer = setTimeout(check, PAUSE_MS);
});

document.addEventListener("click", (event) => {
  const place = event.target.closest("[data-line]");
  if (!place) return;
  event.preventDefault();
  goTo(Number(place.dataset.line));
});

tryIt?.addEventListener("click", async () => {
  const phone = window.open("", "_blank"); // now, because later a browser would not allow it
  try {
    const { url } = await post("/studio/try");
    tried.textContent = "Call from the phone within two minutes: that one call has this draft.";
    if (phone) phone.location = url;
  } catch (error) {
    phone?.close();
    tried.textContent = error.message;
  }
});
