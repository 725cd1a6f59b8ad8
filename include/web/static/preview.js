// While somebody words a mail: the mail that it makes, or what is wrong beside the part that is. Nothing is stored.
import { ask, later, newest } from "./server.js";

const PAUSE = 600; // each mail is rendered in a process of its own
let running = new AbortController();

export function startPreview() {
  running.abort();
  running = new AbortController();
  const form = document.querySelector("form[data-preview]");
  if (!form) return;
  const { signal } = running;
  const latest = newest();
  const preview = async () => {
    const { event, language, subject, body } = Object.fromEntries(new FormData(form));
    const answer = await latest((stop) => ask("POST", "templates/try", { json: { event, language, subject, body }, signal: stop }));
    if (answer && !signal.aborted) show(form, answer);
  };
  form.addEventListener("input", later(preview, PAUSE, signal), { signal });
}

function show(form, { status, data }) {
  if (status !== 200 && !data.fields) return; // too fast, or no server: what was shown stays
  for (const place of form.querySelectorAll("[data-fault]")) {
    const faults = data.fields?.[place.dataset.fault] ?? [];
    place.hidden = !faults.length;
    place.querySelector("span").textContent = faults.map((one) => one.message).join(" ");
    const control = form.elements[place.dataset.fault];
    if (faults.length) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
  }
  const mail = document.querySelector("[data-mail]");
  mail.classList.toggle("old", status !== 200);
  if (status !== 200) return;
  mail.querySelector("[data-mail-subject]").textContent = data.subject;
  mail.querySelector("[data-mail-text]").textContent = data.text;
}
