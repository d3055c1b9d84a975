# SPDX-License-Identifier: Apache-2.0
"""The TextQL family's exec: code or a command in a process of its own."""

import time
import uuid

import support


class Exec(support.Case):
    arguments = ("--processes", "yes", "--execution-time", "2")

    def setUp(self):
        self.sandbox = self.create()

    def exec(self, command, sandbox=None, **body):
        path = f"/v2/sandcastles/{sandbox or self.sandbox}/exec"
        return self.call("POST", path, {"command": command, **body})

    def assert_did(self, reply, stdout, stderr="", exit_code=0):
        self.assertEqual((reply.status, reply.json),
                         (200, {"stdout": stdout, "stderr": stderr, "exit_code": exit_code}))

    def test_a_command_has_its_streams_and_status(self):
        self.assert_did(self.exec("echo out; echo 'it''s' >&2; exit 7"), "out\n", "its\n", 7)
        self.assert_did(self.exec("echo $X", kind="bash", env={"X": "ü '\""}), "ü '\"\n")
        self.assert_did(self.exec("kill -9 $$"), "", "", 137)

    def test_python_has_fresh_variables_and_the_same_files(self):
        self.output(self.sandbox, "x = 5; open('f', 'w').write('text')")
        code = "import sys; print('x' in dir(), open('f').read()); print('e', file=sys.stderr); y = 1"
        self.assert_did(self.exec(code, kind="python"), "False text\n", "e\n")
        code = "print('y' in dir()); raise SystemExit(3)"
        self.assert_did(self.exec(code, kind="python"), "False\n", "", 3)
        self.assertEqual(self.output(self.sandbox, "print(x, 'y' in dir())"), ["5 False"])

    def test_an_exception_is_told_on_stderr(self):
        reply = self.exec("print('before')\n1/0", kind="python")
        self.assertEqual((reply.json["exit_code"], reply.json["stdout"]), (1, "before\n"))
        self.assertRegex(reply.json["stderr"], r"(?s)^Traceback .*\nZeroDivisionError: division by zero\n?$")
        self.assertNotIn("error", reply.json)

    def test_a_time_limit_is_an_error_and_output_is_kept(self):
        begun = time.monotonic()
        reply = self.exec("print('before', flush=True)\nimport time\ntime.sleep(60)", kind="python")
        self.assertEqual((reply.status, reply.json["stdout"]), (200, "before\n"))
        self.assertIn("2000 ms", reply.json["error"])
        self.assertLess(time.monotonic() - begun, 12)

    def test_a_child_in_the_background_is_not_waited_for(self):
        before = len(self.server.processes())
        begun = time.monotonic()
        for command, stdout, code in (("sleep 100 & echo on; exit 3", "on\n", 3),
                                      ("(sleep 0.2; echo late) & sleep 0.5; echo end", "late\nend\n", 0),
                                      ("sleep 100 & sleep 100 & kill -9 $$", "", 137)):
            self.assert_did(self.exec(command), stdout, "", code)
        reply = self.exec("while :; do echo y; sleep 0.01; done & sleep 0.2; echo x >&2").json
        self.assertEqual((set(reply["stdout"].split()), reply["stderr"]), ({"y"}, "x\n"))
        self.assertLess(time.monotonic() - begun, 4)
        support.wait_until(lambda: len(self.server.processes()) <= before, "what it left ends")

    def test_output_comes_whole_and_as_text(self):
        command = "printf 'a\\nb'; sleep 0.1; printf 'c\\n\\303'; sleep 0.1; printf '\\251\\377\\n'"
        self.assert_did(self.exec(command), "a\nbc\né\ufffd\n")
        reply = self.exec("head -c 300000 /dev/zero | tr '\\0' x; exec >&- 2>&-; sleep 0.2; exit 4").json
        self.assertEqual((reply["stdout"], reply["exit_code"]), ("x" * 300000 + "\n", 4))

    def test_a_command_at_its_time_limit_keeps_what_it_wrote(self):
        reply = self.exec("echo before; sleep 60")
        self.assertEqual((reply.status, reply.json["stdout"]), (200, "before\n"))
        self.assertIn("2000 ms", reply.json["error"])

    def test_nothing_is_left_of_it(self):
        self.exec("print(1)", kind="python")
        listed = self.call("GET", "/v2/sandcastles?status=all&limit=1").json["sandboxes"]
        self.assertEqual(listed[0]["sandbox_id"], self.sandbox)
        before = self.server.metric('clutch_sandboxes{state="running"}')
        for _ in range(3):
            self.exec("print(1)", kind="python")
        self.assertEqual(self.server.metric('clutch_sandboxes{state="running"}'), before)

    def test_what_cannot_be_is_refused(self):
        for body in ({}, {"command": ""}, {"command": 5}, {"command": "a\0b"},
                     {"command": "1", "kind": "ruby"}, {"command": "1", "kind": 5},
                     {"command": "1", "env": {"A": 5}}, {"command": "1", "env": []}):
            reply = self.call("POST", f"/v2/sandcastles/{self.sandbox}/exec", body)
            self.assert_textql_error(reply, 400, "invalid_request")
        for body in ("", "{", "[]"):
            reply = self.call("POST", f"/v2/sandcastles/{self.sandbox}/exec", body)
            self.assert_textql_error(reply, 400, "invalid_request")
        self.assert_textql_error(self.exec("1", sandbox=uuid.uuid4()), 404, "not_found")
        self.call("DELETE", f"/v2/sandcastles/{self.sandbox}")
        self.assert_textql_error(self.exec("1", kind="python"), 400, "invalid_request")


class Alone(support.Case):
    def test_without_processes_there_is_python_only(self):
        sandbox = self.create()
        path = f"/v2/sandcastles/{sandbox}/exec"
        self.assert_textql_error(self.call("POST", path, {"command": "ls"}), 400, "invalid_request")
        reply = self.call("POST", path, {"command": "print(1)", "kind": "python"})
        self.assertEqual(reply.json["stdout"], "1\n")
