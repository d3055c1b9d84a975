// SPDX-License-Identifier: Apache-2.0
// A client with nothing but Node's own fetch and WebSocket. URL and KEY in the environment.
import assert from "node:assert/strict";

const {URL: base, KEY: key} = process.env;

async function call(method, path, body) {
  const reply = await fetch(base + path, {
    method, body: body && JSON.stringify(body), signal: AbortSignal.timeout(60000),
    headers: {Authorization: `Bearer ${key}`, ...(body && {"Content-Type": "application/json"})},
  });
  return {status: reply.status, said: await reply.json()};
}

async function good(method, path, body) {
  const {status, said} = await call(method, path, body);
  assert.ok(status < 300, `${method} ${path}: ${status} ${JSON.stringify(said)}`);
  return said;
}

// The frames of one execution and the code that the server closes with.
function interpret(id, code) {
  return new Promise((resolve, reject) => {
    const address = `${base.replace("http", "ws")}/toolbox/${id}/process/interpreter/execute`;
    const socket = new WebSocket(address, {headers: {Authorization: `Bearer ${key}`}});
    const frames = [];
    socket.onopen = () => socket.send(JSON.stringify({code}));
    socket.onmessage = ({data}) => frames.push(JSON.parse(data));
    socket.onclose = (event) => resolve({frames, code: event.code});
    socket.onerror = (event) => reject(event.error ?? new Error(event.message));
  });
}

async function sandcastle() {
  const {sandbox_id: id} = await good("POST", "/v2/sandcastles");
  const path = `/v2/sandcastles/${id}`;
  const run = (code) => good("POST", `${path}/execute`, {code});
  assert.deepEqual((await run("x = 'ü'\nprint(x, 1)\nprint()")).output, ["ü 1", ""]);
  assert.deepEqual((await run("print(x * 2)")).output, ["üü"]);
  const failed = await run("{}['key']");
  assert.equal(failed.output, null);
  assert.equal(failed.error, "executing Python code: KeyError('key')");
  const {sandboxes} = await good("GET", "/v2/sandcastles?limit=200");
  assert.equal(sandboxes.find((each) => each.sandbox_id === id).status, "running");
  assert.deepEqual(await good("DELETE", path), {success: true});
  assert.deepEqual(await good("GET", path), {status: "stopped"});
  assert.equal((await good("POST", "/v2/sandcastles", {sandbox_id: id})).sandbox_id, id);
  assert.deepEqual((await run("print(x)")).output, ["ü"]);
  await good("DELETE", `/sandbox/${id}`);
  assert.equal((await call("GET", path)).status, 404);
}

async function files() {
  const {sandbox_id: id} = await good("POST", "/v2/sandcastles");
  const form = new FormData();
  form.append("file", new Blob(["a,b\n1,2\n"]), "in.csv");
  const sent = await fetch(`${base}/v2/sandcastles/${id}/files`,
                           {method: "POST", body: form, headers: {Authorization: `Bearer ${key}`}});
  assert.equal(sent.status, 201);
  const code = "open('out.txt', 'w').write(open('in.csv').read().upper())";
  const said = await good("POST", `/v2/sandcastles/${id}/execute`, {code});
  assert.equal(await (await fetch(said.files[0].url)).text(), "A,B\n1,2\n");
}

async function interpreter() {
  const {id} = await good("POST", "/sandbox", {});
  assert.deepEqual(await interpret(id, "y = 6\nprint('a')\nprint('b')"), {
    frames: [{type: "stdout", text: "a\n"}, {type: "stdout", text: "b\n"}, {type: "control", text: "completed"}],
    code: 1000,
  });
  const {frames} = await interpret(id, "print(y * 7)\nimport sys\nprint('e', file=sys.stderr)\n1/0");
  assert.deepEqual(frames.slice(0, 2), [{type: "stdout", text: "42\n"}, {type: "stderr", text: "e\n"}]);
  assert.equal(frames[2].name, "ZeroDivisionError");
  await good("POST", `/sandbox/${id}/stop`);
  assert.equal((await good("GET", `/sandbox/${id}`)).state, "stopped");
  await good("POST", `/sandbox/${id}/start`);
  assert.equal((await interpret(id, "print(y)")).frames[0].text, "6\n");
  await good("DELETE", `/sandbox/${id}`);
}

await {sandcastle, files, interpreter}[process.argv[2]]();
