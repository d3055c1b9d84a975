// SPDX-License-Identifier: Apache-2.0
// The page: who is signed in, which sandboxes there are, and the one that is worked with.

import * as api from "./api.js";
import { makeCell, makePast } from "./cell.js";
import * as data from "./data.js";
import { byId, element, plural, say, size } from "./dom.js";
import { makeEditor } from "./editor.js";
import * as list from "./list.js";
import { ask, attempt, notice, onUnknownKey } from "./tell.js";

const LOOK_MS = 4000;
const LOST_MS = 30000; // at most, between tries to reach a server that is away

const sandboxes = new Map(); // by id, as the server told them
const books = new Map(); // by id: { cells, view, running, busy, draft }
let chosen = null; // an id
let mayWrite = false;
let cursor = null; // of the next page
let timer = 0;
let delay = LOOK_MS;

// ---- The list -----------------------------------------------------------------------------------

function forget(id) {
  sandboxes.delete(id);
  list.removeItem(id);
  books.delete(id);
  if (chosen === id) choose(null);
}

function know(sandbox) {
  sandboxes.set(sandbox.id, sandbox);
  list.showItem(sandbox, sandbox.id === chosen, choose);
  if (sandbox.id === chosen) showChosen();
}

async function look() {
  const page = await api.list();
  mayWrite = page.may_write;
  say(byId("organisation"), page.organisation);
  const oldest = page.sandboxes.at(-1)?.created_at ?? "";
  const seen = new Set(page.sandboxes.map(({ id }) => id));
  for (const { id, created_at } of [...sandboxes.values()])
    if (!seen.has(id) && (!page.next_cursor || created_at > oldest)) forget(id);
  page.sandboxes.forEach(know);
  if (cursor === null || !page.next_cursor) cursor = page.next_cursor ?? null;
  byId("more").hidden = cursor === null;
  byId("create").disabled = !mayWrite;
  list.sortItems(sandboxes.values());
  if (chosen !== null && !seen.has(chosen)) await refresh(chosen);
}

// A look costs the server something for each sandbox: at most a twentieth of the time is spent on it.
async function lookAgain() {
  clearTimeout(timer);
  const begun = performance.now();
  const before = delay;
  try {
    if (document.visibilityState === "visible") await look();
    delay = Math.max(LOOK_MS, 20 * (performance.now() - begun));
  } catch (error) {
    if (error.status !== api.UNREACHED) await attempt(() => Promise.reject(error));
    else if (before <= LOOK_MS) notice(error.message, true); // once
    delay = Math.min(2 * before, LOST_MS);
  }
  clearTimeout(timer);
  if (api.key.get()) timer = setTimeout(lookAgain, delay);
}

async function showMore() {
  const page = await attempt(() => api.list(cursor));
  if (!page) return;
  page.sandboxes.forEach(know);
  cursor = page.next_cursor ?? null;
  byId("more").hidden = cursor === null;
  list.sortItems(sandboxes.values());
}

// ---- The sandbox that is worked with ------------------------------------------------------------

const editor = makeEditor(() => run());
const runButton = element("button", { id: "run", class: "primary", onclick: () => run() }, "Run");
const interruptButton = element("button", { id: "interrupt", class: "danger", hidden: true,
  onclick: () => attempt(() => api.interrupt(chosen)) }, "Interrupt");

byId("composer").append(editor.view, element("div", { class: "row" },
  element("p", { id: "code-hint", class: "quiet" }, "Ctrl+Enter runs. Escape, then Tab leaves the cell."),
  interruptButton, runButton));

function bookOf(id) {
  const view = element("div", { class: "book" });
  if (!books.has(id)) books.set(id, { cells: [], view, running: false, busy: false, draft: "" });
  return books.get(id);
}

const use = {
  onEdit(code) {
    editor.code = code;
    editor.area.focus();
  },
  onFrame: (name) => data.preview(chosen, name),
};

// As the address tells it, so that the browser's own ways back and a reload find it again.
function choose(id) {
  if (id !== chosen) history.pushState(null, "", id === null ? location.pathname : `#${id}`);
  show(id);
}

