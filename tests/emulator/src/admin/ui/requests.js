// The requests as they come, with filters; a request that ends is the same row, filled in.

import { ask, button, field, h, replace, say, select, table, time } from "./dom.js";
import { LANGUAGES } from "./copy.js";

const MOST = 500;
const all = new Map();
const filters = { account: "", command: "", code: "" };
let place = null;
let chosen = null;

const key = (request) => `${request.listener_id}/${request.number}/${request.time_us}`;
const command = (request) => request.path.split("/").pop();
const account = (request) => {
  try {
    return JSON.parse(request.body).From_Account ?? "";
  } catch {
    return "";
  }
};

export async function reload() {
  const log = await ask("GET", "/log");
  all.clear();
  log.requests.slice(-MOST).forEach(keep);
  if (place) draw();
}

function keep(request) {
  all.set(key(request), { ...request, account: account(request) });
  while (all.size > MOST) all.delete(all.keys().next().value);
}

export function came(request) {
  keep(request);
  if (place?.isConnected) draw();
}

export async function open() {
  place = h("div");
  const filter = (name, text) => {
    const input = h("input", { type: "search", name, value: filters[name] });
    input.addEventListener("input", () => {
      filters[name] = input.value.trim();
      draw();
    });
    return field(text, input);
  };
  const whole = h("div", {}, [
    h("h2", {}, "Requests"),
    h("div", { class: "tools" }, [
      filter("account", "Account"),
      filter("command", "Command"),
      filter("code", "Code"),
      button("Forget the requests", async () => {
        await ask("DELETE", "/log");
        all.clear();
        chosen = null;
        draw();
        say("The log is empty; the count goes on.");
      }),
    ]),
    place,
  ]);
  await reload();
  return whole;
}

// They come by themselves.
export async function refresh() {}

const fits = (request) =>
  request.account.includes(filters.account) && command(request).includes(filters.command) && String(request.code ?? "").startsWith(filters.code);

function outcome(request) {
  const text = request.code !== null ? String(request.code) : request.status !== null ? `HTTP ${request.status}` : request.answered === "no" ? "no answer" : "";
  return h("span", { class: request.code === 0 ? "good" : "bad" }, text, request.answered === "cut" ? " (cut)" : "");
}

function draw() {
  const shown = [...all.values()].filter(fits).reverse().slice(0, 200);
  const rows = shown.map((request) => ({
    key: key(request),
    cells: [
      time(request.time_ms),
      button(`${request.number} ${command(request)}`, () => {
        chosen = chosen === key(request) ? null : key(request);
        draw();
      }, { "aria-expanded": String(chosen === key(request)) }),
      request.account || "none",
      outcome(request),
      request.fault ?? "none",
      `${request.listener} ${request.listener_id}/${request.connection}`,
    ],
  }));
  const list = table("Requests, newest first", ["Time", "Request", "Account", "Code", "Fault", "Connection"], rows);
  const at = [...list.querySelectorAll("[data-key]")];
  at.find((row) => row.dataset.key === chosen)?.after(h("tr", {}, h("td", { colspan: 6 }, details(all.get(chosen)))));
  const open = chosen && place.querySelector(".request select")?.value;
  replace(place, h("p", {}, `${shown.length} shown of ${all.size}`), h("div", { class: "scroll" }, list));
  if (open) {
    const language = place.querySelector(".request select");
    if (language) language.value = open;
  }
}

const pretty = (text) => {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
};

function details(request) {
  const language = select("language", Object.keys(LANGUAGES).map((name) => [name, name]));
  const copy = async () => {
    const text = LANGUAGES[language.value](request, await ask("GET", "/"));
    code.textContent = text;
    code.hidden = false;
    // Without a secure context there is no clipboard; the text is there to be selected.
    await navigator.clipboard?.writeText(text).catch(() => {});
    say(`The request as ${language.value} is below the button.`);
  };
  const code = h("pre", { hidden: true, tabindex: "0", "aria-label": "The request as a program" });
  const lines = (members) => Object.entries(members).map(([name, value]) => `${name}: ${value}`).join("\n");
  const facts = [`${request.method} ${request.path}`, request.http, `connection ${request.connection}`, request.applied ? "carried out" : "not carried out", `answered: ${request.answered}`];
  return h("div", { class: "request" }, [
    h("p", {}, facts.join(", ")),
    h("div", { class: "tools" }, field("Language", language), button("Copy", copy)),
    code,
    part("Query", lines(request.query)),
    part("Header", lines(request.headers)),
    part("Body", pretty(request.body)),
    part("Answer", request.answer === null ? "none" : pretty(request.answer)),
  ]);
}

const part = (name, text) => [h("h3", {}, name), h("pre", { tabindex: "0", "aria-label": name }, text)];
