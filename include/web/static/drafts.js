// What was typed and not saved survives a reload: kept by the browser for this tab, document and person, and offered.
// It is never laid over what is stored without a word.
import { changed, controls, label, put, stored } from "./values.js";

function key(form) {
  return `chorus-draft:${form.dataset.person}:${form.dataset.document}`;
}

export function startDrafts(form) {
  let offered = read(form);
  const fits = Object.entries(offered).filter(([name, value]) => form.elements[name] && form.elements[name].value !== value);
  const offer = form.querySelector("[data-draft]");
  if (form.dataset.editable !== "yes") return;
  if (fits.length) {
    offer.hidden = false;
    offer.querySelector("[data-draft-fields]").textContent = fits.map(([name, value]) => `${label(name)} : ${short(value)}`).join(" · ");
  } else {
    offered = {};
  }
  offer.querySelector("[data-draft-take]").addEventListener("click", () => {
    const values = offered;
    close();
    for (const [name, value] of Object.entries(values)) if (form.elements[name]) put(form.elements[name], value);
    form.querySelector('[aria-invalid="true"]')?.focus();
  });
  offer.querySelector("[data-draft-forget]").addEventListener("click", () => { close(); keep(form, changed(form)); });
  form.addEventListener("input", (event) => { if (event.target.matches("[data-stored]")) keep(form, { ...offered, ...changed(form) }); });
  document.querySelector("[data-take-theirs]")?.addEventListener("click", () => forget(form));

  function close() {
    offered = {};
    offer.hidden = true;
  }
}

export function forget(form) {
  keep(form, {});
}

function keep(form, values) {
  try {
    if (Object.keys(values).length) sessionStorage.setItem(key(form), JSON.stringify(values));
    else sessionStorage.removeItem(key(form));
  } catch { /* a browser that keeps nothing */ }
}

function read(form) {
  try {
    const found = JSON.parse(sessionStorage.getItem(key(form)) ?? "{}");
    const same = controls(form).filter((one) => found[one.name] === stored(one)).map((one) => one.name);
    for (const name of same) delete found[name];
    return found;
  } catch { return {}; }
}

function short(value) {
  return value.length > 40 ? `${value.slice(0, 39)}…` : value || "—";
}
