# SPDX-License-Identifier: Apache-2.0
"""The Daytona family's interpreter: code over a WebSocket, and its contexts."""

import json
import os
import shutil
import socket
import ssl
import struct
import tempfile
import time

import support
from websocket import BINARY, CLOSE, PING, PONG, TEXT, Refused, WebSocket

COMPLETED = {"type": "control", "text": "completed"}


class Case(support.Case):
    def setUp(self):
        self.id = self.call("POST", "/sandbox", {}).json["id"]

    def path(self, tail="execute", sandbox=None):
        return f"/toolbox/{sandbox or self.id}/process/interpreter/{tail}"

    def open(self, **options):
        sock = WebSocket(self.server, self.path(), **options)
        self.addCleanup(sock.close)
        return sock

    def run_code(self, code, **wish):
        """(frames, close code)"""
        sock = self.open()
        sock.send({"code": code, **wish})
        frames = sock.all()
        self.reason = sock.reason
        return frames, sock.code

    def printed(self, code, **wish):
        frames, closed = self.run_code(code, **wish)
        self.assertEqual((frames[-1:], closed), ([COMPLETED], 1000), (frames, self.reason))
        self.assertLessEqual({frame["type"] for frame in frames[:-1]}, {"stdout", "stderr"}, frames)
        return "".join(frame["text"] for frame in frames[:-1])

    def make_context(self, **body):
        reply = self.call("POST", self.path("context"), body)
        self.assertEqual(reply.status, 200, reply)
        return reply.json["id"]


class Interpreter(Case):
    def test_a_frame_for_each_print(self):
        frames, closed = self.run_code("import sys\nprint('a\\nb')\nprint('é\\0', file=sys.stderr)\nprint()")
        self.assertEqual((frames, closed), ([{"type": "stdout", "text": "a\nb\n"},
                                             {"type": "stderr", "text": "é\0\n"},
                                             {"type": "stdout", "text": "\n"}, COMPLETED], 1000))

    def test_prints_come_when_they_happen(self):
        sock = self.open()
        sock.send({"code": "import os, time\nprint('first', flush=True)\n"
                           "while not os.path.exists('go'): time.sleep(0.01)\nprint('second')"})
        self.assertEqual(sock.receive()["text"], "first\n")
        with self.assertRaises(TimeoutError):
            sock.sock.settimeout(0.2)
            sock.sock.recv(1)
        sock.sock.settimeout(support.SECONDS)
        other = self.make_context()
        self.printed("open('go', 'w')", contextId=other)
        sock.file = sock.sock.makefile("rb")
        self.assertEqual([frame["text"] for frame in sock.all()], ["second\n", "completed"])

    def test_variables_last(self):
        self.assertEqual(self.printed("x = 5"), "")
        self.assertEqual(self.printed("print(x)"), "5\n")
        self.assertEqual(self.printed("print(x + 1)", contextId="default"), "6\n")
        self.assertEqual(self.output(self.id, "print(x)"), ["5"])

    def test_errors_are_apart_from_output(self):
        frames, closed = self.run_code("print('before')\n1/0")
        self.assertEqual([frame["type"] for frame in frames], ["stdout", "error", "control"])
        error = frames[1]
        self.assertEqual((error["name"], error["value"], closed),
                         ("ZeroDivisionError", "division by zero", 1000))
        self.assertRegex(error["traceback"], r"(?s)^Traceback .*line 2, in .*\nZeroDivisionError: ")
        frames, _ = self.run_code("def f(:")
        self.assertEqual(frames[0]["name"], "SyntaxError")

    def test_an_exit_is_no_error(self):
        self.assertEqual(self.printed("import sys; print(1); sys.exit(3)"), "1\n")

    def test_a_time_out_closes_with_4008_and_the_context_goes_on(self):
        begun = time.monotonic()
        frames, closed = self.run_code("x = 7\nprint(1)\nimport time\ntime.sleep(50)", timeout=0.3)
        self.assertEqual((frames, closed), ([{"type": "stdout", "text": "1\n"}], 4008))
        self.assertLess(time.monotonic() - begun, 5)
        self.assertEqual(self.printed("print(x)"), "7\n")

    def test_one_that_does_not_yield_is_killed_after_a_grace_and_comes_back(self):
        begun = time.monotonic()
        code = ("import time\nwhile True:\n try:\n  while True: time.sleep(0.01)\n"
                " except BaseException: pass")
        _, closed = self.run_code(code, timeout=0.2)
        self.assertEqual(closed, 4008)
        self.assertGreater(time.monotonic() - begun, 2)
        self.assertEqual(self.printed("print('x' in dir())"), "False\n")

    def test_a_crash_is_told_and_the_context_comes_back(self):
        self.printed("x = 1")
        frames, closed = self.run_code("import os; os.abort()")
        self.assertEqual((frames[-1]["type"], frames[-1]["name"], closed), ("error", "crashed", 1001))
        self.assertEqual(self.printed("print('x' in dir())"), "False\n")

    def test_variables_of_the_environment_are_taken_back(self):
        code = "import os; print(os.environ.get('A'), os.environ.get('HOME') == 'x')"
        usual = self.printed(code)
        self.assertEqual(self.printed(code, envs={"A": "ü'\"\\", "HOME": "x"}), "ü'\"\\ True\n")
        self.assertEqual(self.printed(code), usual)
        frames, _ = self.run_code("1/0", envs={"A": "b"})
        self.assertEqual(frames[0]["name"], "ZeroDivisionError")
        self.assertEqual(self.printed(code), usual)
        self.assertEqual(self.printed("print([name for name in dir() if not name.startswith('__')])"),
                         "['os']\n")

    def test_a_print_of_a_million_characters_comes_whole(self):
        self.assertEqual(len(self.printed("print('x' * 1_000_000)")), 1_000_001)

    def test_much_output_comes_in_order(self):
        text = self.printed("for i in range(20000): print(i)")
        self.assertEqual(text, "".join(f"{i}\n" for i in range(20000)))

    def test_runs_in_one_context_take_turns(self):
        self.printed("log = []")
        socks = [self.open() for _ in range(8)]
        for number, sock in enumerate(socks):
            sock.send({"code": f"log.append({number}); import time; time.sleep(0.02); log.append({number})"})
        for sock in socks:
            self.assertEqual(sock.all(), [COMPLETED])
        pairs = json.loads(self.printed("print(log)"))
        self.assertEqual(pairs[::2], pairs[1::2])
        self.assertEqual(sorted(pairs[::2]), list(range(8)))

    def test_a_client_that_leaves_ends_its_run(self):
        sock = self.open()
        sock.send({"code": "print(1)\nimport time\ntime.sleep(50)"})
        sock.receive()
        sock.close()
        begun = time.monotonic()
        self.assertEqual(self.printed("print(2)"), "2\n")
        self.assertLess(time.monotonic() - begun, 5)

    def test_a_client_that_says_goodbye_ends_its_run(self):
        sock = self.open()
        sock.send({"code": "print(1)\nimport time\ntime.sleep(50)"})
        sock.receive()
        sock.send(b"\x03\xe8", CLOSE)
        begun = time.monotonic()
        self.assertEqual(self.printed("print(2)"), "2\n")
        self.assertLess(time.monotonic() - begun, 5)



