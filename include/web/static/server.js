// Questions to our own server from a page: JSON, with the token that proves that the page is ours.
import { root } from "./frame.js";

export function token() {
  return document.querySelector('meta[name="csrf-token"]').content;
}

export function api(path) {
  return `${root()}/api/v1/${path}`;
}

// The answer with its data; status 0 where the server cannot be reached.
export async function ask(method, path, { json, body, signal, keepalive } = {}) {
  const headers = { "X-CSRF-Token": token(), ...(json === undefined ? {} : { "Content-Type": "application/json" }) };
  try {
    const answer = await fetch(api(path), { method, headers, signal, keepalive, body: json === undefined ? body : JSON.stringify(json) });
    return { status: answer.status, data: await answer.json().catch(() => ({})) };
  } catch (error) {
    if (error.name === "AbortError") throw error;
    return { status: 0, data: {} };
  }
}

// Only the newest question of a kind counts: an older answer that comes late is dropped.
export function newest() {
  let asking = new AbortController();
  return async (question) => {
    asking.abort();
    asking = new AbortController();
    const mine = asking;
    try {
      const answer = await question(mine.signal);
      return mine === asking ? answer : null;
    } catch (error) {
      if (error.name === "AbortError") return null;
      throw error;
    }
  };
}

export function later(work, milliseconds, signal) {
  let timer = 0;
  signal.addEventListener("abort", () => clearTimeout(timer));
  return () => { clearTimeout(timer); timer = setTimeout(work, milliseconds); };
}
