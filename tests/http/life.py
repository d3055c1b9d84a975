# SPDX-License-Identifier: Apache-2.0
"""The server's own life: its settings, start, stop, health, and clients that misbehave."""

import contextlib
import json
import os
import random
import signal
import socket
import ssl
import subprocess
import tempfile
import time

import support


def serve(*arguments):
    return subprocess.run([support.CLUTCH, "serve", *arguments], capture_output=True, text=True,
                          timeout=support.SECONDS)


class Settings(support.unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="clutch-http-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.state = os.path.join(self.folder, "state")
        self.file = os.path.join(self.folder, "serve.conf")

    def assert_usage(self, done, *words):
        self.assertEqual(done.returncode, 2, done)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)

    def test_bad_options_are_named(self):
        state = ("--state", self.state)
        self.assert_usage(serve(), "--state")
        self.assert_usage(serve(*state, "--nope", "1"), "--nope")
        self.assert_usage(serve(*state, "--rate"), "--rate")
        self.assert_usage(serve(*state, "--rate", "0"), "--rate", "from 1")
        self.assert_usage(serve(*state, "--memory", "1X"), "--memory", "size")
        self.assert_usage(serve(*state, "--network", "maybe"), "--network", "yes or no")
        self.assert_usage(serve(*state, "--tls-key", "x"), "tls-certificate")
        self.assert_usage(serve(*state, "--log", "x"), "log")
        self.assert_usage(serve(*state, "x"), "'x'")

    def test_a_bad_line_is_named_with_its_number(self):
        for line, word in (("rate = many", "rate"), ("no equals", "no equals"), ("nope = 1", "nope"),
                           ("add-key = x", "add-key"), ("state =", "state")):
            with open(self.file, "w", encoding="utf-8") as file:
                file.write(f"# a comment\n\nthreads = 2\n{line}\n")
            self.assert_usage(serve("--state", self.state, "--config", self.file), "serve.conf:4:", word)
        self.assert_usage(serve("--config", "/nowhere/at/all"), "/nowhere/at/all")

    def test_what_cannot_be_served_is_status_3(self):
        taken = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(taken.close)
        port = taken.getsockname()[1]
        for arguments, word in ((("--listen", f"127.0.0.1:{port}"), "in use"),
                                (("--listen", "nowhere"), "ADDRESS:PORT"),
                                (("--tls-key", "/x", "--tls-certificate", "/x"), "/x")):
            done = serve("--state", self.state, "--preload", "none", "--log", "none", *arguments)
            self.assertEqual(done.returncode, 3, done)
            self.assertIn(word, done.stderr.splitlines()[-1])

    def test_a_file_gives_settings_and_options_win(self):
        with open(self.file, "w", encoding="utf-8") as file:
            file.write("code-size = 10\nbody-size=2K\n")
        server = support.Server("--config", self.file, "--code-size", "20", folder=self.folder)
        self.addCleanup(server.close)
        sandbox = server.call("POST", "/v2/sandcastles").json["sandbox_id"]
        path = f"/v2/sandcastles/{sandbox}/execute"
        self.assertEqual(server.call("POST", path, {"code": "x" * 20}).status, 200)
        self.assertEqual(server.call("POST", path, {"code": "x" * 21}).status, 400)
        self.assertEqual(server.call("POST", path, {"code": "x" * 3000}).status, 413)

    def test_help_names_every_setting(self):
        done = serve("--help")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for word in ("--state", "--listen", "--rate", "--config", "--memory", "--add-key"):
            self.assertIn(word, done.stdout)


