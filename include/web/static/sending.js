// Sends a form without leaving the page until it succeeded: whatever goes wrong, what was typed stays where it is.
import { forget } from "./drafts.js";
import { token } from "./server.js";

export function startSending(form, signal, restart) {
  let busy = false;
  const send = async (event) => {
    event.preventDefault();
    if (busy) return;
    const sent = event.target, button = event.submitter;
    busy = true;
    document.documentElement.classList.add("busy");
    button?.setAttribute("aria-busy", "true");
    try {
      await post(form, sent, button, restart);
    } finally {
      busy = false;
      document.documentElement.classList.remove("busy");
      button?.removeAttribute("aria-busy");
    }
  };
  for (const one of document.querySelectorAll("main form[method=post]")) one.addEventListener("submit", send, { signal });
}

async function post(form, sent, button, restart) {
  const address = button?.getAttribute("formaction") ?? sent.getAttribute("action");
  let answer = await tried(address, sent, button);
  if (answer?.status === 403 && await renewed(form)) answer = await tried(address, sent, button);
  if (!answer) return failed(form, form.dataset.unreachable);
  if (answer.status === 204) {
    if (/\/(save|submit)$/.test(address)) forget(form); // whatever else is done to a document stores no values
    location.assign(answer.headers.get("X-Location"));
    return;
  }
  if (answer.status === 401) return failed(form, form.dataset.signedOut, true);
  if (answer.status === 403) return failed(form, form.dataset.someoneElse, true);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const main = page.querySelector("main");
  if (!page.querySelector("form.form")) return failed(form, page.querySelector("main h1")?.textContent ?? form.dataset.unreachable);
  document.querySelector("dialog[open]")?.close();
  document.querySelector("main").replaceWith(document.adoptNode(main));
  restart();
}

async function tried(address, sent, button) {
  const body = new FormData(sent, button);
  body.set("csrf_token", token());
  body.delete("attachments"); // files go by themselves, as soon as they are chosen
  try {
    return await fetch(address, { method: "POST", body, headers: { "X-Chorus-Form": "1", "X-CSRF-Token": token() } });
  } catch { return null; }
}

// A token lasts twelve hours. A new one is taken only where the same person is still, or again, logged in.
async function renewed(form) {
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector('meta[name="csrf-token"]')?.content;
    if (!fresh || page.querySelector("form.form")?.dataset.person !== form.dataset.person) return false;
    document.querySelector('meta[name="csrf-token"]').content = fresh;
    return true;
  } catch { return false; }
}

export function failed(form, text, login = false) {
  document.querySelector("dialog[open]")?.close();
  const place = form.querySelector("[data-failed]");
  place.hidden = false;
  place.querySelector("h2").textContent = text;
  place.querySelector("[data-log-in]").hidden = !login;
  place.focus();
}
