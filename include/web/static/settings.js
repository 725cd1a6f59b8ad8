// The settings: from a fault to its place in the text; counts that take a while.
import { startKept } from "./kept.js";
import { startPreview } from "./preview.js";
import { ask } from "./server.js";

export function startSettings() {
  startKept(startSettings);
  startPreview();
  for (const link of document.querySelectorAll("a[data-line]")) link.addEventListener("click", (event) => {
    event.preventDefault();
    show(document.getElementById(link.hash.slice(1)), Number(link.dataset.line), Number(link.dataset.column));
  });
  for (const table of document.querySelectorAll("table[data-counts]")) count(table);
  for (const list of document.querySelectorAll("datalist[data-types]")) types(list);
}

// The platform's list of types knows words for codes that we have none for; the page is right without it.
async function types(list) {
  const answer = await ask("GET", list.dataset.types);
  for (const { code, label } of answer.status === 200 ? answer.data.items : []) {
    if (![...list.options].some((one) => one.value === code)) list.append(new Option(label, code));
    if (label !== code) for (const place of document.querySelectorAll("[data-type]")) if (place.dataset.type === code) place.textContent = `${label} (${code})`;
  }
}

// Every document is held against every criterion, which takes a while where there are many: the page does not wait for it.
async function count(table) {
  const answer = await ask("GET", table.dataset.counts);
  const items = answer.status === 200 ? answer.data.items : [];
  [...table.tBodies[0].rows].forEach((row, place) => row.querySelectorAll("[data-count]").forEach((cell) => {
    const number = items[place]?.[cell.dataset.count];
    cell.textContent = number === undefined ? "" : number.toLocaleString(document.documentElement.lang);
  }));
}

// The caret goes to the place, the line is lit and scrolled into the middle.
function show(area, line, column) {
  const before = area.value.split("\n").slice(0, line - 1);
  const start = before.reduce((length, one) => length + one.length + 1, 0);
  const end = area.value.indexOf("\n", start);
  area.focus();
  area.setSelectionRange(start + column - 1, end < 0 ? area.value.length : end);
  area.scrollTop = (line - 1) * Number.parseFloat(getComputedStyle(area).lineHeight) - area.clientHeight / 2;
  area.scrollIntoView({ block: "nearest" });
}
