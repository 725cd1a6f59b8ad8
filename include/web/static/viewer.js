// The pages of the document: larger and smaller, one after the other, alone.
import { onKey } from "./keys.js";

export function startViewer(form, signal) {
  const sheet = document.querySelector(".sheet");
  if (!sheet) return;
  let size = 100;
  const zoom = (how) => {
    size = { in: Math.min(size + 25, 300), out: Math.max(size - 25, 50), fit: 100 }[how];
    for (const paper of sheet.querySelectorAll(".paper")) {
      paper.style.maxWidth = size === 100 ? "" : "none";
      paper.style.width = size === 100 ? "" : `${size}%`;
      const picture = paper.querySelector("img");
      if (size > 150 && !picture.src.includes("width=")) picture.src = `${picture.src}&width=1820`;
    }
    document.querySelector("[data-zoom-now]").textContent = `${size} %`;
  };
  for (const button of document.querySelectorAll("[data-zoom]")) button.addEventListener("click", () => zoom(button.dataset.zoom));
  // some keyboards need Shift for these signs
  for (const key of ["+", "Shift++", "="]) onKey(key, () => zoom("in"));
  for (const key of ["-", "−"]) onKey(key, () => zoom("out"));
  for (const key of ["0", "Shift+0"]) onKey(key, () => zoom("fit"));
  startPages(sheet, signal);
  document.querySelector("[data-history]").addEventListener("click", () => { document.getElementById("history").open = true; });
  const alone = document.querySelector("[data-page-only]");
  const desk = document.querySelector("main");
  alone.addEventListener("click", () => alone.setAttribute("aria-pressed", String(desk.classList.toggle("page-only"))));
  onKey("p", () => alone.click());
}

function startPages(sheet, signal) {
  const papers = [...sheet.querySelectorAll(".paper")];
  const told = document.querySelector("[data-page-now]");
  if (!told) return;
  const now = () => papers.findLastIndex((one) => one.getBoundingClientRect().top - sheet.getBoundingClientRect().top <= sheet.clientHeight / 3);
  const tell = () => { told.textContent = `${Math.max(now(), 0) + 1} / ${told.dataset.of}`; };
  sheet.addEventListener("scroll", tell, { signal, passive: true });
  for (const button of document.querySelectorAll("[data-page-step]")) button.addEventListener("click", () => {
    const wanted = papers[Math.min(Math.max(now() + Number(button.dataset.pageStep), 0), papers.length - 1)];
    wanted.scrollIntoView({ block: "start" });
  });
}