function show(id) {
  if (chosen !== null) bookOf(chosen).draft = editor.code;
  const known = books.has(id);
  chosen = id;
  for (const sandbox of sandboxes.values()) list.showItem(sandbox, sandbox.id === chosen, choose);
  byId("app").classList.toggle("chosen", id !== null);
  byId("work").hidden = id === null;
  byId("empty").hidden = id !== null;
  showData(false);
  if (id === null) document.title = "clutch";
  if (id === null) return;
  const book = bookOf(id);
  byId("cells").replaceChildren(book.view);
  editor.code = book.draft;
  showChosen();
  data.showFiles(id);
  if (!known) showPast(id, book);
  else scrollDown();
}

async function showPast(id, book) {
  const page = await attempt(() => api.log(id));
  if (!page) return;
  const records = page.executions.filter(({ source }) => source !== "internal").reverse();
  book.view.prepend(...records.map((record) => makePast(record, use).view));
  if (chosen === id) scrollDown();
}

function scrollDown() {
  byId("cells").scrollTop = byId("cells").scrollHeight;
}

function showChosen() {
  const sandbox = sandboxes.get(chosen);
  if (!sandbox) return;
  const { state } = sandbox;
  const { running, busy } = bookOf(chosen);
  say(byId("name"), list.titleOf(sandbox));
  document.title = `${list.titleOf(sandbox)} · clutch`;
  say(byId("state"), running ? "running code" : list.stateOf(sandbox));
  byId("state").dataset.state = state;
  say(byId("about"), [size(sandbox.memory_bytes), plural(sandbox.executions, "execution", "executions"),
    sandbox.id].filter(Boolean).join(" · "));
  const can = (id, allowed) => (byId(id).disabled = !mayWrite || busy || !allowed);
  can("start", ["stopped", "archived", "failed", "paused"].includes(state));
  can("stop", ["running", "paused"].includes(state));
  can("clone", state === "running" && !running);
  can("undo", ["running", "stopped"].includes(state) && !running);
  can("delete", true);
  can("run", state === "running" && !running);
  interruptButton.hidden = !running;
  runButton.hidden = running;
  data.showFrames(chosen, sandbox.dataframes);
}

async function refresh(id) {
  try {
    know(await api.get(id));
    list.sortItems(sandboxes.values());
  } catch (error) {
    if (error.status === 404) forget(id);
    else await attempt(() => Promise.reject(error));
  }
}

// ---- Running code -------------------------------------------------------------------------------

async function run() {
  const id = chosen;
  const book = bookOf(id);
  const code = editor.code;
  if (book.running || runButton.disabled || code.trim() === "") return;
  const cell = makeCell(code, use);
  book.running = true;
  book.cells.push(cell);
  book.view.append(cell.view);
  editor.code = "";
  showChosen();
  scrollDown();
  const done = await watch(id, code, cell);
  book.running = false;
  if (done === null || done.error !== null) bringBack(id, book, code, done);
  if (chosen === id) {
    showChosen();
    scrollDown();
    data.showFiles(id);
  }
  await refresh(id);
}

// What failed comes back into the editor, to be mended, unless something else was typed meanwhile.
function bringBack(id, book, code, done) {
  if (chosen !== id) {
    book.draft ||= code;
  } else if (editor.code === "") {
    editor.code = code;
    editor.markLine(done?.line ?? 0);
  }
}

// Shows what comes, no oftener than the screen is drawn. Resolves to how it ended, or null.
async function watch(id, code, cell) {
  let waiting = [];
  let done = null;
  const flush = () => {
    if (waiting.length === 0) return;
    const cells = byId("cells");
    const atEnd = cells.scrollHeight - cells.scrollTop - cells.clientHeight < 40;
    cell.output(waiting);
    waiting = [];
    if (chosen === id && atEnd) scrollDown();
  };
  try {
    await api.execute(id, code, (message) => {
      if ("output" in message && waiting.push(message) === 1) requestAnimationFrame(flush);
      if ("done" in message) done = message.done;
      if ("failed" in message) throw new api.Refused(0, message.failed.message);
    });
    flush();
    cell.finish(done);
  } catch (error) {
    if (!(error instanceof api.Refused)) throw error;
    flush();
    cell.fail(error.message);
  }
  return done;
}

