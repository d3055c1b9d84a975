// SPDX-License-Identifier: Apache-2.0
// A cell that has been run, or is running: its code, its output as it comes, and what it left.

import { local } from "./api.js";
import { element, number, size, took } from "./dom.js";

const PICTURES = /^image\/(png|jpeg|gif|webp|svg\+xml)$/;

function listing(code) {
  const lines = code.replace(/\n+$/, "").split("\n");
  const items = lines.map((line) => element("li", {}, element("code", {}, line)));
  return element("ol", { class: "code" }, ...items);
}

function markLine(listed, line) {
  const item = listed.children[line - 1];
  if (!item) return;
  item.classList.add("bad");
  item.prepend(element("span", { class: "unseen" }, "The error is in this line: "));
}

function failure(done) {
  const [title, text] = done.type ? [done.type, done.message] : [done.outcome, done.error];
  const box = element("div", { class: "failure", role: "alert" },
    element("p", {}, element("strong", {}, title), text ? `: ${text}` : "",
      done.line ? element("span", { class: "quiet" }, ` in line ${done.line}`) : null));
  if (done.traceback)
    box.append(element("details", {}, element("summary", {}, "Traceback"),
      element("pre", {}, done.traceback)));
  for (const refusal of done.refusals)
    if (refusal.line)
      box.append(element("p", { class: "quiet" },
        `The sandbox refused in line ${refusal.line}: ${refusal.kind} (${refusal.what})`));
  return box;
}

function picture(file) {
  return element("figure", {},
    element("img", { src: local(file.url), alt: `Chart ${file.name}` }),
    element("figcaption", {}, element("a", { href: local(file.url), download: file.name }, file.name)));
}

function left(done, onFrame) {
  const chips = [];
  for (const frame of done.dataframes)
    chips.push(element("button", { class: "chip", onclick: () => onFrame(frame.name) },
      element("b", {}, frame.name), ` ${number(frame.rows)} × ${number(frame.columns)}`));
  for (const file of done.files)
    if (!PICTURES.test(file.mime_type))
      chips.push(element("a", { class: "chip", href: local(file.url), download: file.name },
        element("b", {}, file.name), ` ${size(file.size_bytes)}`));
  return chips.length ? element("div", { class: "chips" }, ...chips) : null;
}

const ENDS = {
  ok: "ran in", exit: "left after", timeout: "timed out after", memory: "out of memory after",
  cancelled: "interrupted after", killed: "killed after", crashed: "crashed after",
};

function summary(done) {
  const words = [ENDS[done.outcome] ?? "failed after", took(done.duration_us)];
  if (done.omitted_bytes) words.push(`· ${size(done.omitted_bytes)} of output left out`);
  if (done.rolled_back) words.push("· taken back");
  if (done.sandbox_ended) words.push("· the sandbox has ended");
  return words.join(" ");
}

// use.onEdit(code) and use.onFrame(name) are called when they are wanted.
export function makeCell(code, use) {
  const listed = listing(code);
  const outputs = element("div", { class: "outputs", role: "log" });
  const status = element("span", { class: "quiet status" }, "running…");
  const edit = element("button", { class: "plain small", onclick: () => use.onEdit(code) }, "Edit");
  const foot = element("footer", {}, status, edit);
  const view = element("article", { class: "cell running", "aria-label": "Cell" }, listed, outputs, foot);

  return {
    view,
    output(elements) {
      outputs.append(...elements.map(({ output, stream }) =>
        stream === "stderr"
          ? element("pre", { class: "err" }, element("span", { class: "unseen" }, "Error output: "), output)
          : element("pre", {}, output)));
    },
    finish(done) {
      view.classList.remove("running");
      view.classList.toggle("failed", done.error !== null);
      if (done.value !== null) outputs.append(element("pre", { class: "value" }, done.value));
      if (done.error !== null) {
        markLine(listed, done.line);
        outputs.append(failure(done));
      }
      for (const file of done.files) if (PICTURES.test(file.mime_type)) outputs.append(picture(file));
      const rest = left(done, use.onFrame);
      if (rest) outputs.append(rest);
      status.textContent = summary(done);
    },
    // It is not known how it ended, or it never ran.
    fail(message) {
      view.classList.remove("running");
      view.classList.add("failed");
      outputs.append(element("div", { class: "failure", role: "alert" }, element("p", {}, message)));
      status.textContent = "not run to its end";
    },
    undone() {
      view.classList.add("undone");
      status.textContent += " · taken back";
    },
  };
}

// One that the server's records tell of.
export function makePast(record, use) {
  const cell = makeCell(record.input, use);
  if (record.output_preview) cell.output([{ output: record.output_preview, stream: "stdout" }]);
  cell.finish({
    outcome: record.error ? "failed" : "ok", error: record.error || null, type: null, message: null,
    line: 0, traceback: null, value: null, refusals: [], files: [], dataframes: [],
    duration_us: record.duration_ms * 1000,
  });
  cell.view.classList.add("past");
  return cell;
}
