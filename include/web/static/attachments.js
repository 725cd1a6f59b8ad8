// Files that go along: sent as soon as they are chosen; the list and the version of the form follow.
import { ask } from "./server.js";
import { failed } from "./sending.js";

export function startAttachments(form, signal, check) {
  const place = `documents/${form.dataset.document}/attachments`;
  const version = () => form.elements.version.value;
  let types = null;

  const apply = async (answer) => {
    const said = document.getElementById("attachments-said");
    if (answer.status === 401) return failed(form, form.dataset.signedOut, true);
    if (answer.status === 0) return failed(form, form.dataset.unreachable);
    if (answer.status !== 200) {
      said.textContent = [answer.data.error?.message, answer.data.error?.todo].filter(Boolean).join(" ");
      said.className = "err";
      document.getElementById("attachments").value = "";
      return null;
    }
    for (const input of document.querySelectorAll('input[name="version"]')) input.value = answer.data.version;
    await redraw();
    return check();
  };

  // The server draws the list: one way only to show what goes along. What was typed in the form stays as it is.
  const redraw = async () => {
    const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
    const fresh = page.getElementById("attached");
    if (!fresh || page.querySelector('form.form input[name="version"]').value !== version()) return;
    document.getElementById("attached").replaceWith(document.adoptNode(fresh));
    if (types) fillAll();
  };

  const fillAll = () => { for (const select of form.querySelectorAll("select.type")) fill(select, types); };
  form.addEventListener("focusin", async (event) => {
    if (!event.target.matches("select.type") || types) return;
    const answer = await ask("GET", `${place}/types`);
    if (answer.status !== 200 || signal.aborted) return;
    types = answer.data.items;
    fillAll();
  });
  form.addEventListener("change", async (event) => {
    const control = event.target;
    if (control.id === "attachments" && control.files.length) {
      const body = new FormData();
      body.set("version", version());
      for (const file of control.files) { body.append("attachments", file); body.append("types", form.elements.types.value); }
      control.disabled = true;
      const answer = await ask("POST", place, { body });
      control.disabled = false;
      await apply(answer);
    } else if (control.dataset.typeOf) {
      await apply(await ask("PATCH", `${place}/${control.dataset.typeOf}`, { json: { version: Number(version()), type: control.value || null } }));
    }
  });
  form.addEventListener("click", async (event) => {
    const remove = event.target.closest("[data-remove]"), back = event.target.closest("[data-bring-back]");
    if (remove) await apply(await ask("DELETE", `${place}/${remove.dataset.remove}?version=${version()}`));
    if (back) await apply(await ask("POST", `${place}/bring-back`, { json: { version: Number(version()), portal_id: back.dataset.bringBack } }));
  });
}

function fill(select, types) {
  const chosen = select.value;
  const known = new Set([...select.options].map((one) => one.value));
  for (const { code, label } of types) {
    if (known.has(code)) [...select.options].find((one) => one.value === code).textContent = `${code} · ${label}`;
    else select.add(new Option(`${code} · ${label}`, code));
  }
  if (!known.has("")) select.add(new Option(document.querySelector('#types option[value=""]').textContent, ""), 0);
  select.value = chosen;
}
