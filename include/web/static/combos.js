// Choices while one types: the services of the body, and bodies of the directory. ArrowDown and Enter take the first.
import { ask, later, newest } from "./server.js";
import { put } from "./values.js";

const PAUSE = 250;

export function startCombos(form, signal) {
  const code = form.elements.service_code;
  const services = combo(code, (option) => put(code, option.dataset.value));
  const narrow = () => services.filter((text) => !code.value.trim() || text.includes(folded(code.value)));
  code.addEventListener("input", () => { if (document.activeElement === code) { narrow(); services.open(); } });
  code.addEventListener("focus", () => { services.filter(() => true); if (!code.value) services.open(); });
  form.addEventListener("services", (event) => {
    const same = services.options().map((one) => one.dataset.value).join("\n") === event.detail.map((one) => one.code).join("\n");
    if (same) return;
    services.fill(event.detail.map((one) => ({ value: one.code, texts: [one.code, one.name], note: [one.on_page && form.dataset.onPage, one.engagement_required && form.dataset.engagementToo].filter(Boolean).join(" · ") })));
    if (document.activeElement === code && !code.value) services.open();
  });
  startDirectory(form, signal);
}

function startDirectory(form, signal) {
  const search = form.elements.directory, said = document.getElementById("directory-said");
  const latest = newest();
  const bodies = combo(search, (option) => {
    search.value = "";
    put(form.elements.recipient_siret, option.dataset.shown);
    said.textContent = "";
    (form.elements.service_code.value ? form.elements.recipient_siret : form.elements.service_code).focus();
  });
  const look = async () => {
    const text = search.value.trim();
    if (text.length < 2) { bodies.close(); said.textContent = ""; return; }
    const provider = form.dataset.provider ? `&provider=${encodeURIComponent(form.dataset.provider)}` : "";
    const answer = await latest((stop) => ask("GET", `directory?q=${encodeURIComponent(text)}${provider}`, { signal: stop }));
    if (!answer || signal.aborted) return;
    const found = answer.data.items ?? [];
    bodies.fill(found.map((one) => ({
      value: one.siret, shown: spaced(one.siret), texts: [spaced(one.siret), one.name], note: one.active ? one.town ?? "" : form.dataset.closed, closed: !one.active,
    })));
    said.textContent = answer.status === 503 && answer.data.items ? form.dataset.askedBefore : answer.data.error ? answer.data.error.message : found.length ? "" : form.dataset.nothingFound;
    if (document.activeElement === search) bodies.open();
  };
  search.addEventListener("input", later(look, PAUSE, signal));
}

function combo(control, take) {
  const list = document.getElementById(control.getAttribute("aria-controls"));
  const shown = () => [...list.children].filter((one) => !one.hidden && one.getAttribute("aria-disabled") !== "true");
  const active = () => list.querySelector('[aria-selected="true"]');
  const mark = (option) => {
    active()?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) control.setAttribute("aria-activedescendant", option.id); else control.removeAttribute("aria-activedescendant");
  };
  const close = () => { mark(null); list.hidden = true; control.setAttribute("aria-expanded", "false"); };
  const open = () => {
    const any = [...list.children].some((one) => !one.hidden);
    list.hidden = !any;
    control.setAttribute("aria-expanded", String(any));
  };
  const choose = (option) => { close(); take(option); close(); };
  const step = (by) => {
    if (list.hidden) open();
    const all = shown();
    if (!all.length) return;
    const at = all.indexOf(active());
    mark(all[at < 0 ? (by > 0 ? 0 : all.length - 1) : (at + by + all.length) % all.length]);
  };
  control.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") { event.preventDefault(); step(event.key === "ArrowDown" ? 1 : -1); }
    if (event.key === "Enter" && active()) { event.preventDefault(); choose(active()); }
    if (event.key === "Escape" && !list.hidden) { event.preventDefault(); event.stopPropagation(); close(); }
  });
  control.addEventListener("blur", close);
  list.addEventListener("mousedown", (event) => event.preventDefault()); // the caret stays where it is
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option && option.getAttribute("aria-disabled") !== "true") choose(option);
  });
  return {
    open, close, options: () => [...list.children],
    filter: (fits) => { for (const one of list.children) one.hidden = !fits(folded(one.textContent)); },
    fill: (rows) => { close(); list.replaceChildren(...rows.map((row, at) => option(`${list.id}-${at}`, row))); },
  };
}

function option(id, row) {
  const made = document.createElement("li");
  made.id = id;
  made.role = "option";
  made.setAttribute("aria-selected", "false");
  if (row.closed) made.setAttribute("aria-disabled", "true");
  made.dataset.value = row.value;
  made.dataset.shown = row.shown ?? row.value;
  const parts = [["strong", "mono", row.texts[0]], ["span", "grow", row.texts[1]], ["span", "muted small", row.note]];
  made.append(...parts.filter((part) => part[2]).map(([tag, name, text]) => Object.assign(document.createElement(tag), { className: name, textContent: text })));
  return made;
}

function folded(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trim();
}

function spaced(siret) {
  return siret.replace(/^(\d{3})(\d{3})(\d{3})(\d{5})$/, "$1\u202f$2\u202f$3\u202f$4");
}
