// Who else has this document open: told every few seconds, and once more when the page is left.
import { ask } from "./server.js";

const BEAT = 10_000;

export function startPresence(form, signal) {
  const path = `documents/${form.dataset.document}/presence`;
  const tell = async () => {
    const answer = await ask("POST", path, { json: {} });
    if (answer.status !== 200 || signal.aborted) return;
    const names = answer.data.others.map((one) => one.name);
    const said = names.map((name) => form.dataset.others.replace("{name}", name)).join(" ");
    const place = document.querySelector("[data-others]:not(form)");
    if (place.textContent !== said) place.textContent = said;
  };
  const timer = setInterval(tell, BEAT);
  signal.addEventListener("abort", () => clearInterval(timer));
  addEventListener("pagehide", () => { ask("POST", path, { json: { leaving: true }, keepalive: true }); }, { signal });
  addEventListener("pageshow", (event) => { if (event.persisted) tell(); }, { signal });
  tell();
}
