// The service behind all listeners: rates with their chart, clock, settings, listeners, counters.

import { ask, button, field, form, h, replace, say, select, table } from "./dom.js";

const SECONDS = 60;
// The service's own limit, shown even where none is set.
const LIMIT = 200;
const arrivals = new Map();
const seen = new Set();
let parts = null;

export async function learn() {
  const log = await ask("GET", "/log");
  log.requests.forEach(came);
}

// A request is told twice: when it comes and when it ends.
export function came(request) {
  const name = `${request.listener_id}/${request.number}/${request.time_us}`;
  if (seen.has(name)) return;
  seen.add(name);
  const second = Math.floor(request.time_ms / 1000);
  arrivals.set(second, (arrivals.get(second) ?? 0) + 1);
  if (seen.size > 20_000) seen.delete(seen.values().next().value);
  for (const old of arrivals.keys()) if (old < second - 2 * SECONDS) arrivals.delete(old);
}

export async function open() {
  parts = { rates: h("section", { class: "card" }), clock: h("section", { class: "card" }), settings: h("section", { class: "card" }), listeners: h("section", { class: "card" }) };
  const whole = h("div", {}, h("h2", {}, "Service"), Object.values(parts));
  await Promise.all([drawRates(), drawClock(), drawSettings(), drawListeners()]);
  return whole;
}

export const refresh = () => (parts ? Promise.all([drawRates(), drawClock(), drawListeners()]) : undefined);

const svg = (tag, attributes, ...children) => {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
};

async function drawRates() {
  const [rates, settings] = await Promise.all([ask("GET", "/rates"), ask("GET", "/settings")]);
  const limit = settings.rate_limit || LIMIT;
  const rows = Object.entries(rates).map(([path, rate]) => ({ key: path, cells: [path, String(rate.calls), `${rate.largest_second} of ${limit}`] }));
  replace(parts.rates, 
    h("h3", {}, "Rates"),
    chart(limit),
    h("p", {}, `Requests of the last ${SECONDS} seconds; the line is ${limit} a second.`),
    rows.length ? table("Calls of each command", ["Command", "Calls", "Most in a second"], rows) : h("p", {}, "no call yet"),
  );
}

function chart(limit) {
  const now = Math.floor(Date.now() / 1000);
  const counts = Array.from({ length: SECONDS }, (_, n) => arrivals.get(now - SECONDS + 1 + n) ?? 0);
  const most = Math.max(...counts);
  const top = Math.max(limit, most) * 1.1;
  const y = (count) => 120 - (120 * count) / top;
  const bars = counts.map((count, n) => svg("rect", { x: n * 10 + 1, y: y(count), width: 8, height: 120 - y(count) }));
  const label = `Requests in each of the last ${SECONDS} seconds: ${counts.at(-1)} in this one, ${most} at the most; the limit of a command is ${limit}`;
  return svg("svg", { viewBox: "0 0 600 120", role: "img", "aria-label": label, preserveAspectRatio: "none" }, ...bars, svg("line", { x1: 0, x2: 600, y1: y(limit), y2: y(limit) }));
}

async function drawClock() {
  const clock = await ask("GET", "/clock");
  const setting = Object.entries(clock.setting).map(([name, value]) => `${name} ${value}`).join(", ") || "the real time";
  const set = async (body, text) => {
    await ask("PUT", "/clock", body);
    say(text);
    await drawClock();
  };
  const number = (whole, name) => whole.elements[name].valueAsNumber;
  replace(parts.clock, 
    h("h3", {}, "Clock"),
    h("p", {}, `${new Date(clock.now * 1000).toISOString()} (${clock.now}), ${setting}`),
    form((whole) => set({ offset_s: number(whole, "offset") }, "The clock was moved."), field("Move by seconds", h("input", { name: "offset", type: "number", value: 3600, required: true })), h("button", {}, "Move")),
    form((whole) => set({ now: number(whole, "now") }, "The clock stands still."), field("Stop at unix seconds", h("input", { name: "now", type: "number", value: clock.now, required: true })), h("button", {}, "Stop")),
    button("Real time", () => set({}, "The clock shows the real time.")),
  );
}

async function drawSettings() {
  const settings = await ask("GET", "/settings");
  const choices = { name_limit: [64, 32], non_admin_code: [50003, 60010], rate_window: ["fixed", "sliding"] };
  const input = (name, value) => {
    if (typeof value === "boolean") return field(name, h("input", { type: "checkbox", name, checked: value }), true);
    if (name in choices) return field(name, select(name, choices[name].map((one) => [String(one), String(one)]), String(value)));
    if (typeof value === "number") return field(name, h("input", { type: "number", name, value, min: 0, required: true }));
    return field(name, h("input", { name, value: Array.isArray(value) ? value.join(" ") : value }));
  };
  const save = async (whole) => {
    const given = Object.entries(settings).map(([name, was]) => {
      const { value, checked } = whole.elements[name];
      if (typeof was === "boolean") return [name, checked];
      if (typeof was === "number") return [name, Number(value)];
      return [name, Array.isArray(was) ? value.split(/\s+/).filter(Boolean) : value];
    });
    await ask("PUT", "/settings", Object.fromEntries(given));
    say("The settings are in force.");
    await drawSettings();
  };
  replace(parts.settings, h("h3", {}, "Settings"), form(save, Object.entries(settings).map(([name, value]) => input(name, value)), h("button", {}, "Save settings")));
}

async function drawListeners() {
  const [main, extra] = await Promise.all([ask("GET", "/"), ask("GET", "/listeners")]);
  const all = [{ id: 0, url: main.url, tls_url: main.tls_url, certificate: "valid" }, ...extra];
  const counters = await Promise.all(all.map((one) => ask("GET", `/listeners/${one.id}/counters`)));
  const close = (one) => async () => {
    await ask("DELETE", `/listeners/${one.id}`);
    say(`Listener ${one.id} is closed.`);
    await drawListeners();
  };
  const rows = all.map((one) => ({
    key: String(one.id),
    cells: [String(one.id), one.url, one.tls_url, one.certificate, one.id === 0 ? "the emulator's own" : button(`Close listener ${one.id}`, close(one), { class: "danger" })],
  }));
  const names = Object.keys(counters[0]);
  const counts = names.map((name) => ({ key: name, cells: [name, ...counters.map((one) => String(one[name]))] }));
  const openOne = async (whole) => {
    await ask("POST", "/listeners", { certificate: whole.elements.certificate.value });
    say("A listener was opened.");
    await drawListeners();
  };
  const certificates = ["valid", "expired", "wrong_name", "unknown_ca"].map((one) => [one, one]);
  replace(parts.listeners, 
    h("h3", {}, "Listeners"),
    h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Listeners" }, table("Listeners", ["Id", "HTTP", "HTTPS", "Certificate", "Change"], rows)),
    form(openOne, field("Certificate", select("certificate", certificates)), h("button", {}, "Open a listener")),
    h("h3", {}, "Counters"),
    h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Counters" }, table("Counters", ["Counter", ...all.map((one) => `Listener ${one.id}`)], counts)),
  );
}
