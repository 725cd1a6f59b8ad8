// Before the first paint: light or dark as Airflow's user menu says, and whether we stand in its frame.
(function () {
  "use strict";
  const root = document.documentElement;
  root.dataset.frame = window.self === window.top ? "no" : "yes";
  function choose() {
    let theme = null;
    try { theme = localStorage.getItem("theme"); } catch { /* a browser that keeps nothing: the system's choice */ }
    if (theme === "dark" || theme === "light") root.dataset.theme = theme;
    else delete root.dataset.theme;
  }
  choose();
  addEventListener("storage", (event) => { if (event.key === "theme") choose(); });
})();
