// SPDX-License-Identifier: Apache-2.0
// The cell that code is typed into: line numbers, indenting, and a mark on the line that failed.

import { element } from "./dom.js";

const STEP = "    ";

export function makeEditor(onRun) {
  const gutter = element("div", { class: "gutter", "aria-hidden": "true" });
  const mark = element("div", { class: "mark", hidden: true });
  const area = element("textarea", {
    id: "code", "aria-label": "Code", "aria-describedby": "code-hint", spellcheck: "false", rows: "1",
    autocapitalize: "off", autocomplete: "off", wrap: "off",
    placeholder: "print(\"hello\")",
  });
  const view = element("div", { class: "editor" }, gutter, element("div", { class: "field" }, mark, area));
  let leaving = false; // after Escape, Tab leaves as everywhere else
  let marked = 0;

  function layOut() {
    const count = area.value.split("\n").length;
    area.rows = count;
    while (gutter.childElementCount > count) gutter.lastChild.remove();
    while (gutter.childElementCount < count)
      gutter.append(element("span", {}, String(gutter.childElementCount + 1)));
    [...gutter.children].forEach((each, at) => each.classList.toggle("bad", at + 1 === marked));
    mark.hidden = marked === 0;
    mark.style.top = `calc(${marked - 1} * var(--line))`;
    area.setAttribute("aria-invalid", String(marked !== 0));
  }

  function insert(text) {
    area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
    area.dispatchEvent(new Event("input"));
  }

  function lineSoFar() {
    const before = area.value.slice(0, area.selectionStart);
    return before.slice(before.lastIndexOf("\n") + 1);
  }

  function onKey(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      onRun();
    } else if (event.key === "Escape") {
      leaving = true;
      return;
    } else if (event.key === "Tab" && !event.shiftKey && !leaving) {
      event.preventDefault();
      insert(STEP);
    } else if (event.key === "Enter" && !event.shiftKey) {
      const line = lineSoFar();
      event.preventDefault();
      insert("\n" + line.match(/^\s*/)[0] + (/:\s*$/.test(line) ? STEP : ""));
    } else if (event.key === "Backspace" && area.selectionStart === area.selectionEnd &&
               /^( {4})+$/.test(lineSoFar())) {
      event.preventDefault();
      area.setSelectionRange(area.selectionStart - STEP.length, area.selectionStart);
      insert("");
    }
    leaving = false;
  }

  area.addEventListener("keydown", onKey);
  area.addEventListener("input", () => {
    marked = 0;
    layOut();
  });
  layOut();

  return {
    view,
    area,
    get code() {
      return area.value;
    },
    set code(text) {
      area.value = text;
      marked = 0;
      layOut();
    },
    markLine(line) {
      marked = line;
      layOut();
    },
  };
}
