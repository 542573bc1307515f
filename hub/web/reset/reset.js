// The page that a link for a new password opens. The token is behind the #, which no browser sends and no log keeps; it
// is taken off the address at once, so that it does not stay in the history.

import { STRINGS } from "./strings.js";

const LEAST = 8; // characters, as the hub asks
const words = STRINGS[document.documentElement.lang] ?? STRINGS.es;
const token = location.hash.slice(1);
const by = (id) => document.getElementById(id);

history.replaceState(null, "", location.pathname);
document.title = words.title;
for (const one of document.querySelectorAll("[data-text]")) one.textContent = words[one.dataset.text];

function refuse(text, field) {
  by("fault").textContent = text;
  for (const id of ["password", "again"]) by(id).setAttribute("aria-invalid", String(by(id) === field));
  field?.focus();
}

function finish(text) {
  by("form").hidden = true;
  by("done").textContent = text;
  by("done").focus();
}

async function set(password) {
  const body = JSON.stringify({ token, password });
  const answer = await fetch("api/v1/reset", { method: "POST", headers: { "Content-Type": "application/json" }, body });
  if (answer.ok) return finish(words.done);
  if (answer.status === 404) return finish(words.over);
  if (answer.status === 400 || answer.status === 422) return refuse(words.short, by("password"));
  refuse(words.busy.replace("{n}", answer.headers.get("Retry-After") ?? "5"), by("set"));
}

by("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const password = by("password").value;
  if ([...password].length < LEAST) return refuse(words.short, by("password"));
  if (password !== by("again").value) return refuse(words.differ, by("again"));
  refuse("", null);
  by("set").disabled = true;
  by("set").textContent = words.setting;
  try {
    await set(password);
  } catch {
    refuse(words.away, by("set"));
  } finally {
    by("set").disabled = false;
    by("set").textContent = words.set;
  }
});

if (token) by("password").focus();
else finish(words.nothing);
