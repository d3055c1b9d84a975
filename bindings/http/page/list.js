// SPDX-License-Identifier: Apache-2.0
// The list of sandboxes: one item each, changed in place so that the keyboard's focus stays where it is.

import { ago, byId, element, say, size } from "./dom.js";

const items = new Map(); // by id

export const titleOf = (sandbox) => (sandbox.name === sandbox.id ? sandbox.id.slice(0, 8) : sandbox.name);
export const stateOf = (sandbox) => (sandbox.executing ? "running code" : sandbox.state);

function makeItem(id, onChoose) {
  const parts = { name: element("b"), state: element("span", { class: "state" }), about: element("small") };
  parts.button = element("button", { onclick: () => onChoose(id) }, parts.name, parts.state, parts.about);
  parts.view = element("li", {}, parts.button);
  items.set(id, parts);
  byId("list").append(parts.view);
  return parts;
}

export function showItem(sandbox, isChosen, onChoose) {
  const parts = items.get(sandbox.id) ?? makeItem(sandbox.id, onChoose);
  say(parts.name, titleOf(sandbox));
  say(parts.state, stateOf(sandbox));
  parts.state.dataset.state = sandbox.state;
  say(parts.about, [size(sandbox.memory_bytes), ago(sandbox.activity_at)].filter(Boolean).join(" · "));
  if (isChosen) parts.button.setAttribute("aria-current", "true");
  else parts.button.removeAttribute("aria-current");
}

export function removeItem(id) {
  items.get(id)?.view.remove();
  items.delete(id);
}

// The newest first, wherever an item was made.
export function sortItems(sandboxes) {
  const order = [...sandboxes].sort((a, b) => b.created_at.localeCompare(a.created_at));
  order.forEach((sandbox, at) => {
    const { view } = items.get(sandbox.id);
    const there = byId("list").children[at];
    if (there !== view) byId("list").insertBefore(view, there ?? null);
  });
  byId("none").hidden = order.length > 0;
}
