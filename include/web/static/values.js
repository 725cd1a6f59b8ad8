// The values of the form: what differs from what is stored, and how a value is put into a control.

export function controls(form) {
  return [...form.querySelectorAll("[data-stored]")];
}

// Browsers show every line end as one sign; a template may not.
export function stored(control) {
  return control.dataset.stored.replaceAll("\r\n", "\n");
}

export function changed(form) {
  return Object.fromEntries(controls(form).filter((one) => one.value !== stored(one)).map((one) => [one.name, one.value]));
}

export function put(control, value) {
  control.value = value;
  control.dispatchEvent(new Event("input", { bubbles: true }));
}

// As if it had been typed, so that the browser's own "undo" takes it back.
export function type(control, value) {
  control.focus();
  control.select?.();
  if (control.tagName === "SELECT" || !document.execCommand("insertText", false, value)) put(control, value);
}

export function label(name) {
  return document.querySelector(`label[for="${CSS.escape(name)}"]`)?.textContent.trim() ?? name;
}
