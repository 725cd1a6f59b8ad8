// The submission screen: what is on it, and what happens when a part of it is replaced by a newer one.
import { startAttachments } from "./attachments.js";
import { startCheck } from "./check.js";
import { startCombos } from "./combos.js";
import { startDrafts } from "./drafts.js";
import { startPlaces } from "./places.js";
import { startPresence } from "./presence.js";
import { startSending } from "./sending.js";
import { startViewer } from "./viewer.js";

let running = new AbortController();

// Everything that listens or waits does so until the part it belongs to is replaced.
export function startForm() {
  running.abort();
  running = new AbortController();
  const signal = running.signal;
  startDialogs();
  document.querySelector("[data-focus]")?.focus();
  const form = document.querySelector("form.form");
  startViewer(form, signal);
  if (!form) return;
  startPlaces(form, signal);
  startDrafts(form);
  startSending(form, signal, startForm);
  if (form.dataset.editable === "yes") {
    const check = startCheck(form, signal);
    startCombos(form, signal);
    startAttachments(form, signal, check);
  }
  startPresence(form, signal);
  document.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]")) return;
    const action = keyed(event, form);
    if (!action) return;
    event.preventDefault();
    action();
  }, { signal });
  if (!document.querySelector("[data-focus]")) (faulty(form)[0] ?? form.querySelector(".field input:not([disabled])"))?.focus();
}

function startDialogs() {
  document.querySelectorAll("[data-opens]").forEach((button) => button.addEventListener("click", () => document.getElementById(button.dataset.opens).showModal()));
  document.querySelectorAll("[data-closes]").forEach((button) => button.addEventListener("click", () => button.closest("dialog").close()));
}

function keyed(event, form) {
  const save = form.querySelector("[data-save]"), submit = form.querySelector("[data-submit]");
  if (event.ctrlKey && event.key === "Enter") return submit && (() => form.requestSubmit(submit));
  if (event.ctrlKey && event.key.toLowerCase() === "s") return save && (() => form.requestSubmit(save));
  if (event.key === "Enter" && event.target.matches?.(".field input")) return () => {}; // a text is no reason to send
  if (!event.altKey || event.ctrlKey) return null;
  if (event.key === "ArrowDown") return () => settle(form, 1);
  if (event.key === "ArrowUp") return () => settle(form, -1);
  if (event.key === "ArrowRight") return () => document.querySelector("[data-after]")?.click();
  if (event.key === "ArrowLeft") return () => document.querySelector("[data-before]")?.click();
  const digit = /^Digit([1-9])$/.exec(event.code)?.[1]; // whatever the keyboard types for it together with Alt
  return digit ? () => document.activeElement.closest(".field")?.querySelectorAll("[data-take]")[digit - 1]?.click() : null;
}

function faulty(form) {
  return [...form.querySelectorAll('[aria-invalid="true"]')];
}

function settle(form, step) {
  const all = faulty(form);
  if (!all.length) return;
  const at = all.indexOf(document.activeElement);
  all[at < 0 ? (step > 0 ? 0 : all.length - 1) : (at + step + all.length) % all.length].focus();
}
