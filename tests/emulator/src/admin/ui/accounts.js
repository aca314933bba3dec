// Accounts with their groups, marks, conversations and pins. Each change is made on the state as it is at that moment.

import { ask, button, changeState, date, field, form, h, replace, run, say, select, table } from "./dom.js";

const MARKS = ["star", "unread", "fold", "hide"];
const markName = (bit) => MARKS[bit] ?? `mark ${bit}`;
const kindName = (type) => (type === 1 ? "user" : "chat group");
let place;
let accounts = {};
let filter = "";
const opened = new Set();

export async function open() {
  place = h("div");
  const search = h("input", { type: "search", value: filter });
  search.addEventListener("input", () => {
    filter = search.value;
    draw();
  });
  const file = h("input", { type: "file", accept: "application/json" });
  file.addEventListener("change", () => run(() => load(file)));
  const whole = h("div", {}, [
    h("h2", {}, "Accounts"),
    form(addAccount, field("New account", h("input", { name: "id", required: true, maxlength: 32 })), h("button", {}, "Add account")),
    h("div", { class: "tools" }, [
      field("Show accounts that contain", search),
      button("Save state as a file", save),
      field("Load state from a file", file),
      button("Reset everything", reset, { class: "danger" }),
    ]),
    place,
  ]);
  await refresh();
  return whole;
}

export async function refresh() {
  const state = await ask("GET", "/state");
  accounts = state.accounts;
  draw();
}

async function changed(text, change) {
  await changeState(change);
  say(text);
  await refresh();
}

async function addAccount(whole) {
  const id = whole.elements.id.value;
  await changed(`Account ${id} was added.`, (all) => {
    if (id in all) throw new Error(`there is an account ${id} already`);
    all[id] = {};
  });
  whole.reset();
}

async function save() {
  const text = JSON.stringify(await ask("GET", "/state"), null, 2);
  const link = h("a", { href: URL.createObjectURL(new Blob([text], { type: "application/json" })), download: "chat-emulator-state.json" });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  say("The state was saved.");
}

async function load(file) {
  let state;
  try {
    state = JSON.parse(await file.files[0].text());
  } catch {
    throw new Error(`${file.files[0].name} is not JSON`);
  } finally {
    file.value = "";
  }
  await ask("PUT", "/state", state);
  say("The state was loaded.");
  await refresh();
}

async function reset() {
  if (!confirm("Reset state, settings, clock, faults and log to what they were at the start?")) return;
  await ask("POST", "/reset");
  say("Everything is as at the start.");
  await refresh();
}

function draw() {
  const ids = Object.keys(accounts).filter((id) => id.includes(filter));
  const most = 200;
  replace(
    place,
    h("p", {}, `${ids.length} of ${Object.keys(accounts).length} accounts${ids.length > most ? `; the first ${most}` : ""}`),
    ...ids.slice(0, most).map((id) => card(id, accounts[id])),
  );
}

function card(id, account) {
  const counts = `${account.groups.length} groups, ${account.entries.length} grouped or marked, ${account.conversations.length} recent`;
  const details = h("details", { open: opened.has(id), "data-account": id }, h("summary", {}, h("strong", {}, id), ` ${account.nick ?? ""} (${counts})`));
  const fill = () => details.append(...inside(id, account));
  if (details.open) fill();
  details.addEventListener("toggle", () => {
    if (details.open && details.childElementCount === 1) fill();
    if (details.open) opened.add(id);
    else opened.delete(id);
  });
  return details;
}

function inside(id, account) {
  return [
    groups(id, account),
    entries(id, account),
    conversations(id, account),
    button(`Delete account ${id}`, () => confirm(`Delete account ${id} with its groups and marks?`) && changed(`Account ${id} was deleted.`, (all) => delete all[id]), { class: "danger" }),
  ];
}

function groups(id, account) {
  const members = (group) => account.entries.filter((entry) => entry.groups.includes(group.id)).map((entry) => entry.id);
  const rows = account.groups.map((group) => ({
    key: group.name,
    cells: [group.name, String(group.id), members(group).join(", ") || "nobody", button(`Delete group ${group.name}`, () => deleteGroup(id, group.id), { class: "danger" })],
  }));
  const add = (whole) =>
    changed(`Group ${whole.elements.group.value} was made.`, (all) => {
      const own = all[id];
      own.groups.push({ id: own.next_group_id, name: whole.elements.group.value });
    });
  return h("section", {}, [
    h("h3", {}, `Groups of ${id}`),
    rows.length ? table(`Groups of ${id}`, ["Name", "Id", "Conversations", "Change"], rows) : h("p", {}, "none"),
    form(add, field("New group", h("input", { name: "group", required: true })), h("button", {}, "Make group")),
  ]);
}

