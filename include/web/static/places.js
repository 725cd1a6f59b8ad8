// Where values stand on the page: the place of the focused field is lit, words of the page go into it.
import { ask } from "./server.js";
import { label, type } from "./values.js";

export function startPlaces(form, signal) {
  let field = null;
  form.addEventListener("focusin", (event) => {
    if (event.target.matches("[data-stored]")) { field = event.target; light(field.name); }
  });
  form.addEventListener("click", (event) => {
    const shows = event.target.closest("[data-show]");
    if (shows) light(shows.dataset.show);
    const takes = event.target.closest("[data-take]");
    if (takes) type(form.elements[takes.dataset.take], takes.dataset.value);
  });
  for (const paper of document.querySelectorAll(".paper")) startWords(paper, form, () => field, signal);
}

export function light(name) {
  for (const place of document.querySelectorAll("rect[data-lit]")) { delete place.dataset.lit; place.setAttribute("class", "hint"); }
  const place = name && document.querySelector(`rect[data-field="${CSS.escape(name)}"]`);
  if (!place) return;
  place.dataset.lit = "";
  place.setAttribute("class", "box");
  place.scrollIntoView({ block: "center", inline: "nearest" });
}

// Words are drawn over the picture once somebody points at it; dragging over them marks them in reading order.
function startWords(paper, form, field, signal) {
  const svg = paper.querySelector("svg"), layer = svg.querySelector(".words");
  let words = null, from = -1;
  const load = async () => {
    if (words) return;
    words = [];
    const answer = await ask("GET", `documents/${form.dataset.document}/words/${paper.dataset.page}`);
    if (answer.status !== 200 || signal.aborted) { words = null; return; }
    words = answer.data.words.map((word) => ({ ...word, mark: layer.appendChild(rect(word.box)) }));
  };
  const at = (event) => {
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    return (words ?? []).findIndex(({ box }) => point.x >= box[0] && point.x <= box[2] && point.y >= box[1] && point.y <= box[3]);
  };
  const mark = (one, other) => words?.forEach((word, index) => word.mark.classList.toggle("sel", one >= 0 && index >= Math.min(one, other) && index <= Math.max(one, other)));
  paper.addEventListener("pointerenter", load, { signal });
  paper.addEventListener("mousedown", (event) => event.preventDefault(), { signal }); // the caret stays in its field
  paper.addEventListener("pointerdown", async (event) => {
    if (event.button !== 0) return;
    const { clientX, clientY } = event;
    await load();
    from = at({ clientX, clientY });
    mark(from, from);
  }, { signal });
  paper.addEventListener("pointermove", (event) => {
    const over = from < 0 ? -1 : at(event);
    if (over >= 0) mark(from, over);
  }, { signal });
  addEventListener("pointerup", (event) => {
    if (from < 0) { focusPlace(event, paper, form); return; }
    const marked = words.filter((word) => word.mark.classList.contains("sel"));
    const dragged = marked.length > 1;
    from = -1;
    mark(-1, -1);
    if (!dragged && focusPlace(event, paper, form)) return;
    const control = field();
    if (!marked.length || !control || control.disabled || control.tagName === "SELECT") return;
    const text = marked.map((word) => word.text).join(" ");
    type(control, text);
    document.querySelector("[data-word-said]").textContent = form.dataset.put.replace("{text}", text).replace("{field}", label(control.name));
  }, { signal });
}

// A click on the place of another field puts the caret there.
function focusPlace(event, paper, form) {
  const name = event.target.closest?.("rect[data-field]")?.dataset.field;
  if (!name || !paper.contains(event.target) || document.activeElement?.name === name) return false;
  form.elements[name]?.focus();
  return true;
}

function rect(box) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  const [x0, y0, x1, y1] = box;
  for (const [name, value] of Object.entries({ x: x0, y: y0, width: x1 - x0, height: y1 - y0, class: "word" })) made.setAttribute(name, value);
  return made;
}
