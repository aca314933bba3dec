// Making elements and talking to the admin port. Text goes in as text: nothing here reads markup.

export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (typeof value === "boolean") element.toggleAttribute(name, value);
    else if (value !== undefined && value !== null) element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return element;
}

export const field = (text, input, inline = false) => h("label", inline ? { class: "inline" } : {}, text, input);

export const button = (text, act, attributes = {}) => h("button", { type: "button", onclick: () => run(act), ...attributes }, text);

export function form(submit, ...children) {
  const whole = h("form", {}, children);
  whole.addEventListener("submit", (event) => {
    event.preventDefault();
    run(() => submit(whole));
  });
  return whole;
}

export function select(name, options, chosen, attributes = {}) {
  const made = options.map(([value, text]) => h("option", { value, selected: value === chosen }, text));
  return h("select", { name, ...attributes }, made);
}

// A table that becomes a list of named values on a narrow screen.
export function table(caption, heads, rows) {
  const cells = (row) => row.cells.map((cell, n) => h("td", { "data-name": heads[n] }, cell));
  const body = rows.map((row) => h("tr", { "data-key": row.key }, cells(row)));
  const head = h("thead", {}, h("tr", {}, heads.map((text) => h("th", { scope: "col" }, text))));
  return h("table", { class: "stack", "aria-label": caption }, head, h("tbody", {}, body));
}

// What an element is called, whenever it was made.
const called = (element) => element.tagName + (element.parentElement?.dataset.account ?? element.name ?? "") + (element.ariaLabel ?? element.textContent);

// Shows other children; whoever had the focus on one of the old ones has it on its successor.
export function replace(place, ...children) {
  const focused = place.contains(document.activeElement) ? called(document.activeElement) : null;
  place.replaceChildren(...children);
  if (focused === null) return;
  const all = place.querySelectorAll("button, summary, a, input, select, [tabindex]");
  [...all].find((element) => called(element) === focused)?.focus();
}

export function say(text) {
  document.getElementById("said").textContent = text;
  document.getElementById("wrong").textContent = "";
}

// Runs what a click asks for; an error is told on the page.
export async function run(act) {
  try {
    await act();
  } catch (error) {
    document.getElementById("said").textContent = "";
    document.getElementById("wrong").textContent = error.message;
  }
}

async function asked(method, path, body, headers = {}) {
  const sent = body === undefined ? {} : { body: JSON.stringify(body), headers: { "Content-Type": "application/json", ...headers } };
  const answer = await fetch(path, { method, ...sent }).catch(() => {
    throw new Error("the emulator does not answer; has it ended?");
  });
  const told = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(told.error), { status: answer.status });
  return { told, etag: answer.headers.get("ETag") };
}

export const ask = async (method, path, body) => (await asked(method, path, body)).told;

// Changes the state as it is now; a call that changes it meanwhile is not lost, for then the change is made on what it left.
export async function changeState(change) {
  for (let attempt = 0; attempt < 20; attempt++) {
    const { told: state, etag } = await asked("GET", "/state");
    change(state.accounts);
    try {
      return await asked("PUT", "/state", state, { "If-Match": etag });
    } catch (error) {
      if (error.status !== 412) throw error;
    }
  }
  throw new Error("the state changes too fast; stop the calls and try again");
}

export const time = (ms) => new Date(ms).toLocaleTimeString([], { hour12: false }) + "." + String(ms % 1000).padStart(3, "0");
export const date = (seconds) => (seconds ? new Date(seconds * 1000).toLocaleString() : "never");
