// Rows of a list by keys: one row is the current one; Enter opens it. What is selected, and what is done with it.
import { onKey } from "./keys.js";

export function startLists() {
  document.querySelectorAll("[data-submits]").forEach((control) => control.addEventListener("change", () => control.form.requestSubmit()));
  const list = document.querySelector("table[data-list]");
  onKey("/", () => document.querySelector('input[type="search"]')?.focus());
  onKey("g", () => (document.querySelector("[data-first]") ?? link(list?.tBodies[0].rows[0]))?.click());
  if (!list) return;
  const rows = [...list.tBodies[0].rows];
  let current = -1;
  const go = (step) => {
    if (!rows.length) return;
    rows[current]?.classList.remove("cur");
    current = Math.min(Math.max(current + step, 0), rows.length - 1);
    rows[current].classList.add("cur");
    rows[current].scrollIntoView({ block: "nearest" });
    link(rows[current])?.focus({ preventScroll: true });
  };
  onKey("j", () => go(1));
  onKey("k", () => go(-1));
  onKey("Enter", (event) => (event.target.closest("a, button, summary") ?? link(rows[current]))?.click());
  startPicks(rows, () => { if (current < 0) go(1); return current; });
}

function link(row) {
  return row?.querySelector("a.title");
}

// `here` is the place of the current row.
function startPicks(rows, here) {
  const form = document.querySelector("[data-picks]");
  if (!form) return;
  const boxes = rows.map((row) => row.querySelector('input[name="ids"]'));
  const whole = form.querySelector("[data-picks-page]");
  const filter = form.querySelector("[data-picks-filter]");
  let last = 0;
  const show = () => {
    const all = filter?.checked ?? false;
    const count = boxes.filter((box) => box.checked).length;
    rows.forEach((row, place) => row.classList.toggle("sel", all || boxes[place].checked));
    whole.checked = count === boxes.length;
    whole.indeterminate = count > 0 && count < boxes.length;
    const words = form.querySelector("[data-picks-count]");
    words.textContent = all ? words.dataset.all : count === 1 ? words.dataset.one : count ? words.dataset.many.replace("2", String(count)) : "";
  };
  const pick = (from, to, checked) => {
    for (let place = Math.min(from, to); place <= Math.max(from, to); place += 1) boxes[place].checked = checked;
    if (!checked && filter) filter.checked = false;
    last = to;
    show();
  };
  boxes.forEach((box, place) => box.addEventListener("click", (event) => (event.shiftKey ? pick(last, place, box.checked) : pick(place, place, box.checked))));
  whole.addEventListener("change", () => pick(0, boxes.length - 1, whole.checked));
  filter?.addEventListener("change", () => { boxes.forEach((box) => { box.checked = filter.checked || box.checked; }); show(); });
  form.addEventListener("reset", () => setTimeout(show));
  onKey("x", () => { const place = here(); pick(place, place, !boxes[place].checked); });
  onKey("Shift+X", () => { const place = here(); pick(last, place, true); });
  onKey("a", () => form.querySelector('.bulk button[name="action"]')?.focus());
  startQuestions(form);
  window.addEventListener("pageshow", show); // after Back the browser gives the boxes back as they were
}

// Hold and discard ask why before they are sent.
function startQuestions(form) {
  form.querySelectorAll("[data-asks]").forEach((button) => button.addEventListener("click", (event) => {
    event.preventDefault();
    const question = document.getElementById(button.dataset.asks);
    const reason = question.querySelector('[name="reason"]');
    reason.disabled = false;
    question.showModal();
    reason.focus();
    question.addEventListener("close", () => { reason.disabled = true; }, { once: true });
  }));
  form.querySelectorAll("[data-unasks]").forEach((button) => button.addEventListener("click", () => button.closest("dialog").close()));
  // Enter in the reason means the dialog's own button, not the first one of the form
  form.querySelectorAll('dialog [name="reason"]').forEach((reason) => reason.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    form.requestSubmit(reason.closest("dialog").querySelector('[name="action"]'));
  }));
}
