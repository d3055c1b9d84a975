# SPDX-License-Identifier: Apache-2.0
"""A server in a folder of its own, and a client that speaks to it over a real socket."""

import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))

import contract

CLUTCH = os.path.abspath(os.environ.get("CLUTCH", "build/clutch"))
SECONDS = 60  # nothing here takes this long: more is a hang


class Reply:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.body[:500]!r}"


class Server:
    """`clutch serve` on a port that is free; without pandas, and without sandboxes that are kept ready, whose
    processes come and go, unless they are asked for."""

    def __init__(self, *arguments, folder=None, pandas=False, address="127.0.0.1"):
        self.folder = folder or os.path.realpath(tempfile.mkdtemp(prefix="clutch-http-"))
        self.owns_folder = folder is None
        self.state = os.path.join(self.folder, "state")
        self.log_path = os.path.join(self.folder, "log")
        self.arguments = [CLUTCH, "serve", "--state", self.state, "--listen", f"{address}:0",
                          *([] if pandas else ["--preload", "none"]), "--ready", "0", *arguments]
        self.key = None
        self.start()

    def start(self):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                self.arguments, stdout=subprocess.PIPE, stderr=log, text=True,
                env={**os.environ, "TMPDIR": self.folder}, preexec_fn=default_signals)
        self.url = None
        for line in self.process.stdout:
            name, _, value = line.strip().partition(": ")
            if name == "key":
                self.key = value
            if name == "listening":
                self.url = value
                break
        if self.url is None:
            raise AssertionError(f"the server did not start: {self.log()}")
        self.host, _, port = self.url.partition("//")[2].rpartition(":")
        self.host, self.port = self.host.strip("[]"), int(port)

    def add_key(self, organisation, scopes="read,write", limits=""):
        """Another key, in use at once."""
        done = subprocess.run([CLUTCH, "serve", "--state", self.state, "--add-key", organisation, "--scopes",
                               scopes], capture_output=True, text=True, timeout=SECONDS, check=True)
        path = os.path.join(self.state, "serve.keys")
        if limits:
            with open(path, encoding="utf-8") as file:
                text = file.read()
            with open(path, "w", encoding="utf-8") as file:
                file.write(text.rstrip("\n") + " " + limits + "\n")
        read_before = self.log().count('"event":"keys"')
        self.process.send_signal(signal.SIGHUP)
        wait_until(lambda: self.log().count('"event":"keys"') > read_before, "the keys are read again")
        return done.stdout.strip().partition(": ")[2]

    def log(self):
        with open(self.log_path, encoding="utf-8") as file:
            return file.read()

    def connect(self):
        sock = socket.create_connection((self.host, self.port), timeout=SECONDS)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock

    def call(self, method, path, body=None, key="", headers=None, connection=None):
        """body: a text or bytes as it is, or something to send as JSON. key: "" the server's, or None."""
        sent = dict(headers or {})
        key = self.key if key == "" else key
        if key is not None:
            sent.setdefault("Authorization", f"Bearer {key}")
        if body is not None and not isinstance(body, (str, bytes)):
            body = json.dumps(body)
            sent.setdefault("Content-Type", "application/json")
        if isinstance(body, str):
            body = body.encode()
        own = connection or http.client.HTTPConnection(self.host, self.port, timeout=SECONDS)
        own.request(method, path, body=body, headers=sent)
        got = own.getresponse()
        reply = Reply(got.status, dict(got.getheaders()), got.read())
        if connection is None:
            own.close()
        if method != "HEAD":
            contract.check(method, path, reply)
        return reply

    def metric(self, line):
        """The value of a line of /metrics, such as 'clutch_connections'."""
        for each in self.call("GET", "/metrics").body.decode().splitlines():
            name, _, value = each.rpartition(" ")
            if name == line:
                return float(value)
        return None

    def peak(self):
        """Bytes of memory that its own process had at its highest."""
        with open(f"/proc/{self.process.pid}/status", encoding="utf-8") as file:
            return int(re.search(r"VmHWM:\s+(\d+) kB", file.read())[1]) << 10

    def processes(self):
        """The warm interpreter and all that descends from it."""
        found = [int(re.findall(r"template (\d+) is warm", self.log())[-1])]
        for pid in found:
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
                for task in os.listdir(f"/proc/{pid}/task"):
                    with open(f"/proc/{pid}/task/{task}/children", encoding="utf-8") as file:
                        found += [int(child) for child in file.read().split()]
        return found

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def stop(self, number=signal.SIGTERM):
        """Ends it as an operator would; returns its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        status = self.process.wait(timeout=SECONDS)
        self.process.stdout.close()
        return status

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        if self.owns_folder:
            shutil.rmtree(self.folder, ignore_errors=True)


def default_signals():
    """For preexec_fn: what a runner in the background ignores is ignored by its children too."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)


def make_certificate(test, folder):
    """Paths of a certificate for 127.0.0.1 and of its key; skips the test where there is no openssl."""
    certificate, key = os.path.join(folder, "c.pem"), os.path.join(folder, "k.pem")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
               "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate]
    if shutil.which("openssl") is None or subprocess.run(command, capture_output=True).returncode != 0:
        test.skipTest("openssl makes no certificate here")
    return certificate, key


def wait_until(condition, what, seconds=SECONDS):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not after {seconds} s")
        time.sleep(0.02)


def has_ended(pid):
    """Also when its parent has not asked for its end yet."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


class Case(unittest.TestCase):
    """Tests of one server that they share."""

    maxDiff = None
    arguments = ()
    pandas = False

    @classmethod
    def setUpClass(cls):
        cls.server = Server(*cls.arguments, pandas=cls.pandas)
        cls.addClassCleanup(cls.server.close)

    def call(self, *arguments, **options):
        return self.server.call(*arguments, **options)

    def create(self, **options):
        reply = self.call("POST", "/v2/sandcastles", **options)
        self.assertEqual(reply.status, 201, reply)
        return reply.json["sandbox_id"]

    def execute(self, sandbox, code, **options):
        return self.call("POST", f"/v2/sandcastles/{sandbox}/execute", {"code": code}, **options)

    def output(self, sandbox, code, **options):
        reply = self.execute(sandbox, code, **options)
        self.assertEqual(reply.status, 200, reply)
        self.assertNotIn("error", reply.json)
        return reply.json["output"]

    def in_background(self, function, *arguments, **options):
        """Returns a thread whose `result` is what the function returned."""
        thread = threading.Thread(daemon=True, target=lambda: setattr(thread, "result",
                                                                     function(*arguments, **options)))
        thread.result = None
        thread.start()
        return thread

    def assert_textql_error(self, reply, status, code):
        self.assertEqual(reply.status, status, reply)
        self.assertEqual(list(reply.json), ["error"], reply)
        self.assertEqual(set(reply.json["error"]), {"code", "message"}, reply)
        self.assertEqual(reply.json["error"]["code"], code, reply)
