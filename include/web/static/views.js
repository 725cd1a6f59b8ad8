// Views that a person saved: a name and a query of this list, kept in this browser.
import { root } from "./frame.js";

export function startViews() {
  const nav = document.querySelector("[data-views]");
  if (!nav) return;
  const key = `chorus-views-${nav.dataset.views}`;
  const saver = nav.querySelector("[data-opens]");
  const form = document.querySelector("[data-save-view]");
  // the button stands at the end, on pages that have something to save
  const draw = () => {
    nav.querySelectorAll("[data-saved]").forEach((one) => one.remove());
    for (const { name, query } of kept(key)) {
      const made = document.getElementById("saved-view").content.firstElementChild.cloneNode(true);
      const [link, forget] = made.children;
      made.dataset.saved = "";
      link.textContent = name;
      link.href = `${root()}/${nav.dataset.views}?${query}`;
      forget.addEventListener("click", () => { keep(key, kept(key).filter((one) => one.name !== name)); draw(); });
      nav.insertBefore(made, saver);
    }
  };
  draw();
  if (!saver) return;
  saver.hidden = false;
  form.addEventListener("submit", () => {
    const name = form.elements.view_name.value.trim();
    const query = new URLSearchParams(location.search);
    for (const place of ["after", "before"]) query.delete(place);
    if (name) keep(key, [...kept(key).filter((one) => one.name !== name), { name, query: query.toString() }]);
    draw();
  });
}

function kept(key) {
  try {
    const found = JSON.parse(localStorage.getItem(key) ?? "[]");
    return Array.isArray(found) ? found.filter((one) => typeof one?.name === "string" && typeof one?.query === "string") : [];
  } catch { return []; }
}

function keep(key, views) {
  try { localStorage.setItem(key, JSON.stringify(views)); } catch { /* a browser that keeps nothing */ }
}