class Life(support.unittest.TestCase):
    def start(self, *arguments, **options):
        server = support.Server(*arguments, **options)
        self.addCleanup(server.close)
        return server

    def test_it_starts_and_is_healthy_and_ready(self):
        server = self.start()
        self.assertEqual(server.call("GET", "/healthz", key=None).json["status"], "ok")
        self.assertEqual(server.call("GET", "/readyz", key=None).json, {"status": "ready"})

    def test_an_address_that_is_none_for_clients_is_warned_of(self):
        server = self.start(address="0.0.0.0")
        self.assertIn("links begin with http://0.0.0.0:", server.log())
        for server in (self.start(), self.start("--public-url", "http://example.com", address="0.0.0.0")):
            self.assertNotIn("links begin", server.log())

    def test_sessions_outlive_a_stop_and_keys_are_printed_once(self):
        server = self.start()
        key = server.key
        sandbox = server.call("POST", "/v2/sandcastles").json["sandbox_id"]
        server.call("POST", f"/v2/sandcastles/{sandbox}/execute", {"code": "x = 'kept'"})
        self.assertEqual(server.stop(), 0)
        server.key = None
        server.start()
        self.assertIsNone(server.key)
        server.key = key
        self.assertEqual(server.call("GET", f"/v2/sandcastles/{sandbox}").json, {"status": "stopped"})
        self.assertEqual(server.call("POST", "/v2/sandcastles", {"sandbox_id": sandbox}).status, 201)
        reply = server.call("POST", f"/v2/sandcastles/{sandbox}/execute", {"code": "print(x)"})
        self.assertEqual(reply.json["output"], ["kept"])

    def test_a_stop_lets_what_runs_end(self):
        server = self.start()
        case = support.Case()
        sandbox = server.call("POST", "/v2/sandcastles").json["sandbox_id"]
        path = f"/v2/sandcastles/{sandbox}/execute"
        code = {"code": "import time; time.sleep(1)\nprint(7)"}
        thread = case.in_background(server.call, "POST", path, code)
        time.sleep(0.4)
        begun = time.monotonic()
        self.assertEqual(server.stop(), 0)
        thread.join()
        self.assertEqual(thread.result.json["output"], ["7"])
        self.assertLess(time.monotonic() - begun, 5)

    def test_a_stop_cancels_what_does_not_end(self):
        server = self.start("--drain", "1")
        case = support.Case()
        sandbox = server.call("POST", "/v2/sandcastles").json["sandbox_id"]
        path = f"/v2/sandcastles/{sandbox}/execute"
        code = {"code": "import time\nwhile True: time.sleep(0.01)"}
        threads = [case.in_background(server.call, "POST", path, code) for _ in range(2)]
        time.sleep(0.4)
        begun = time.monotonic()
        self.assertEqual(server.stop(signal.SIGINT), 0)
        self.assertLess(time.monotonic() - begun, 10)
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(thread.result.status for thread in threads), [200, 503])

    def test_a_stop_saves_others_beside_those_that_hold_it_up(self):
        server = self.start("--drain", "1", "--save", "4", "--threads", "4")
        case = support.Case()
        attacker = server.add_key("attacker")
        hostile = ("import time\nclass Hostile:\n def __reduce__(self):\n  while True: time.sleep(1)\n"
                   "thing = Hostile()")

        def make(code, key=""):
            sandbox = server.call("POST", "/v2/sandcastles", key=key).json["sandbox_id"]
            path = f"/v2/sandcastles/{sandbox}/execute"
            self.assertEqual(server.call("POST", path, {"code": code}, key=key).json["output"], [])
            return sandbox

        def try_to_stop(sandbox):
            with contextlib.suppress(OSError, support.http.client.HTTPException):
                server.call("DELETE", f"/v2/sandcastles/{sandbox}", key=attacker)

        bad = [make(hostile, attacker) for _ in range(12)]
        good = [make("x = 'kept'") for _ in range(5)]
        calls = [case.in_background(try_to_stop, sandbox) for sandbox in bad[:6]]
        time.sleep(0.5)
        begun = time.monotonic()
        self.assertEqual(server.stop(), 0)
        self.assertLess(time.monotonic() - begun, 12)
        self.assertIn("could not be saved in time", server.log())
        for call in calls:
            call.join()
        server.start()
        for sandbox in good:
            self.assertEqual(server.call("POST", "/v2/sandcastles", {"sandbox_id": sandbox}).status, 201)
            reply = server.call("POST", f"/v2/sandcastles/{sandbox}/execute", {"code": "print(x)"})
            self.assertEqual(reply.json["output"], ["kept"])

    def test_a_stop_does_not_wait_for_clients_that_hang(self):
        server = self.start("--drain", "1")
        socks = []
        for text in (b"", b"GET /heal",
                     b"POST /v2/sandcastles HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{"):
            socks.append(server.connect())
            socks[-1].sendall(text)
        time.sleep(0.2)
        begun = time.monotonic()
        self.assertEqual(server.stop(), 0)
        self.assertLess(time.monotonic() - begun, 8)
        for sock in socks:
            sock.close()

    def test_a_log_that_nobody_reads_holds_nothing_up(self):
        server = self.start("--log", "none")
        self.assertEqual(server.stop(), 0)
        log = os.pipe()
        self.addCleanup(os.close, log[0])
        process = subprocess.Popen([*server.arguments[:-2], "--log", "all"], stdout=subprocess.PIPE,
                                   stderr=log[1], text=True)
        os.close(log[1])
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        server.port = int(process.stdout.readline().rpartition(":")[2])
        connection = support.http.client.HTTPConnection(server.host, server.port, timeout=10)
        for _ in range(2000):  # several times what a pipe holds
            self.assertEqual(server.call("GET", "/healthz", connection=connection).status, 200)
        connection.close()

    def test_every_acknowledged_execution_is_recorded_when_the_server_is_killed(self):
        server = self.start()
        case = support.Case()
        acknowledged = {}

        def work():
            sandbox = server.call("POST", "/v2/sandcastles").json["sandbox_id"]
            done = acknowledged.setdefault(sandbox, [])
            try:
                for number in range(100000):
                    path = f"/v2/sandcastles/{sandbox}/execute"
                    if server.call("POST", path, {"code": f"x = {number}"}).status == 200:
                        done.append(f"x = {number}")
            except (OSError, support.http.client.HTTPException):
                return

        threads = [case.in_background(work) for _ in range(4)]
        time.sleep(1.5)
        server.process.kill()
        server.process.wait()
        for thread in threads:
            thread.join()
        server.process.stdout.close()
        server.start()
        for sandbox, codes in acknowledged.items():
            self.assertGreater(len(codes), 10)
            reply = server.call("GET", f"/v2/sandcastles/{sandbox}/executions?limit=200").json
            listed = [item["input"] for item in reply["executions"]]
            newest = codes[::-1][:len(listed) - 1]
            self.assertIn(newest, (listed[:len(newest)], listed[1:len(newest) + 1]))
            self.assertEqual(server.call("GET", f"/v2/sandcastles/{sandbox}").json, {"status": "stopped"})
            self.assertEqual(server.call("POST", "/v2/sandcastles", {"sandbox_id": sandbox}).status, 201)

    def test_it_listens_on_ipv6(self):
        try:
            socket.create_server(("::1", 0), family=socket.AF_INET6).close()
        except OSError:
            self.skipTest("there is no IPv6 here")
        server = self.start(address="[::1]")
        self.assertEqual(server.host, "::1")
        self.assertEqual(server.call("GET", "/healthz").status, 200)

    def test_nothing_is_left_after_a_stop(self):
        server = self.start()
        for _ in range(3):
            server.call("POST", "/v2/sandcastles")
        processes = server.processes()
        self.assertGreater(len(processes), 3)
        self.assertEqual(server.stop(), 0)
        for pid in processes:
            support.wait_until(lambda: support.has_ended(pid), f"the end of process {pid}", 10)

    def test_a_certificate_is_renewed_without_a_restart(self):
        folder = os.path.realpath(tempfile.mkdtemp(prefix="clutch-http-"))
        self.addCleanup(support.shutil.rmtree, folder, ignore_errors=True)
        certificate, key = support.make_certificate(self, folder)
        server = self.start("--tls-certificate", certificate, "--tls-key", key, folder=folder)

        def shown():
            return ssl.get_server_certificate(("127.0.0.1", server.port)).strip()

        def read_again(word):
            count = server.log().count(word)
            server.process.send_signal(signal.SIGHUP)
            support.wait_until(lambda: server.log().count(word) > count, word)

        with open(certificate, encoding="ascii") as file:
            first = file.read().strip()
        self.assertEqual(shown(), first)
        context = ssl.create_default_context(cafile=certificate)
        old = support.http.client.HTTPSConnection("127.0.0.1", server.port, context=context, timeout=20)
        self.assertEqual(server.call("GET", "/healthz", connection=old).status, 200)
        support.make_certificate(self, folder)
        with open(certificate, encoding="ascii") as file:
            second = file.read().strip()
        self.assertNotEqual(first, second)
        self.assertEqual(shown(), first)
        read_again('"event":"certificate"')
        self.assertEqual(shown(), second)
        self.assertEqual(server.call("GET", "/healthz", connection=old).status, 200)
        for path in (certificate, key):
            with open(path, encoding="ascii") as file:
                text = file.read()
            with open(path, "w", encoding="ascii") as file:
                file.write("nothing")
            read_again(os.path.basename(path) + ": no PEM file")
            with open(path, "w", encoding="ascii") as file:
                file.write(text)
        with open(certificate, "w", encoding="ascii") as file:
            file.write(first + "\n")
        read_again("the key is not that of the certificate")
        self.assertEqual(shown(), second)
        read_again('"event":"keys"')
        server.stop()

    def test_it_speaks_tls(self):
        folder = os.path.realpath(tempfile.mkdtemp(prefix="clutch-http-"))
        self.addCleanup(support.shutil.rmtree, folder, ignore_errors=True)
        certificate, key = support.make_certificate(self, folder)
        server = self.start("--tls-certificate", certificate, "--tls-key", key, folder=folder)
        context = ssl.create_default_context(cafile=certificate)
        connection = support.http.client.HTTPSConnection("127.0.0.1", server.port, context=context,
                                                         timeout=20)
        reply = server.call("POST", "/v2/sandcastles", connection=connection)
        self.assertEqual(reply.status, 201, reply)
        sandbox = reply.json["sandbox_id"]
        reply = server.call("POST", f"/v2/sandcastles/{sandbox}/execute", {"code": "print(1)"},
                            connection=connection)
        self.assertEqual(reply.json["output"], ["1"])


