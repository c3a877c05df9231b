
"use strict";
// What is shown stands in the address too, so that it can be sent on: #level=breaking&tag=Teams&text=permission
const form = document.getElementById("filters");
const changes = [...document.querySelectorAll("#changes .change")];
const groups = [...document.querySelectorAll("#changes .operation")];
const words = new Map(changes.map((change) => [
  change, `${change.closest(".operation").querySelector("h2").textContent} ${change.textContent}`.toLowerCase(),
]));

function fromAddress() {
  const wanted = new URLSearchParams(location.hash.slice(1));
  if (wanted.has("level")) {
    for (const box of form.querySelectorAll("[name=level]")) box.checked = wanted.getAll("level").includes(box.value);
  }
  if (wanted.has("tag")) form.elements.tag.value = wanted.get("tag");
  if (wanted.has("text")) form.elements.text.value = wanted.get("text");
}

function toAddress() {
  const chosen = new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ""));
  if (!chosen.has("level")) chosen.set("level", "none");
  history.replaceState(null, "", `#${chosen}`);
}

function show() {
  const chosen = new FormData(form);
  const levels = new Set(chosen.getAll("level"));
  const tag = chosen.get("tag");
  const text = chosen.get("text").trim().toLowerCase().split(/\s+/);
  let shown = 0;
  for (const change of changes) {
    const fits = levels.has(change.dataset.level) && (tag === "" || tag === change.dataset.tag)
      && text.every((word) => words.get(change).includes(word));
    change.hidden = !fits;
    shown += fits;
  }
  for (const group of groups) group.hidden = !group.querySelector(".change:not([hidden])");
  document.getElementById("shown").value = `${shown} of ${changes.length}`;
  document.getElementById("none").hidden = shown > 0;
}

form.hidden = false;
form.addEventListener("input", () => { show(); toAddress(); });
form.addEventListener("submit", (event) => event.preventDefault());
addEventListener("hashchange", () => { fromAddress(); show(); });
fromAddress();
show();
