// Keys of single letters: never while somebody types, and a person can switch them off (WCAG 2.1.4).

const OFF = "chorus-keys-off";
const actions = new Map();

export function onKey(key, action) {
  actions.set(key, action);
}

export function startKeys() {
  const help = document.getElementById("keys");
  if (!help) return;
  onKey("?", () => help.showModal());
  document.querySelector("[data-keys]").addEventListener("click", () => help.showModal());
  const off = help.querySelector("[data-keys-off]");
  off.setAttribute("aria-pressed", String(switchedOff()));
  off.addEventListener("click", () => {
    localStorage.setItem(OFF, switchedOff() ? "no" : "yes");
    off.setAttribute("aria-pressed", String(switchedOff()));
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || switchedOff() || document.querySelector("dialog[open]")) return;
    if (event.target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const action = actions.get(event.shiftKey && event.key.length === 1 && event.key !== "?" ? `Shift+${event.key.toUpperCase()}` : event.key);
    if (!action) return;
    event.preventDefault();
    action(event);
  });
}

function switchedOff() {
  return localStorage.getItem(OFF) === "yes";
}
