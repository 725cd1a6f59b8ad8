// A form that is sent without leaving the page until it succeeded: whatever goes wrong, what was typed stays where it is.
import { startForm } from "./form.js";
import { failed } from "./sending.js";
import { token } from "./server.js";

export function startKept(restart) {
  for (const form of document.querySelectorAll("form[data-kept]")) form.addEventListener("submit", (event) => send(event, form, restart));
}

async function send(event, form, restart) {
  event.preventDefault();
  if (form.dataset.sent) return; // pressed twice
  form.dataset.sent = "yes";
  event.submitter?.setAttribute("aria-busy", "true");
  try {
    await post(event.submitter, form, restart);
  } finally {
    delete form.dataset.sent;
    event.submitter?.removeAttribute("aria-busy");
  }
}

async function post(button, form, restart) {
  const address = button?.getAttribute("formaction") ?? form.getAttribute("action");
  const body = new FormData(form, button);
  const answer = await fetch(address, { method: "POST", body, headers: { "X-CSRF-Token": token() } }).catch(() => null);
  if (!answer) return failed(form, form.dataset.unreachable);
  if (answer.status === 401 || answer.status === 403) return failed(form, form.dataset.signedOut, true);
  if (answer.redirected) return location.assign(answer.url);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (!page.querySelector("form[data-kept]")) return failed(form, page.querySelector("main h1")?.textContent ?? form.dataset.unreachable);
  document.querySelector("main").replaceWith(document.adoptNode(page.querySelector("main")));
  startForm();
  restart();
}
