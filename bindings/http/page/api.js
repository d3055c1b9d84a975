// SPDX-License-Identifier: Apache-2.0
// The server's calls, with the key that is kept for as long as the tab is open.

const KEPT = "clutch-key";

export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export const key = {
  get: () => sessionStorage.getItem(KEPT),
  set: (text) => sessionStorage.setItem(KEPT, text),
  forget: () => sessionStorage.removeItem(KEPT),
};

async function refusal(response) {
  let message = `The server answered ${response.status}.`;
  try {
    message = (await response.json()).error.message;
  } catch {
    // it was no JSON: the status has to do
  }
  return new Refused(response.status, message);
}

// What comes when somebody else is signed in, or nobody, is for nobody: LATE.
export const LATE = -1;
export const UNREACHED = 0;

async function send(method, path, body) {
  const used = key.get();
  const headers = { Authorization: `Bearer ${used}` };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(path, { method, headers, body: body && JSON.stringify(body), cache: "no-store" });
  } catch {
    throw new Refused(UNREACHED, "The server cannot be reached.");
  }
  if (key.get() !== used) throw new Refused(LATE, "");
  if (!response.ok) throw await refusal(response);
  return response;
}

const call = async (...request) => (await send(...request)).json();
const at = (id, rest = "") => `/console/v1/sandboxes/${encodeURIComponent(id)}${rest}`;
const castle = (id, rest) => `/v2/sandcastles/${encodeURIComponent(id)}${rest}`;
const path = (name) => name.split("/").map(encodeURIComponent).join("/");

export const list = (cursor) =>
  call("GET", "/console/v1/sandboxes" + (cursor ? `?cursor=${encodeURIComponent(cursor)}` : ""));
export const create = (name) => call("POST", "/console/v1/sandboxes", name ? { name } : {});
export const get = (id) => call("GET", at(id));
export const remove = (id) => call("DELETE", at(id));
export const start = (id) => call("POST", at(id, "/start"));
export const stop = (id) => call("POST", at(id, "/stop"));
export const clone = (id, name) => call("POST", at(id, "/clone"), name ? { name } : {});
export const undo = (id) => call("POST", at(id, "/undo"));
export const interrupt = (id) => call("POST", at(id, "/interrupt"));
export const head = (id, name, rows) => call("POST", at(id, "/head"), { name, rows });
export const log = (id) => call("GET", castle(id, "/executions?limit=20"));
export const files = (id) => call("GET", castle(id, "/files"));
export const file = async (id, name) => (await send("GET", castle(id, `/files/${path(name)}`))).blob();

// Calls each with every line's object as it comes. Ends with the last one; a stream that breaks off throws.
export async function execute(id, code, each) {
  const response = await send("POST", at(id, "/execute"), { code });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let ended = false;
  const take = (line) => {
    const message = JSON.parse(line);
    ended = !("output" in message);
    each(message);
  };
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      const lines = (rest + value).split("\n");
      rest = lines.pop();
      lines.forEach(take);
    }
  } catch {
    ended = false;
  }
  if (!ended) throw new Refused(UNREACHED, "The connection was lost while the code ran.");
}

// A link that the server has signed, on whatever address it is seen here.
export function local(url) {
  const { pathname, search } = new URL(url, location.href);
  return pathname + search;
}
