// Airflow keeps the chosen language in the browser, where the server cannot see it: told by a cookie, which counts
// after the switch on our pages and the language of the configuration (the server decides).
import { root } from "./frame.js";

const COOKIE = "chorus_airflow_lang";

function told() {
  return document.cookie.split("; ").find((one) => one.startsWith(`${COOKIE}=`))?.split("=")[1] ?? "";
}

function tell(reload) {
  let language = "";
  try { language = (localStorage.getItem("i18nextLng") ?? "").slice(0, 2); } catch { return; }
  if (!/^[a-z]{2}$/.test(language) || language === told()) return;
  document.cookie = `${COOKIE}=${language}; Path=${root()}; SameSite=Lax; Max-Age=31536000`;
  if (reload && told() === language) location.reload();
}

export function startLanguage() {
  tell(document.documentElement.lang !== (localStorage.getItem("i18nextLng") ?? "").slice(0, 2));
  addEventListener("storage", (event) => { if (event.key === "i18nextLng") tell(true); });
}