class Bodies(support.Case):
    arguments = ("--bodies-size", "4M", "--body-size", "3M")

    def half(self, path, key, size):
        """A connection whose request lacks the end of its body."""
        sock = self.server.connect()
        self.addCleanup(sock.close)
        credential = b"Authorization: Bearer %s\r\n" % key.encode() if key else b""
        sock.sendall(b"POST %s HTTP/1.1\r\nHost: x\r\n%sContent-Length: %d\r\n\r\n" %
                     (path, credential, size + 1) + b" " * size)

    def test_those_that_are_held_back_leave_room_for_other_keys(self):
        stranger = self.server.add_key("other")
        for _ in range(6):
            self.half(b"/v2/sandcastles", stranger, 1500000)
        support.wait_until(lambda: self.server.metric("clutch_body_bytes") >= 2 << 20, "bodies are held")
        time.sleep(0.3)
        self.assertLessEqual(self.server.metric("clutch_body_bytes"), 3 << 20)
        body = {"code": "#" + "x" * 700000}
        sandbox = self.create()
        self.assertEqual(self.call("POST", f"/v2/sandcastles/{sandbox}/execute", body).status, 200)
        sandbox = self.create(key=stranger)
        reply = self.call("POST", f"/v2/sandcastles/{sandbox}/execute", {"code": "#" + "x" * 1500000},
                          key=stranger)
        self.assertEqual((reply.status, reply.headers["Retry-After"]), (503, "1"))

    def test_without_a_key_none_is_held(self):
        before = self.server.metric("clutch_body_bytes")
        for path in (b"/healthz", b"/openapi.json", b"/page/page.js"):
            sock = self.server.connect()
            self.addCleanup(sock.close)
            sock.sendall(b"GET %s HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n" % path)
            sock.sendall(b" " * 1900000)
        time.sleep(0.5)
        self.assertEqual(self.server.metric("clutch_body_bytes"), before)