const deleteGroup = (id, group) =>
  changed("The group was deleted.", (all) => {
    const own = all[id];
    own.groups = own.groups.filter((one) => one.id !== group);
    for (const entry of own.entries) entry.groups = entry.groups.filter((one) => one !== group);
    dropEmpty(own);
  });

const isMarked = (entry) => Boolean(entry.custom_mark) || (entry.standard_mark ?? "").includes("1");
const dropEmpty = (account) => (account.entries = account.entries.filter((entry) => entry.groups.length || isMarked(entry)));
const bits = (entry) => [...(entry.standard_mark ?? "")].flatMap((one, bit) => (one === "1" ? [bit] : []));

function entries(id, account) {
  const name = (group) => account.groups.find((one) => one.id === group)?.name ?? String(group);
  const clear = (entry) =>
    changed(`${entry.id} has no group and no mark any more.`, (all) => {
      all[id].entries = all[id].entries.filter((one) => one.id !== entry.id || one.type !== entry.type);
    });
  const rows = account.entries.map((entry) => ({
    key: entry.id,
    cells: [
      entry.id,
      kindName(entry.type),
      entry.groups.map(name).join(", ") || "none",
      [...bits(entry).map(markName), ...(entry.custom_mark ? [`“${entry.custom_mark}”`] : [])].join(", ") || "none",
      date(entry.updated),
      button(`Clear ${entry.id}`, () => clear(entry), { class: "danger" }),
    ],
  }));
  const options = [...MARKS.keys()].map((bit) => [String(bit), markName(bit)]);
  const groupOptions = [["", "none"], ...account.groups.map((group) => [String(group.id), group.name])];
  const act = (whole) => changed("The conversation was changed.", (all) => put(all[id], whole.elements));
  return h("section", {}, [
    h("h3", {}, `Conversations with a group or a mark`),
    rows.length ? table(`Groups and marks of ${id}`, ["Conversation", "Type", "Groups", "Marks", "Changed", "Change"], rows) : h("p", {}, "none"),
    form(act, [
      field("Conversation", h("input", { name: "peer", required: true })),
      field("Type", select("type", [["1", "user"], ["2", "chat group"]])),
      field("Into group", select("group", groupOptions)),
      field("Mark", select("mark", [["", "none"], ...options])),
      field("Own mark", h("input", { name: "custom" })),
      h("button", {}, "Set"),
    ]),
  ]);
}

function put(account, { peer, type, group, mark, custom }) {
  const now = Math.floor(Date.now() / 1000);
  let entry = account.entries.find((one) => one.id === peer.value && one.type === Number(type.value));
  if (!entry) account.entries.push((entry = { type: Number(type.value), id: peer.value, groups: [] }));
  if (group.value && !entry.groups.includes(Number(group.value))) entry.groups.push(Number(group.value));
  if (mark.value) {
    const marks = [...(entry.standard_mark ?? "").padEnd(Number(mark.value) + 1, "0")];
    marks[Number(mark.value)] = "1";
    entry.standard_mark = marks.join("");
  }
  if (custom.value) entry.custom_mark = custom.value;
  entry.updated = now;
}

function conversations(id, account) {
  const find = (all, one) => all[id].conversations.find((other) => other.id === one.id && other.type === one.type);
  const pin = (one) => changed(one.pinned ? `${one.id} is no longer pinned.` : `${one.id} is pinned.`, (all) => (find(all, one).pinned = !one.pinned));
  const drop = (one) => changed(`${one.id} was taken off the list.`, (all) => (all[id].conversations = all[id].conversations.filter((other) => other !== find(all, one))));
  const rows = account.conversations.map((one) => ({
    key: one.id,
    cells: [
      one.id,
      kindName(one.type),
      date(one.msg_time),
      one.pinned ? "pinned" : "no",
      [button(one.pinned ? `Unpin ${one.id}` : `Pin ${one.id}`, () => pin(one)), " ", button(`Remove ${one.id}`, () => drop(one), { class: "danger" })],
    ],
  }));
  const add = (whole) =>
    changed("The conversation was added.", (all) =>
      all[id].conversations.push({ type: Number(whole.elements.type.value), id: whole.elements.peer.value, msg_time: Math.floor(Date.now() / 1000) }),
    );
  return h("section", {}, [
    h("h3", {}, "Recent conversations"),
    rows.length ? table(`Recent conversations of ${id}`, ["Conversation", "Type", "Last message", "Pinned", "Change"], rows) : h("p", {}, "none"),
    form(add, [
      field("Conversation", h("input", { name: "peer", required: true })),
      field("Type", select("type", [["1", "user"], ["2", "chat group"]])),
      h("button", {}, "Add conversation"),
    ]),
  ]);
}
