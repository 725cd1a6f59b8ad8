// Adding documents: chosen or dropped files as rows, each looked at here first, then sent one by one with its progress.
// The server looks at all of it again.

const HEAD = 1024;

export function startAdding() {
  const form = document.querySelector("form[data-adds]");
  if (!form) return;
  form.querySelector("[data-without-script]")?.remove();
  startMetadata(form);
  const list = { form, rows: [], body: form.querySelector("[data-chosen] tbody"), words: form.querySelector("[data-words]").dataset, busy: false };
  list.body.replaceChildren();
  const file = form.elements.file;
  file.addEventListener("change", async () => { await take(list, [...file.files]); file.value = ""; });
  const drop = form.querySelector("[data-drop]");
  for (const kind of ["dragover", "dragenter"]) drop.addEventListener(kind, (event) => { event.preventDefault(); drop.classList.add("over"); });
  for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => { event.preventDefault(); take(list, [...event.dataTransfer.files]); });
  form.addEventListener("submit", (event) => { event.preventDefault(); send(list); });
  window.addEventListener("beforeunload", (event) => { if (list.busy) event.preventDefault(); });
  show(list);
}

// Only the metadata of the chosen rule are shown, and sent.
function startMetadata(form) {
  const rule = form.elements.classification_rule;
  const choose = () => form.querySelectorAll("[data-rules]").forEach((field) => {
    field.hidden = !JSON.parse(field.dataset.rules).includes(rule.value);
    field.querySelector("input").disabled = field.hidden;
  });
  rule.addEventListener("change", choose);
  choose();
}

async function take(list, files) {
  for (const file of files) {
    const head = new TextDecoder("latin1").decode(await file.slice(0, HEAD).arrayBuffer());
    const row = { file, pdf: head.includes("%PDF-"), of: null, state: "ready", detail: "", element: null };
    // what is no invoice goes with the one before it
    if (!row.pdf && links(list)) row.of = list.rows.filter((one) => one.pdf && !one.of && one.state === "ready" && !fault(list, one)).at(-1) ?? null;
    row.element = element(list, row);
    list.rows.push(row);
  }
  show(list);
}

function links(list) {
  return list.form.dataset.links === "yes";
}

function element(list, row) {
  const made = list.form.querySelector("[data-row]").content.firstElementChild.cloneNode(true);
  made.querySelector("[data-name]").textContent = plain(row.file.name);
  made.querySelector("[data-size]").textContent = size(row.file.size);
  const role = made.querySelector("select");
  role.setAttribute("aria-label", `${role.dataset.label} : ${plain(row.file.name)}`);
  role.addEventListener("change", () => { row.of = list.rows[Number(role.value)] ?? null; show(list); });
  const remove = made.querySelector("[data-remove]");
  remove.setAttribute("aria-label", list.words.remove.replace("{}", plain(row.file.name)));
  remove.addEventListener("click", () => {
    list.rows = list.rows.filter((one) => one !== row);
    list.rows.forEach((one) => { if (one.of === row) one.of = null; });
    show(list);
    list.form.querySelector("[data-add]").focus();
  });
  return made;
}

function fault(list, row) {
  if (row.file.size > Number(list.form.dataset.mostBytes)) return list.words.tooLarge;
  if (!row.of) return row.pdf ? "" : list.words.noPdf;
  if (!list.words.endings.split(" ").includes(row.file.name.split(".").at(-1).toLowerCase())) return list.words.noEnding;
  return "";
}

function attachments(list, row) {
  return list.rows.filter((one) => one.of === row);
}

// An invoice that waits, fit to be sent with all that goes along.
function sendable(list) {
  return list.rows.filter((row) => row.state === "ready" && !row.of && ![row, ...attachments(list, row)].some((one) => fault(list, one)));
}

