// The page: which view is shown, and what keeps it fresh. Requests come as server-sent events; the rest is read again after them.

import { ask, h, run } from "./dom.js";
import * as accounts from "./accounts.js";
import * as faults from "./faults.js";
import * as requests from "./requests.js";
import * as service from "./service.js";

const VIEWS = { requests, accounts, faults, service };
const view = document.getElementById("view");
let shown = null;

async function show() {
  const name = location.hash.slice(1) in VIEWS ? location.hash.slice(1) : "requests";
  if (name === shown) return;
  const first = shown === null;
  shown = name;
  for (const link of document.querySelectorAll("nav a")) {
    if (link.hash === "#" + name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = `${name[0].toUpperCase()}${name.slice(1)} · chat-emulator`;
  view.replaceChildren(h("p", {}, "Reading…"));
  await run(async () => view.replaceChildren(await VIEWS[name].open()));
  if (!first) view.focus();
}

// What somebody is about to edit is not taken away.
async function refresh() {
  const busy = document.activeElement?.matches("#view input, #view textarea, #view select");
  if (!busy && !document.hidden) await run(() => VIEWS[shown].refresh());
}

let soon = null;
function refreshSoon() {
  soon ??= setTimeout(() => {
    soon = null;
    refresh();
  }, 300);
}

function listen() {
  const link = document.getElementById("link");
  const events = new EventSource("/events");
  events.addEventListener("open", () => {
    link.textContent = "live";
    run(requests.reload);
  });
  events.addEventListener("error", () => (link.textContent = "not connected"));
  events.addEventListener("missed", () => run(requests.reload));
  events.addEventListener("request", (event) => {
    const request = JSON.parse(event.data);
    requests.came(request);
    service.came(request);
    refreshSoon();
  });
}

addEventListener("hashchange", show);
document.addEventListener("visibilitychange", refresh);
document.addEventListener("changed", refreshSoon);
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  view.focus();
});
await run(async () => {
  const told = await ask("GET", "/health");
  document.getElementById("place").textContent = `version ${told.version}, ${location.host}`;
});
await run(service.learn);
await show();
listen();
setInterval(refresh, 5000);