// On narrow screens dataframes and files are behind a button.
function showData(shown) {
  byId("work").classList.toggle("with-data", shown);
  byId("show-data").setAttribute("aria-expanded", String(shown));
}

// ---- What the buttons do ------------------------------------------------------------------------

// One at a time in a sandbox: a stop saves variables, which may take its time.
async function change(action) {
  const id = chosen;
  const book = bookOf(id);
  book.busy = true;
  showChosen();
  const changed = await attempt(() => action(id));
  book.busy = false;
  if (chosen === id) showChosen();
  return changed;
}

async function restate(action) {
  const sandbox = await change(action);
  if (sandbox) know(sandbox);
}

function welcome(sandbox) {
  if (!sandbox) return;
  know(sandbox);
  list.sortItems(sandboxes.values());
  choose(sandbox.id);
  editor.area.focus();
}

async function create() {
  const name = await ask({ title: "New sandbox", yes: "Create", named: true,
    text: "It starts at once, with pandas loaded." });
  if (name === null) return;
  byId("create").disabled = true;
  const made = await attempt(() => api.create(name));
  byId("create").disabled = false;
  welcome(made);
}

async function clone() {
  const name = await ask({ title: "Clone", yes: "Clone", named: true,
    text: "Variables and files are copied as they are now." });
  if (name !== null) welcome(await change((id) => api.clone(id, name)));
}

async function undo() {
  const id = chosen;
  const undone = await change(api.undo);
  if (!undone) return;
  bookOf(id).cells.findLast((cell) => !cell.view.classList.contains("undone"))?.undone();
  notice(undone.files_rolled_back ? "The last execution was taken back, with its files."
    : "The last execution was taken back; files stay as they are.");
  if (chosen === id) data.showFiles(id);
  await refresh(id);
}

async function remove() {
  const id = chosen;
  const sure = await ask({ title: "Delete the sandbox?", yes: "Delete", danger: true,
    text: `Variables and files of ${list.titleOf(sandboxes.get(id))} are gone then.` });
  if (sure === null || !(await change(api.remove))) return;
  forget(id);
  list.sortItems(sandboxes.values());
}

// ---- Signing in ---------------------------------------------------------------------------------

function signOut(problem = "") {
  api.key.forget();
  clearTimeout(timer);
  choose(null);
  [...sandboxes.keys()].forEach(forget);
  cursor = null;
  delay = LOOK_MS;
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  byId("app").hidden = true;
  byId("gate").hidden = false;
  say(byId("gate-problem"), problem);
  byId("key").focus();
}

async function enter() {
  try {
    await look();
  } catch (error) {
    if (!(error instanceof api.Refused)) throw error;
    if (error.status === 401) signOut("The server does not know this key.");
    else say(byId("gate-problem"), error.message);
    return;
  }
  byId("gate").hidden = true;
  byId("app").hidden = false;
  timer = setTimeout(lookAgain, LOOK_MS);
  await showAddressed();
}

async function showAddressed() {
  const id = location.hash.slice(1) || null;
  if (id !== null && !sandboxes.has(id)) await refresh(id);
  if (id === null || sandboxes.has(id)) show(id);
}

const on = (id, event, action) => byId(id).addEventListener(event, action);

on("sign-in", "submit", (event) => {
  event.preventDefault();
  api.key.set(byId("key").value.trim());
  byId("key").value = "";
  enter();
});
on("sign-out", "click", () => signOut());
on("create", "click", create);
on("more", "click", showMore);
on("back", "click", () => choose(null));
on("start", "click", () => restate(api.start));
on("stop", "click", () => restate(api.stop));
on("clone", "click", clone);
on("undo", "click", undo);
on("delete", "click", remove);
on("show-data", "click", () => showData(!byId("work").classList.contains("with-data")));
on("preview-close", "click", () => byId("preview").close());
on("ask-no", "click", () => byId("ask").close());
on("ask-form", "submit", (event) => {
  event.preventDefault();
  byId("ask").close("yes");
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible" && !byId("app").hidden) lookAgain();
});
addEventListener("popstate", () => {
  if (!byId("app").hidden) showAddressed();
});
onUnknownKey(() => signOut("The key is not known any more."));
if (api.key.get()) enter();
