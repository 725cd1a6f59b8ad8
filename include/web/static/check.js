// While somebody types: what the invoice would be with these values. Nothing is stored.
import { ask, later, newest } from "./server.js";
import { changed } from "./values.js";

const PAUSE = 250;
const SHOWN_AT = { service_name: "service_code" };

export function startCheck(form, signal) {
  const latest = newest();
  const check = async () => {
    if (document.documentElement.classList.contains("busy")) return; // being sent: no longer a document to be checked
    const answer = await latest((stop) => ask("POST", `documents/${form.dataset.document}/check`, { json: { values: changed(form) }, signal: stop }));
    if (answer?.status === 200 && !signal.aborted) show(form, answer.data);
  };
  form.addEventListener("input", (event) => { if (event.target.matches("[data-stored]")) soon(); });
  document.addEventListener("submit", () => latest(() => null), { signal });
  const soon = later(check, PAUSE, signal);
  check();
  return check;
}

function show(form, found) {
  summary(found);
  cautions(found.warnings);
  reasons(form, found.reasons);
  const line = form.querySelector("[data-sum]");
  line.hidden = false;
  line.classList.toggle("bad", !found.totals.agree);
  line.querySelector("span").textContent = found.totals.message;
  icon(line, found.totals.agree ? "check" : "alert");
  form.querySelector("[data-obligations]").textContent = found.shown.obligations;
  form.querySelector("[data-recipient]").textContent = found.shown.recipient;
  form.dispatchEvent(new CustomEvent("services", { detail: found.obligations.services }));
}

function summary(found) {
  const place = document.getElementById("summary");
  const ready = found.reasons.length === 0;
  const said = [...place.querySelectorAll("li")].map((one) => one.textContent.trim());
  // the same points stay as they are: the caret may stand on them
  if (place.firstElementChild?.classList.contains(ready ? "ok" : "bad") && said.join("\n") === found.reasons.map((one) => one.message.trim()).join("\n")) return;
  const box = message(ready ? "ok" : "bad", ready ? "check" : "alert");
  const title = document.createElement("h2");
  title.textContent = found.shown.headline;
  const text = box.querySelector(".grow");
  text.append(title);
  if (!ready) text.append(list(found.reasons));
  place.replaceChildren(box);
}

function cautions(warnings) {
  const place = document.getElementById("cautions");
  if (!warnings.length) { place.replaceChildren(); return; }
  const box = message("warn", "alert");
  box.querySelector(".grow").append(list(warnings.map((one) => ({ ...one, field: null }))));
  place.replaceChildren(box);
}

function list(reasons) {
  const all = document.createElement("ul");
  for (const reason of reasons) {
    const row = all.appendChild(document.createElement("li"));
    const at = reason.field && document.getElementById(SHOWN_AT[reason.field] ?? reason.field);
    const text = at ? row.appendChild(document.createElement("a")) : row;
    if (at) text.href = `#${at.id}`;
    text.textContent = reason.message;
  }
  return all;
}

function reasons(form, found) {
  for (const field of form.querySelectorAll("[data-at]")) {
    const mine = found.filter((one) => (SHOWN_AT[one.field] ?? one.field) === field.dataset.at);
    const place = field.querySelector(".why-not");
    const control = form.elements[field.dataset.at];
    if (mine.length) control.setAttribute("aria-invalid", "true"); else control.removeAttribute("aria-invalid");
    const texts = mine.map((one) => one.message);
    if (texts.join("\n") === [...place.children].map((one) => one.textContent).join("\n")) continue;
    place.replaceChildren(...texts.map((text) => {
      const line = document.createElement("p");
      line.className = "err";
      line.append(picture("alert"), Object.assign(document.createElement("span"), { textContent: text }));
      return line;
    }));
  }
}

function message(kind, name) {
  const box = document.createElement("div");
  box.className = `msg ${kind}`;
  const text = document.createElement("div");
  text.className = "grow";
  box.append(picture(name), text);
  return box;
}

export function picture(name) {
  const made = document.querySelector("svg.i").cloneNode(true);
  icon({ querySelector: () => made.querySelector("use") }, name);
  return made;
}

function icon(place, name) {
  const use = place.querySelector("use");
  use.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#${name}`));
}