class Slow(Case):
    arguments = ("--output-size", "256m")

    def test_a_client_that_does_not_read_is_let_go(self):
        sock = self.open()
        sock.send({"code": "import time\nfor i in range(2000): print('x' * 65535)\ntime.sleep(50)"})
        begun = time.monotonic()
        self.assertEqual(self.printed("print(2)"), "2\n")
        self.assertLess(time.monotonic() - begun, 30)
        text = "".join(frame["text"] for frame in sock.all() if frame["type"] == "stdout")
        self.assertEqual((sock.code, sock.reason), (1008, "slow consumer"))
        self.assertLess(len(text), 2000 * 65536)

    def test_a_client_that_reads_gets_it_all(self):
        self.assertEqual(len(self.printed("for i in range(1000): print('x' * 65535)")), 1000 * 65536)

    def test_goodbye_comes_after_all_that_waits(self):
        sock = self.open()
        sock.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.send({"code": "for i in range(24): print('x' * 65535)"})
        self.printed("1")  # its turn comes when the first has ended
        frames = sock.all()
        self.assertEqual((len(frames), frames[-1], sock.code), (25, COMPLETED, 1000))


class Protocol(Case):
    def test_messages_that_are_none(self):
        for message, code in (("x", 1002), ("[]", 1002), ("", 1002), ({}, 1008), ({"code": ""}, 1008),
                              ({"code": 5}, 1008), ({"code": "1", "timeout": -1}, 1008),
                              ({"code": "1", "timeout": "x"}, 1008), ({"code": "1", "envs": {"A": 1}}, 1008),
                              ({"code": "1", "envs": []}, 1008), ({"code": "1", "contextId": 5}, 1008),
                              ({"code": "1", "contextId": "nobody"}, 1008),
                              ({"code": "1", "contextId": "x" * 100}, 1008),
                              ('{"code":"1","code":"2"}', 1002)):
            sock = self.open()
            sock.send(message)
            self.assertEqual((sock.all(), sock.code), ([], code), message)
            self.assertTrue(sock.reason)

    def test_parts_pings_and_binary_messages_are_understood(self):
        sock = self.open()
        sock.send(b"hello", PING)
        self.assertEqual(sock.frame(), (PONG, b"hello"))
        text = json.dumps({"code": "print(1)"})
        sock.send(text[:5], TEXT, final=False)
        sock.send(b"", PING)
        sock.send(text[5:], 0)
        self.assertEqual(sock.frame(), (PONG, b""))
        self.assertEqual(sock.all()[0]["text"], "1\n")
        sock = self.open()
        sock.send(text, BINARY)
        self.assertEqual(sock.all()[0]["text"], "1\n")

    def test_frames_that_are_none_end_the_connection(self):
        for data in (b"\x81\x05hello", b"\xf1\x85mask", b"\x83\x80mask", b"\x89\xfe\xff\xff" + b"x" * 200,
                     os.urandom(300), b"\x81\xff" + b"\xff" * 12, b"\x81\xff" + b"\0\0\0\xff" + b"\0" * 8,
                     b"\x88\x81mask\0", b"\x81\x83mask\xff\xff\xff"):
            sock = self.open()
            sock.sock.sendall(data)
            sock.sock.shutdown(1)
            sock.file.read()
        self.assertEqual(self.printed("print(1)"), "1\n")
        support.wait_until(lambda: self.server.metric("clutch_connections") <= 4, "connections end")

    def test_a_code_that_is_too_long_is_refused(self):
        sock = self.open()
        sock.sock.sendall(b"\x81\xff" + struct.pack("!Q", 64 << 20) + b"mask" + b"x" * 100)
        with self.assertRaises((EOFError, ConnectionError)):
            while sock.receive() is None:
                self.assertEqual(sock.code, 1009)
        self.assertEqual(self.printed("print(1)"), "1\n")

    def test_pings_whose_answers_nobody_takes_are_not_read_on(self):
        before = self.server.peak()
        for ping in (b"\x89\x80\0\0\0\0", b"\x89\xfd\0\0\0\0" + b"p" * 125):
            sock = self.open()
            sock.sock.settimeout(1)
            sent, block = 0, ping * ((1 << 20) // len(ping))
            with self.assertRaises(TimeoutError):
                while sent < 100 << 20:
                    sent += sock.sock.send(block)
            self.assertEqual(self.call("GET", "/healthz").status, 200)
        self.assertLess(self.server.peak() - before, 50 << 20)
        sock.sock.settimeout(support.SECONDS)
        self.assertEqual(sock.frame(), (PONG, b"p" * 125))

    def test_a_message_of_many_small_parts_costs_little(self):
        sock = self.open()
        before = self.server.peak()
        text = b'{"code":"print(1)#' + b"x" * 1000000 + b'"}'
        frames = [bytes([0, 0x81, 0, 0, 0, 0, byte]) for byte in text]
        sock.sock.sendall(b"\x01" + b"".join(frames[:-1])[1:] + b"\x80" + frames[-1][1:])
        self.assertEqual(sock.all()[0], {"type": "stdout", "text": "1\n"})
        self.assertLess(self.server.peak() - before, 30 << 20)
        self.assertEqual(self.server.metric("clutch_body_bytes"), 0)

    def test_a_message_of_many_values_costs_little(self):
        sock = self.open()
        before = self.server.peak()
        sock.send('{"code":"1","more":[' + "{}," * 2000000 + "{}]}")
        sock.all()
        self.assertEqual(sock.code, 1002)
        self.assertLess(self.server.peak() - before, 100 << 20)

    def test_what_is_no_handshake_is_426_or_less(self):
        reply = self.call("GET", self.path())
        self.assertEqual((reply.status, reply.headers["Upgrade"]), (426, "websocket"))
        for headers in ({"Sec-WebSocket-Version": "8"}, {"Sec-WebSocket-Key": "short"}, {"Upgrade": "h2c"},
                        {"Sec-WebSocket-Key": None}):
            with self.assertRaises(Refused) as raised:
                WebSocket(self.server, self.path(), headers=headers)
            self.assertEqual(raised.exception.status, 426, headers)
        reply = self.call("HEAD", self.path())
        self.assertEqual(reply.status, 426)

    def test_the_version_of_a_client_is_agreed_to_as_a_protocol_and_nothing_else(self):
        for offered, agreed in (("X-Daytona-SDK-Version~1.2.3", "X-Daytona-SDK-Version~1.2.3"),
                                ("X-Daytona-SDK-Version~1, chat", "X-Daytona-SDK-Version~1"), ("chat", None)):
            sock = self.open(headers={"Sec-WebSocket-Protocol": offered})
            self.assertEqual(sock.headers.get("sec-websocket-protocol"), agreed)

    def test_who_may(self):
        stranger = self.server.add_key("stranger")
        reader = self.server.add_key("default", "read")
        bodies = set()
        for key, path, status in ((None, self.path(), 401), ("wrong", self.path(), 401),
                                  (reader, self.path(), 403), (stranger, self.path(), 404),
                                  (stranger, self.path(sandbox="0" * len(self.id)), 404)):
            with self.assertRaises(Refused) as raised:
                WebSocket(self.server, path, key=key)
            self.assertEqual(raised.exception.status, status)
            if status == 404:
                body = json.loads(raised.exception.body)
                bodies.add(body["message"].replace(self.id, "").replace("0" * len(self.id), ""))
                self.assertEqual((body["code"], body["method"]), ("NOT_FOUND", "GET"))
        self.assertEqual(len(bodies), 1)

    def test_a_stopped_sandbox_is_400(self):
        self.call("POST", f"/sandbox/{self.id}/stop")
        with self.assertRaises(Refused) as raised:
            self.open()
        self.assertEqual(raised.exception.status, 400)


class Ends(support.Case):
    """Servers of their own."""

    def start(self, *arguments, folder=None):
        server = support.Server(*arguments, folder=folder)
        self.addCleanup(server.close)
        path = "/toolbox/%s/process/interpreter/execute"
        return server, path

    def test_it_speaks_tls(self):
        folder = os.path.realpath(tempfile.mkdtemp(prefix="clutch-http-"))
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        certificate, key = support.make_certificate(self, folder)
        server, path = self.start("--tls-certificate", certificate, "--tls-key", key, folder=folder)
        context = ssl.create_default_context(cafile=certificate)
        connection = support.http.client.HTTPSConnection("127.0.0.1", server.port, context=context,
                                                         timeout=20)
        sandbox = server.call("POST", "/sandbox", {}, connection=connection).json["id"]
        connection.close()
        for code, texts in (("for i in range(3): print(i)", ["0\n", "1\n", "2\n", "completed"]),
                            ("print('x' * 300000)", ["x" * 300000 + "\n", "completed"])):
            sock = WebSocket(server, path % sandbox,
                             wrap=lambda raw: context.wrap_socket(raw, server_hostname="127.0.0.1"))
            sock.send({"code": code})
            self.assertEqual(([frame["text"] for frame in sock.all()], sock.code), (texts, 1000))
            sock.close()

    def test_a_stop_of_the_server_ends_sockets(self):
        server, path = self.start("--drain", "1")
        sandbox = server.call("POST", "/sandbox", {}).json["id"]
        idle, busy = WebSocket(server, path % sandbox), WebSocket(server, path % sandbox)
        busy.send({"code": "print(1)\nimport time\ntime.sleep(50)"})
        self.assertEqual(busy.receive()["text"], "1\n")
        stop = self.in_background(server.stop)
        self.assertEqual((idle.all(), idle.code), ([], 1001))
        self.assertEqual([frame["type"] for frame in busy.all()], ["error", "control"])
        for sock in (idle, busy):
            sock.close()
        stop.join(20)
        self.assertEqual(stop.result, 0)


class Contexts(Case):
    arguments = ("--ready", "0")  # processes are counted

    def list(self):
        reply = self.call("GET", self.path("context"))
        self.assertEqual(reply.status, 200, reply)
        return reply.json["contexts"]

    def test_each_has_variables_of_its_own_and_the_same_files(self):
        one, two = self.make_context(), self.make_context()
        self.printed("x = 'default'; open('shared', 'w').write('text')")
        self.printed("x = 1", contextId=one)
        self.printed("x = 2", contextId=two)
        for context, expected in ((None, "default"), (one, "1"), (two, "2"), ("default", "default")):
            wish = {"contextId": context} if context else {}
            self.assertEqual(self.printed("print(x, open('shared').read())", **wish), f"{expected} text\n")

    def test_they_are_listed_without_the_default_one_and_deleted(self):
        made = self.call("POST", self.path("context"), {"language": "python"}).json
        self.assertEqual(set(made), {"id", "cwd", "createdAt", "active", "language"})
        self.assertEqual(self.list(), [made])
        self.assertEqual(self.call("DELETE", self.path("context/default")).status, 400)
        self.assertEqual(self.call("DELETE", self.path(f"context/{made['id']}")).status, 200)
        self.assertEqual(self.list(), [])
        self.assertEqual(self.call("DELETE", self.path(f"context/{made['id']}")).status, 404)
        self.assertEqual(self.run_code("1", contextId=made["id"]), ([], 1008))

    def test_one_has_its_folder(self):
        self.printed("import os; os.makedirs('a/b'); print(os.getcwd())")
        folder = self.printed("print(os.path.abspath('a/b'))").strip()
        context = self.make_context(cwd=folder)
        self.assertEqual(self.list()[0]["cwd"], folder)
        self.assertEqual(self.printed("import os; print(os.getcwd())", contextId=context), folder + "\n")
        for body in ({"cwd": "/nowhere/at/all"}, {"cwd": 5}, {"language": "ruby"}, {"language": 5}):
            self.assertEqual(self.call("POST", self.path("context"), body).status, 400, body)
        self.assertEqual(len(self.list()), 1, "those that were refused are gone")

    def test_there_are_at_most_32_whatever_else_runs(self):
        runs = [self.in_background(self.call, "POST", f"/toolbox/{self.id}/process/code-run",
                                   {"code": "import time; time.sleep(2)"}) for _ in range(4)]
        support.wait_until(lambda: len(self.server.processes()) > 6, "they run")
        for _ in range(32):
            self.make_context()
        self.assertEqual(self.call("POST", self.path("context"), {}).status, 429)
        self.assertEqual(len(self.list()), 32)
        self.call("DELETE", self.path(f"context/{self.list()[5]['id']}"))
        self.make_context()
        for run in runs:
            run.join()
            self.assertEqual(run.result.status, 200, run.result)

    def test_they_run_side_by_side(self):
        context = self.make_context()
        sock = self.open()
        sock.send({"code": "print(1)\nimport time\ntime.sleep(50)"})
        sock.receive()
        self.assertEqual(self.printed("print(2)", contextId=context), "2\n")

    def test_a_crash_empties_only_its_own(self):
        one, two = self.make_context(), self.make_context()
        for context in (one, two):
            self.printed("x = 1", contextId=context)
        self.assertEqual(self.run_code("import os; os.abort()", contextId=one)[1], 1001)
        self.assertEqual(self.printed("print('x' in dir())", contextId=one), "False\n")
        self.assertEqual(self.printed("print(x)", contextId=two), "1\n")

    def test_a_stop_of_the_sandbox_ends_them(self):
        self.make_context()
        self.call("POST", f"/sandbox/{self.id}/stop")
        self.call("POST", f"/sandbox/{self.id}/start")
        self.assertEqual(self.list(), [])

    def test_a_delete_of_the_sandbox_leaves_nothing(self):
        before = len(self.server.processes())
        self.make_context()
        self.call("DELETE", f"/sandbox/{self.id}")
        support.wait_until(lambda: len(self.server.processes()) < before, "processes end")
        self.assertEqual([name for name in os.listdir(self.server.state) if name == self.id], [])

    def test_they_are_no_sandboxes_of_the_organisation(self):
        context = self.make_context()
        for path in ("/sandbox", "/v2/sandcastles"):
            self.assertNotIn(context, self.call("GET", path).body.decode())
        for path in (f"/sandbox/{context}", f"/v2/sandcastles/{context}"):
            self.assertEqual(self.call("GET", path).status, 404)

    def test_they_count_among_the_organisations_sandboxes(self):
        key = self.server.add_key("small", limits="sandboxes=2 running=2")
        self.id = self.call("POST", "/sandbox", {}, key=key).json["id"]
        self.assertEqual(self.call("POST", self.path("context"), {}, key=key).status, 200)
        self.assertEqual(self.call("POST", self.path("context"), {}, key=key).status, 429)
        self.call("DELETE", f"/sandbox/{self.id}", key=key)
        self.assertEqual(self.call("POST", "/sandbox", {}, key=key).status, 200)

    def test_contexts_of_one_sandbox_are_none_of_another(self):
        context = self.make_context()
        self.id = self.call("POST", "/sandbox", {}).json["id"]
        self.assertEqual(self.run_code("1", contextId=context), ([], 1008))
        self.assertEqual(self.call("DELETE", self.path(f"context/{context}")).status, 404)
