// Inside Airflow's frame: a sandboxed frame may not steer the window around it, so that window walks by itself.

const framed = window.self !== window.top;

export function root() {
  return document.querySelector('meta[name="chorus-root"]').content;
}

export function startFrame() {
  if (framed) window.focus(); // keys reach a frame only when it has the focus
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-airflow], a[data-full-page]");
    if (!link || !framed) return;
    event.preventDefault();
    leave(link);
  });
}

function leave({ href, target }) {
  const outer = window.parent.document;
  const link = outer.createElement("a");
  Object.assign(link, { href, target });
  outer.body.append(link);
  link.click();
  link.remove();
}