class FullDisk(support.unittest.TestCase):
    """Each reply is one that the document has, which call() looks at."""

    def setUp(self):
        folder = os.path.realpath(tempfile.mkdtemp(prefix="clutch-http-"))
        self.addCleanup(support.shutil.rmtree, folder, ignore_errors=True)
        mount = ["mount", "-t", "tmpfs", "-o", "size=24m", "none", folder]
        if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
            self.skipTest("nothing can be mounted here")
        self.addCleanup(subprocess.run, ["umount", "-l", folder], check=True)
        self.server = support.Server("--save", "3", folder=folder)
        self.addCleanup(self.server.close)

    def test_a_full_disk_is_told_and_survived(self):
        call = self.server.call
        full, slept, packed = (call("POST", "/sandbox", {}).json["id"] for _ in range(3))
        for path in (f"/sandbox/{slept}/stop", f"/sandbox/{packed}/stop", f"/sandbox/{packed}/archive"):
            self.assertEqual(call("POST", path).status, 200)
        code = {"code": "x = 5\nwith open('fill', 'wb', 0) as file:\n try:\n"
                        "  while True: file.write(b'x' * 4096)\n"
                        " except OSError: pass"}
        self.assertEqual(call("POST", f"/v2/sandcastles/{full}/execute", code).json["output"], [])
        for status, method, path, body in (
                (500, "POST", "/v2/sandcastles", {"sandbox_id": slept}), (500, "POST", "/v2/sandcastles", {}),
                (500, "POST", f"/v2/sandcastles/{full}/exec", {"command": "1", "kind": "python"}),
                (500, "DELETE", f"/v2/sandcastles/{full}", None), (507, "POST", "/sandbox", {}),
                (507, "POST", f"/sandbox/{packed}/start", None), (507, "POST", f"/sandbox/{full}/fork", {}),
                (507, "PUT", f"/sandbox/{full}/labels", {"labels": {"a": "b"}}),
                (507, "POST", f"/sandbox/{full}/autostop/5", None),
                (507, "POST", f"/sandbox/{full}/stop", None),
                (507, "POST", f"/toolbox/{full}/process/code-run", {"code": "1"}),
                (507, "POST", f"/toolbox/{full}/process/interpreter/context", {}),
                (507, "POST", "/console/v1/sandboxes", {}), (200, "DELETE", f"/sandbox/{slept}", None)):
            reply = call(method, path, body)
            self.assertEqual(reply.status, status, (method, path, reply))
        code = {"code": "import os; print(x); os.remove('fill')"}
        self.assertEqual(call("POST", f"/v2/sandcastles/{full}/execute", code).json["output"], ["5"])
        self.assertEqual(call("POST", f"/sandbox/{packed}/start").json["state"], "started")
        self.assertEqual(self.server.stop(), 0)


