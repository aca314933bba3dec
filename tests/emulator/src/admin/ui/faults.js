// Faults: one is chosen from those that can be played, with its numbers; those to come and those that were played.

import { ask, button, field, form, h, replace, say, select, table } from "./dom.js";

const EVERY = ["path", "times", "skip", "applied"];
let place = null;

const kind = (fault) => Object.keys(fault).find((name) => !EVERY.includes(name) && !["at", "ms", "info"].includes(name));
const NAMES = { code: "refuse with a code", delay_ms: "answer late", cut: "cut the body", answer: "answer this", hang: "say nothing", drop: "end the connection" };

function label(fault) {
  if (fault.play) return `play: ${fault.play}`;
  const ending = fault.drop ? ` (${fault.drop})` : "";
  const at = fault.drop || fault.hang ? ` at: ${fault.at ?? "answer"}` : "";
  return `${NAMES[kind(fault)]}${ending}${at}`;
}

// The two that everybody asks for stand first.
const LOST = { drop: "reset", applied: true };
const READY = [
  ["answer lost: carried out, then no answer", LOST],
  ["request lost: never carried out", { drop: "reset" }],
];

export async function open() {
  const [examples, commands] = await Promise.all([ask("GET", "/faults/examples"), ask("GET", "/commands")]);
  const choices = [...READY, ...examples.map((fault) => [label(fault), fault])];
  const parameters = h("div", { class: "tools" });
  const choose = select("kind", choices.map(([text], n) => [String(n), text]), "0");
  const show = () => parameters.replaceChildren(...inputs(choices[choose.value][1]));
  choose.addEventListener("change", show);
  show();
  place = h("div");
  const whole = h("div", {}, [
    h("h2", {}, "Faults"),
    form((whole) => add(whole, choices[choose.value][1]), [
      field("Fault", choose),
      field("Of command", select("path", [["", "every"], ...commands.map((path) => [path, path])])),
      field("Times (0: until cleared)", h("input", { name: "times", type: "number", min: 0, value: 1, required: true })),
      field("Let pass before", h("input", { name: "skip", type: "number", min: 0, value: 0, required: true })),
      parameters,
      h("button", {}, "Add fault"),
    ]),
    place,
  ]);
  await refresh();
  return whole;
}

// An input for every number and text of its own.
function inputs(fault) {
  const own = Object.entries(fault).filter(([name]) => !["path", "times", "skip", "applied", "play", "hang", "drop", "at"].includes(name));
  const made = own.map(([name, value]) => {
    const text = typeof value === "object" ? JSON.stringify(value) : String(value);
    return field(name, h("input", { name: `own-${name}`, type: typeof value === "number" ? "number" : "text", value: text, required: true }));
  });
  const carriedOut = h("input", { type: "checkbox", name: "applied", checked: Boolean(fault.applied) });
  return [...made, field("carry the call out first", carriedOut, true)];
}

async function add(whole, example) {
  const fault = { ...example, times: whole.elements.times.valueAsNumber, skip: whole.elements.skip.valueAsNumber };
  fault.applied = whole.elements.applied.checked;
  if (whole.elements.path.value) fault.path = whole.elements.path.value;
  for (const input of whole.querySelectorAll("[name^=own-]")) {
    const name = input.name.slice(4);
    const was = example[name];
    try {
      fault[name] = typeof was === "string" ? input.value : JSON.parse(input.value);
    } catch {
      throw new Error(`${name} is not JSON`);
    }
  }
  await ask("POST", "/faults", fault);
  say("The fault was added.");
  await refresh();
}

export async function refresh() {
  if (!place) return;
  const [coming, played] = await Promise.all([ask("GET", "/faults"), ask("GET", "/played")]);
  const about = (fault) => Object.entries(fault).filter(([name]) => !EVERY.includes(name)).map(([name, value]) => `${name} ${typeof value === "object" ? JSON.stringify(value) : value}`).join(", ");
  const rows = coming.map((fault, n) => ({
    key: String(n),
    cells: [about(fault), fault.path ?? "every", fault.times === 0 ? "until cleared" : String(fault.times), String(fault.skip), fault.applied ? "yes" : "no"],
  }));
  const clear = async () => {
    await ask("DELETE", "/faults");
    say("No fault is to come; calls that hung were let go.");
    await refresh();
  };
  replace(
    place,
    h("h3", {}, "To come"),
    rows.length ? table("Faults to come", ["Fault", "Command", "Times", "Let pass before", "Carried out first"], rows) : h("p", {}, "none"),
    button("Clear the faults", clear),
    h("h3", {}, "Played"),
    Object.keys(played).length
      ? table("Faults played", ["Fault", "Times"], Object.entries(played).map(([name, times]) => ({ key: name, cells: [name, String(times)] })))
      : h("p", {}, "none"),
  );
}
