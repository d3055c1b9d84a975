// SPDX-License-Identifier: Apache-2.0
// The dataframes and the files of the sandbox that is worked with.

import * as api from "./api.js";
import { byId, element, number, plural, say, size } from "./dom.js";
import { attempt } from "./tell.js";

const HEAD_ROWS = 10;

function headTable(head) {
  const cellOf = (column, row) => {
    const text = column.cells[row];
    return element("td", { class: column.numeric ? "number" : "" },
      text === null ? element("span", { class: "missing" }, "missing") : text);
  };
  return element("table", { class: "head-table", "aria-labelledby": "preview-title" },
    element("thead", {}, element("tr", {},
      element("th", { scope: "col" }, element("span", { class: "unseen" }, "Index")),
      ...head.columns.map((column) =>
        element("th", { scope: "col", class: column.numeric ? "number" : "" }, column.name,
          element("small", {}, column.type))))),
    element("tbody", {}, ...head.index.map((label, row) =>
      element("tr", {}, element("th", { scope: "row" }, label),
        ...head.columns.map((column) => cellOf(column, row))))));
}

function headAbout(head) {
  const parts = [plural(head.rows, "row", "rows")];
  if (head.index.length < head.rows) parts.push(`the first ${head.index.length} are shown`);
  if (head.more_columns) parts.push(`${plural(head.more_columns, "more column", "more columns")}`);
  return parts.join(" · ");
}

let shownFrames = "";
let filesOf = null; // the sandbox whose files are shown

export function showFrames(id, frames) {
  const told = JSON.stringify([id, frames]);
  if (told === shownFrames) return;
  shownFrames = told;
  const row = (frame) => element("tr", {},
    element("th", { scope: "row" }, element("button", { class: "link", title: "Preview",
      "aria-label": `Preview ${frame.name}`, onclick: () => preview(id, frame.name) }, frame.name)),
    element("td", { class: "number" }, number(frame.rows)),
    element("td", { class: "number" }, number(frame.columns)),
    element("td", { class: "number" }, size(frame.memory_bytes)));
  byId("frames").tBodies[0].replaceChildren(...frames.map(row));
  byId("frames").hidden = frames.length === 0;
  byId("no-frames").hidden = frames.length > 0;
}

export async function preview(id, name) {
  const head = await attempt(() => api.head(id, name, HEAD_ROWS));
  if (!head) return;
  say(byId("preview-title"), name);
  say(byId("preview-about"), headAbout(head));
  byId("preview-table").replaceChildren(headTable(head));
  byId("preview").showModal();
}

export async function showFiles(id) {
  if (filesOf !== id) byId("files").replaceChildren();
  filesOf = id;
  const page = await attempt(() => api.files(id));
  if (!page || filesOf !== id) return;
  const files = page.files.filter((file) => !file.is_directory);
  byId("files").replaceChildren(...files.map((file) => element("li", {},
    element("button", { class: "link", "aria-label": `Download ${file.name}`,
      onclick: () => download(id, file.name) }, file.name),
    element("small", {}, size(file.size_bytes)))));
  byId("no-files").hidden = files.length > 0;
}

async function download(id, name) {
  const blob = await attempt(() => api.file(id, name));
  if (!blob) return;
  const url = URL.createObjectURL(blob);
  element("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60000);
}