class Ready(support.Case):
    arguments = ("--ready", "2")

    def test_creates_are_served_from_sandboxes_that_wait(self):
        support.wait_until(lambda: self.server.metric("clutch_pool_ready") >= 2, "two are ready")
        sandbox = self.create()
        self.assertEqual(self.server.metric('clutch_pool_creates_total{pool="hit"}'), 1)
        self.assertEqual(self.output(sandbox, "print(1)"), ["1"])


class Clients(support.Case):
    arguments = ("--request-time", "1", "--idle", "2", "--body-size", "1M", "--connections", "40")

    def ended(self, sock, seconds=8):
        """Whether the server closes the connection; what it says before is dropped."""
        sock.settimeout(seconds)
        try:
            while sock.recv(65536):
                pass
        except ConnectionError:
            pass
        except TimeoutError:
            return False
        return True

    def test_one_connection_takes_many_requests(self):
        connection = support.http.client.HTTPConnection(self.server.host, self.server.port, timeout=20)
        for _ in range(50):
            self.assertEqual(self.call("GET", "/healthz", connection=connection).status, 200)
        connection.close()

    def test_what_the_kernel_refused_is_counted(self):
        name = 'clutch_execution_refusals_total{kind="network"}'
        self.assertEqual(self.server.metric(name), 0)
        self.execute(self.create(), "import socket; socket.socket()")
        self.assertEqual(self.server.metric(name), 1)

    def test_requests_in_one_packet_are_answered_in_turn(self):
        with self.server.connect() as sock:
            sock.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" * 3 +
                         b"GET /nope HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            text = b""
            while part := sock.recv(65536):
                text += part
        self.assertEqual(text.count(b"HTTP/1.1 200"), 3)
        self.assertEqual(text.count(b"HTTP/1.1 404"), 1)

    def test_slow_and_silent_clients_are_ended(self):
        slow = [b"", b"GET /healthz HT", b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: b",
                b"POST /v2/sandcastles HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nAuthorization: Bearer " +
                self.server.key.encode() + b"\r\n\r\n{"]
        socks = []
        for text in slow:
            socks.append(self.server.connect())
            socks[-1].sendall(text)
        for text, sock in zip(slow, socks):
            with sock:
                self.assertTrue(self.ended(sock), text)
        self.assertEqual(self.call("GET", "/healthz").status, 200)

    def test_what_a_client_leaves_behind_is_ended_at_once(self):
        post = b"POST /v2/sandcastles HTTP/1.1\r\nHost: x\r\nContent-Length: "
        for text, status in ((b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", b"200"), (b"GET /heal", b""),
                             (post + b"2\r\n\r\n{}", b"401"), (post + b"9\r\n\r\n{", b"")):
            begun = time.monotonic()
            with self.server.connect() as sock:
                sock.sendall(text)
                sock.shutdown(socket.SHUT_WR)
                self.assertIn(status, sock.recv(65536)[:20])
                self.assertTrue(self.ended(sock), text)
            self.assertLess(time.monotonic() - begun, 0.9, text)

    def test_an_idle_connection_is_ended(self):
        with self.server.connect() as sock:
            sock.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            self.assertTrue(self.ended(sock))

    def test_garbage_costs_one_connection(self):
        for text in (b"\0\1\2\3\r\n\r\n", b"GET\r\n\r\n", b"\r\n" * 100, os.urandom(5000) + b"\r\n\r\n",
                     b"GET / HTTP/9.9\r\n\r\n", b"GET /" + b"a" * 100000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
                     b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 20000 + b"\r\n",
                     b"POST /v2/sandcastles HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
                     b"POST /v2/sandcastles HTTP/1.1\r\nHost: x\r\nContent-Length: " + b"9" * 25 +
                     b"\r\n\r\n",
                     b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"):
            with self.server.connect() as sock:
                try:
                    sock.sendall(text)
                except ConnectionError:
                    pass
                self.assertTrue(self.ended(sock), text[:40])
            self.assertEqual(self.call("GET", "/healthz").status, 200)

    def test_mutated_requests_cost_nothing_but_their_connections(self):
        sandbox = self.create()
        body = b'{"code": "print(1)"}'
        whole = (b"POST /v2/sandcastles/%s/execute?x=%%20 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"
                 b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" %
                 (sandbox.encode(), self.server.key.encode(), len(body), body))
        dice = random.Random(5)
        for _ in range(300):
            text = bytearray(whole)
            for _ in range(dice.randint(1, 4)):
                at, much = dice.randrange(len(text)), dice.randint(0, 6)
                text[at:at + much] = dice.randbytes(dice.randint(0, 6)) if dice.random() < 0.7 else \
                    dice.choice((b"%00", b"\r\n", b"%", b"\\u0000", b" ", b"/..", b'"', b"9" * 30, b"\0"))
            with self.server.connect() as sock:
                try:
                    sock.sendall(text)
                    sock.shutdown(socket.SHUT_WR)
                    sock.settimeout(20)
                    while part := sock.recv(65536):
                        self.assertNotIn(b"HTTP/1.1 5", part[:12], text)
                except ConnectionError:
                    pass
        self.assertEqual(self.output(sandbox, "print(2)"), ["2"])
        support.wait_until(lambda: self.server.metric("clutch_connections") == 1, "the others are gone")
        self.assertEqual(self.server.metric("clutch_body_bytes"), 0)

    def test_a_body_that_is_too_large_is_413(self):
        self.assertEqual(self.call("POST", "/v2/sandcastles", b" " * (2 << 20)).status, 413)
        for length, more in ((1 << 40, b""), (2 << 20, b"Expect: 100-continue\r\n")):
            with self.server.connect() as sock:
                sock.sendall(b"POST /v2/sandcastles HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"
                             b"Content-Length: %d\r\n%s\r\n" % (self.server.key.encode(), length, more))
                self.assertIn(b" 413 ", sock.recv(4096).split(b"\r\n")[0])

    def test_bodies_in_chunks_are_taken_and_bounded(self):
        def chunks(*parts):
            return iter(parts)
        connection = support.http.client.HTTPConnection(self.server.host, self.server.port, timeout=20)
        headers = {"Authorization": f"Bearer {self.server.key}", "Transfer-Encoding": "chunked"}
        connection.request("POST", "/v2/sandcastles", body=chunks(b"{", b"}"), headers=headers,
                           encode_chunked=True)
        reply = connection.getresponse()
        self.assertEqual(reply.status, 201, reply.read())
        reply.read()
        connection.request("POST", "/v2/sandcastles", body=chunks(*[b" " * 65536] * 17), headers=headers,
                           encode_chunked=True)
        reply = connection.getresponse()
        self.assertEqual(reply.status, 413, reply.read())
        connection.close()
        support.wait_until(lambda: self.server.metric("clutch_body_bytes") == 0, "bodies are gone")

    def test_more_connections_than_allowed_wait_or_are_refused(self):
        socks = [self.server.connect() for _ in range(60)]
        for sock in socks:
            sock.close()
        self.assertEqual(self.call("GET", "/healthz").status, 200)

    def test_every_reply_has_a_request_id(self):
        reply = self.call("GET", "/healthz", headers={"X-Request-Id": "my-id.1"})
        self.assertEqual(reply.headers["X-Request-Id"], "my-id.1")
        for bad in ("a b", "x" * 65, "<script>"):
            reply = self.call("GET", "/nope", headers={"X-Request-Id": bad})
            self.assertRegex(reply.headers["X-Request-Id"], "^[0-9a-f]{24}$")
        support.wait_until(lambda: "my-id.1" in self.server.log(), "it is logged")
        for line in self.server.log().splitlines():
            self.assertIn("time", json.loads(line))

    def test_wrong_methods_are_405_and_paths_that_cannot_be_decoded_400(self):
        reply = self.call("DELETE", "/healthz")
        self.assertEqual((reply.status, reply.headers["Allow"]), (405, "GET"))
        for method in ("PATCH", "TRACE", "BREW"):
            self.assertEqual(self.call(method, "/v2/sandcastles").status, 405, method)
        for path in ("/%", "/%zz", "/%00", "/%ff", "/v2/sandcastles/%c0%80", "/healthz?x=%", "/healthz?%00"):
            self.assertEqual(self.call("GET", path).status, 400, path)
        for path, shape in (("/v2/%", ["error"]), ("/api/sandbox/%ff", ["error", "status"]),
                            ("/sandbox/%00", ["error", "message", "path", "statusCode", "timestamp"])):
            self.assertEqual(sorted(self.call("GET", path).json), shape, path)
        for path in ("//", "/healthz/", "/healthz//x", "/" + "a/" * 60):
            self.assertEqual(self.call("GET", path).status, 404, path)
        self.assertEqual(self.call("HEAD", "/healthz").status, 200)

    def test_a_method_that_is_no_word_is_405_in_every_family(self):
        for path in ("/healthz", "/v2/sandcastles", "/sandbox", "/api/sandbox", "/toolbox/x/files/upload"):
            for method in (b"POST\xc6", b"\xff" * 70, b"A" * 70):
                with self.server.connect() as sock:
                    sock.sendall(method + b" " + path.encode() + b" HTTP/1.1\r\nHost: x\r\n\r\n")
                    self.assertEqual(sock.recv(65536)[:12], b"HTTP/1.1 405", (method, path))

    def test_no_descriptor_is_left_behind(self):
        sandbox = self.create()
        self.execute(sandbox, "1")
        support.wait_until(lambda: self.server.metric("clutch_connections") == 1, "others are gone")
        before = self.server.descriptors()
        for _ in range(30):
            self.execute(sandbox, "1")
            self.call("GET", "/nope")
        support.wait_until(lambda: self.server.metric("clutch_connections") == 1, "others are gone")
        self.assertLessEqual(self.server.descriptors(), before + 1)
