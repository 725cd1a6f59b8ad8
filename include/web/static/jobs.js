// The page of a job looks again every two seconds until everything has its result.

const EVERY = 2000;

export function startJobs() {
  const job = document.querySelector("[data-job][data-running]");
  if (job) setTimeout(() => look(job), EVERY);
}

async function look(job) {
  let next = job;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" }, redirect: "error" });
    const found = answer.ok && new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-job]");
    if (found) {
      next = document.adoptNode(found);
      replace(job, next);
    }
  } catch {
    // the server does not answer now: the next look may
  }
  if (next.hasAttribute("data-running")) setTimeout(() => look(next), EVERY);
}

// What is read aloud stays in its place and only its words change; a focused control keeps the focus.
function replace(job, next) {
  const focused = job.contains(document.activeElement) && document.activeElement.getAttribute("href");
  const said = job.querySelector("[aria-live]");
  const told = next.querySelector("[aria-live]");
  if (said.textContent.trim() !== told.textContent.trim()) said.replaceChildren(...told.childNodes);
  told.replaceWith(said);
  job.replaceWith(next);
  if (focused) next.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus();
}
