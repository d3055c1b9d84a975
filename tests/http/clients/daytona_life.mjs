// SPDX-License-Identifier: Apache-2.0
// Daytona's published client for Node: a sandbox's life. URL and KEY in the environment, and in CLIENTS
// the folder that has the client in its node_modules.
import assert from "node:assert/strict";
import {createRequire} from "node:module";

const {Daytona, DaytonaNotFoundError} = createRequire(`${process.env.CLIENTS}/here.js`)("@daytonaio/sdk");
const client = new Daytona({apiKey: process.env.KEY, apiUrl: process.env.URL});

const sandbox = await client.create({language: "python", name: "sdk-node", envVars: {A: "b"}, labels: {c: "d"}});
assert.deepEqual([sandbox.name, sandbox.state, sandbox.labels.c], ["sdk-node", "started", "d"]);

const run = await sandbox.process.codeRun("import os\nprint(os.environ['A'])");
assert.deepEqual([run.exitCode, run.result], [0, "b\n"]);
assert.equal((await sandbox.process.codeRun("1/0")).exitCode, 1);

const interpreter = sandbox.codeInterpreter;
const seen = [];
await interpreter.runCode("x = 5\nprint('a')\nprint('b')", {onStdout: ({output}) => seen.push(output)});
assert.deepEqual(seen, ["a\n", "b\n"]);
const failed = await interpreter.runCode("print(x)\n1/0");
assert.deepEqual([failed.stdout, failed.error.name], ["5\n", "ZeroDivisionError"]);

await sandbox.fs.uploadFile(Buffer.from("hello"), "in.txt");
assert.equal((await sandbox.fs.downloadFile("in.txt")).toString(), "hello");
await sandbox.fs.uploadFile(Buffer.from("b"), "é ü.txt");
assert.equal((await sandbox.fs.downloadFile("é ü.txt")).toString(), "b");
await sandbox.fs.deleteFile("é ü.txt");
assert.deepEqual((await sandbox.fs.listFiles(".")).map(({name}) => name), ["in.txt"]);

const names = [];
for await (const each of client.list()) names.push(each.name);
assert.ok(names.includes("sdk-node"));

await sandbox.stop();
assert.equal(sandbox.state, "stopped");
await sandbox.start();
assert.equal((await interpreter.runCode("print(x)")).stdout, "5\n");
await sandbox.delete();
await assert.rejects(client.get("sdk-node"), DaytonaNotFoundError);
process.exit(0); // the client holds a connection open that it tries again and again