function show(list) {
  list.rows.forEach((row, place) => {
    const said = row.state === "ready" && fault(list, row);
    const along = row.of && row.of.state === "ready" && fault(list, row.of);
    pill(list, row, said || along ? "refused" : row.of ? row.of.state : row.state);
    const held = row.state === "ready" && attachments(list, row).some((one) => fault(list, one));
    row.element.querySelector("[data-detail]").textContent = said || (held ? list.words.removeFirst : row.detail);
    const role = row.element.querySelector("select");
    const invoices = list.rows.map((one, number) => [one, number]).filter(([one]) => one !== row && one.pdf && !one.of && one.state === "ready");
    role.replaceChildren(new Option(role.dataset.invoice, ""), ...invoices.map(([one, number]) => new Option(list.words.attachmentOf.replace("{}", plain(one.file.name)), String(number))));
    role.value = row.of ? String(list.rows.indexOf(row.of)) : "";
    role.disabled = list.busy || row.state !== "ready" || !links(list) || attachments(list, row).length > 0;
    if (row.of && role.value === "") { role.add(new Option(list.words.attachmentOf.replace("{}", plain(row.of.file.name)), "x", true, true)); role.disabled = true; }
    row.element.querySelector("[data-remove]").hidden = list.busy || row.state !== "ready" || (row.of && row.of.state !== "ready");
    if (list.body.rows[place] !== row.element) list.body.insertBefore(row.element, list.body.rows[place] ?? null);
  });
  while (list.body.rows.length > list.rows.length) list.body.lastElementChild.remove();
  list.form.querySelector("[data-chosen]").hidden = list.rows.length === 0;
  const add = list.form.querySelector("[data-add]");
  const count = sendable(list).length;
  add.textContent = count === 0 ? add.dataset.none : count === 1 ? add.dataset.one : add.dataset.many.replace("2", String(count));
  add.disabled = list.busy || count === 0;
}

function pill(list, row, state) {
  const old = row.element.querySelector("[data-state]");
  if (old.dataset.state === state) return;
  const made = list.form.querySelector(`[data-pill="${state}"]`).content.firstElementChild.cloneNode(true);
  made.dataset.state = state;
  old.replaceWith(made);
}

async function send(list) {
  if (list.busy) return;
  list.busy = true;
  const done = { added: 0, refused: 0 };
  for (const row of sendable(list)) {
    row.state = "sending";
    show(list);
    const outcome = await post(list, row);
    if (outcome.signedOut) {
      row.state = "ready";
      say(list, list.words.signedOut, "bad");
      break;
    }
    row.state = outcome.added ? "added" : "refused";
    row.detail = outcome.said;
    done[row.state] += 1;
    say(list, ["added", "refused"].filter((state) => done[state]).map((state) => (done[state] === 1 ? list.words[`${state}One`] : list.words[`${state}Many`].replace("2", String(done[state])))).join(", "), done.refused ? "warn" : "ok");
  }
  list.busy = false;
  list.form.querySelector("[data-see]").hidden = done.added === 0;
  show(list);
}

function say(list, words, kind) {
  const place = list.form.querySelector("[data-said]");
  place.setAttribute("role", kind === "bad" ? "alert" : "status");
  place.className = `msg ${kind}`;
  place.textContent = words;
}

function post(list, row) {
  const form = new FormData();
  const along = attachments(list, row);
  for (const control of list.form.querySelectorAll('[name="folder"], [name="classification_rule"], [name^="metadata."]')) {
    if (!control.disabled) form.append(control.name, control.value);
  }
  form.append("file", row.file);
  along.forEach((one) => form.append("attachments", one.file));
  const progress = row.element.querySelector("progress");
  progress.hidden = false;
  return new Promise((resolve) => {
    const call = new XMLHttpRequest();
    call.open("POST", list.form.dataset.adds);
    call.setRequestHeader("X-CSRF-Token", document.querySelector('meta[name="csrf-token"]').content);
    call.upload.addEventListener("progress", (event) => { if (event.lengthComputable) progress.value = event.loaded / event.total; });
    call.addEventListener("loadend", () => {
      progress.hidden = true;
      if (call.status === 201) resolve({ added: true, said: along.map((one) => plain(one.file.name)).join(", ") });
      else if (call.status === 401) resolve({ signedOut: true });
      else resolve({ added: false, said: told(call) || list.words.noAnswer });
    });
    call.send(form);
  });
}

// Without the marks that turn the direction of writing: they would turn our own words too.
function plain(text) {
  return text.replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "");
}

function told(call) {
  try {
    const { message, todo } = JSON.parse(call.responseText).error;
    return plain([message, todo].filter(Boolean).join(" "));
  } catch {
    return "";
  }
}

function size(bytes) {
  const [value, unit] = bytes < 1e6 ? [Math.max(1, Math.round(bytes / 1e3)), "kilobyte"] : [Math.round(bytes / 1e5) / 10, "megabyte"];
  return new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit }).format(value);
}
