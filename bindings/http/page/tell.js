// SPDX-License-Identifier: Apache-2.0
// What the page tells, and what it asks.

import { LATE, Refused } from "./api.js";
import { byId, say } from "./dom.js";

let leave = () => {};

// To be called when the server does not know the key, whatever was wanted of it.
export function onUnknownKey(action) {
  leave = action;
}

let noticeTimer = 0;

export function notice(text, problem = false) {
  const target = byId("notice");
  target.textContent = text;
  target.classList.toggle("problem", problem);
  target.hidden = false;
  clearTimeout(noticeTimer);
  noticeTimer = setTimeout(() => (target.hidden = true), problem ? 8000 : 4000);
}

// Runs something that the server may refuse. What was refused is told, and undefined returned.
export async function attempt(action) {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (error.status === 401) leave();
    else if (error.status !== LATE) notice(error.message, true);
    return undefined;
  }
}

// Resolves to null, or to the name that was typed.
export function ask({ title, text, yes, danger = false, named = false }) {
  const dialog = byId("ask");
  say(byId("ask-title"), title);
  say(byId("ask-text"), text);
  say(byId("ask-yes"), yes);
  byId("ask-yes").classList.toggle("danger", danger);
  byId("ask-field").hidden = !named;
  byId("ask-name").value = "";
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener("close", () =>
    resolve(dialog.returnValue === "yes" ? byId("ask-name").value.trim() : null), { once: true }));
}
