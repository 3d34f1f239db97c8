/* Around a planner, and on the home page: words in the language asked for, light or dark. */
(() => {
  "use strict";
  const asked = new URLSearchParams(location.search);
  const kept = (name) => asked.get(name) || localStorage.getItem("workbench " + name);
  const body = document.body, base = body.dataset.workbenchApp;
  const zh = (kept("lang") || document.documentElement.lang || navigator.language).startsWith("zh");
  /* data of one's own: what was worked out ahead is another company's, and is never shown */
  if (asked.get("company")) body.dataset.ownData = "";
  const words = () => {
    document.documentElement.lang = zh ? "zh-CN" : "en";
    document.querySelectorAll("[data-zh]").forEach((each) => { each.textContent = each.dataset[zh ? "zh" : "en"]; });
  };
  const theme = () => {
    const dark = (kept("theme") || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
    body.dataset.jpThemeLight = String(!dark);
    document.documentElement.dataset.theme = dark ? "dark" : "light";
  };
  for (const name of ["lang", "theme"]) if (asked.get(name)) localStorage.setItem("workbench " + name, asked.get(name));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", theme);
  body.addEventListener("workbench-planner", (event) => {
    document.documentElement.lang = event.detail.lang;
    localStorage.setItem("workbench lang", event.detail.lang.startsWith("zh") ? "zh" : "en");
    if (!event.detail.busy || event.detail.rev > 1) body.classList.add("started");
  });
  document.addEventListener("DOMContentLoaded", words);
  theme();

  /* home page: what is dropped is imported, and its report shown */
  const place = document.querySelector("[data-upload]");
  if (!place) return;
  const told = place.querySelector("[role=status]"), input = place.querySelector("input");
  const say = (text, fault) => { told.textContent = text; told.className = fault ? "msg" : ""; };
  const cookie = (name) => (document.cookie.match(`(?:^|; )${name}=([^;]*)`) || [])[1] || "";
  const bring = (file) => {
    const limit = Number(place.dataset.limit);
    if (file.size > limit) return say(place.dataset.large.replaceAll("FILE", file.name), true);
    const request = new XMLHttpRequest();
    request.open("POST", `${base}upload?name=${encodeURIComponent(file.name)}`);
    request.setRequestHeader("X-XSRFToken", cookie("_xsrf"));
    request.upload.onprogress = (event) => say(`${place.dataset.sending} ${Math.round((100 * event.loaded) / event.total)}%`);
    request.upload.onload = () => say(place.dataset.reading);
    request.onerror = () => say(place.dataset.broken, true);
    request.onload = () => {
      let answer = {};
      try { answer = JSON.parse(request.responseText); } catch { answer = { fault: place.dataset.broken }; }
      if (answer.fault) return say(answer.fault, true);
      say(answer.words, answer.status === 3);
      place.querySelector("[data-links]").innerHTML = answer.links;
      return undefined;
    };
    request.send(file);
    return undefined;
  };
  input.addEventListener("change", () => input.files[0] && bring(input.files[0]));
  for (const kind of ["dragover", "drop"])
    place.addEventListener(kind, (event) => {
      event.preventDefault();
      if (kind === "drop" && event.dataTransfer.files[0]) bring(event.dataTransfer.files[0]);
    });
})();
