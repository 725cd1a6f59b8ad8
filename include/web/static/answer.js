// The form that answers a returned invoice: Ctrl+Enter sends it, the comment's length is counted as one types.

export function startAnswer() {
  const form = document.querySelector("form[data-answer]");
  if (!form) return;
  document.addEventListener("keydown", (event) => {
    if (!event.ctrlKey || event.key !== "Enter" || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    form.requestSubmit(form.querySelector("[data-send]"));
  });
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) { event.preventDefault(); return; } // pressed twice
    form.dataset.sent = "yes";
  });
  addEventListener("pageshow", () => { delete form.dataset.sent; });
  form.querySelectorAll("[data-fills]").forEach((button) => button.addEventListener("click", () => { form.elements[button.dataset.fills].value = button.dataset.value; }));
  form.querySelectorAll("[data-counted]").forEach((field) => {
    const place = document.getElementById(field.dataset.counted);
    const count = () => { place.textContent = place.dataset.words.replace("#", String(field.value.length)); };
    field.addEventListener("input", count);
    count();
  });
}
