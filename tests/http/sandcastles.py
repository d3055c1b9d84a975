# SPDX-License-Identifier: Apache-2.0
"""The TextQL family: /v2/sandcastles, as its documents say."""

import re
import time
import uuid

import support


class Sandcastles(support.Case):
    def test_a_new_sandcastle_has_an_id_and_a_time(self):
        for body in (None, "", "{}", {"sandbox_id": None}):
            reply = self.call("POST", "/v2/sandcastles", body)
            self.assertEqual(reply.status, 201, reply)
            self.assertEqual(set(reply.json), {"sandbox_id", "created_at"})
            uuid.UUID(reply.json["sandbox_id"])
            self.assertRegex(reply.json["created_at"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")
            self.assertEqual(reply.headers["Content-Type"], "application/json")

    def test_output_is_one_element_per_print_without_its_end(self):
        sandbox = self.create()
        self.assertEqual(self.output(sandbox, "print(2 + 2)"), ["4"])
        self.assertEqual(self.output(sandbox, "print('a\\nb')\nprint('c', end='')\nprint()"),
                         ["a\nb", "c", ""])

    def test_a_good_execution_has_no_error_key(self):
        reply = self.execute(self.create(), "x = 1")
        self.assertEqual(reply.status, 200)
        self.assertEqual(set(reply.json), {"output", "execution_time_ms", "files", "dataframes"})
        self.assertEqual(reply.json["output"], [])
        self.assertIsInstance(reply.json["execution_time_ms"], int)

    def test_a_python_error_is_200_with_null_output(self):
        reply = self.execute(self.create(), "print('lost')\n1/0")
        self.assertEqual(reply.status, 200)
        self.assertEqual(set(reply.json), {"output", "error", "execution_time_ms", "files", "dataframes"})
        self.assertIsNone(reply.json["output"])
        self.assertEqual(reply.json["error"], "executing Python code: ZeroDivisionError('division by zero')")

    def test_variables_last_from_one_execution_to_the_next(self):
        sandbox = self.create()
        self.output(sandbox, "x = 41")
        self.assertEqual(self.output(sandbox, "print(x + 1)"), ["42"])

    def test_output_may_hold_any_character(self):
        self.assertEqual(self.output(self.create(), "print('\\0 \\u20ac \\U0001f600 \"')"), ["\0 € 😀 \""])

    def test_code_is_at_least_one_character_of_a_text(self):
        sandbox = self.create()
        for body in ({}, {"code": ""}, {"code": 5}, {"code": None}, [], "null", "{", "", None, b"\xff"):
            reply = self.call("POST", f"/v2/sandcastles/{sandbox}/execute", body)
            self.assert_textql_error(reply, 400, "invalid_request")

    def test_numbers_that_nobody_asked_for_may_be_large(self):
        sandbox = self.create()
        for number in ("1" + "0" * 40, "-1" + "0" * 40, "1.5e300"):
            reply = self.call("POST", f"/v2/sandcastles/{sandbox}/execute",
                              '{"code": "print(1)", "more": [%s]}' % number)
            self.assertEqual(reply.json.get("output"), ["1"], reply)

    def test_bodies_of_many_values_are_400_and_long_texts_are_not(self):
        sandbox = self.create()
        path = f"/v2/sandcastles/{sandbox}/execute"
        before = self.server.metric("clutch_resident_bytes")
        for _ in range(3):
            reply = self.call("POST", path, b'{"code": "1", "x": [' + b"0," * 5000000 + b"0]}")
            self.assert_textql_error(reply, 400, "invalid_request")
        self.assertLess(self.server.metric("clutch_resident_bytes") - before, 60 << 20)
        code = "x = r'" + ',[{"\\' * 200000 + "x'\nprint(len(x))"
        self.assertEqual(self.output(sandbox, code), ["1000001"])
        self.assertEqual(self.call("POST", path, {"code": "1", "x": list(range(90000))}).status, 200)

    def test_long_code_is_taken_and_too_long_code_is_400(self):
        sandbox = self.create()
        self.assertEqual(self.output(sandbox, "x = '" + "y" * 1000000 + "'\nprint(len(x))"), ["1000000"])
        reply = self.execute(sandbox, "#" * (5 << 20))
        self.assert_textql_error(reply, 400, "invalid_request")
        self.assertEqual(self.output(sandbox, "print(len(x))"), ["1000000"])

    def test_large_outputs_are_told_whole(self):
        text = self.output(self.create(), "for i in range(20): print(str(i) * 100000)")
        self.assertEqual([len(each) for each in text], [100000] * 10 + [200000] * 10)

    def test_files_that_code_makes_are_told(self):
        reply = self.execute(self.create(), "open('a b.csv', 'w').write('1')")
        (file,) = reply.json["files"]
        self.assertEqual(set(file), {"name", "url", "mime_type"})
        self.assertEqual((file["name"], file["mime_type"]), ("a b.csv", "text/csv"))
        self.assertTrue(file["url"].startswith(self.server.url + "/"), file)
        self.assertNotIn(" ", file["url"])

    def test_status_of_a_running_one(self):
        sandbox = self.create()
        reply = self.call("GET", f"/v2/sandcastles/{sandbox}")
        self.assertEqual(reply.status, 200)
        self.assertEqual(set(reply.json), {"status", "memory_usage", "dataframes"})
        self.assertEqual(reply.json["status"], "running")
        self.assertRegex(reply.json["memory_usage"], r"^\d+(\.\d)? [KMG]?B$")

    def test_status_does_not_wait_for_an_execution(self):
        sandbox = self.create()
        thread = self.in_background(self.execute, sandbox, "import time; time.sleep(1.5)")
        time.sleep(0.3)
        begun = time.monotonic()
        reply = self.call("GET", f"/v2/sandcastles/{sandbox}")
        self.assertLess(time.monotonic() - begun, 1)
        self.assertEqual(reply.json["status"], "running")
        thread.join()
        self.assertEqual(thread.result.status, 200)

    def test_a_sandbox_that_crashed_is_stopped_and_starts_again(self):
        sandbox = self.create()
        reply = self.execute(sandbox, "import os; os.abort()")
        self.assertEqual(reply.status, 200)
        self.assertIsNone(reply.json["output"])
        self.assertEqual(self.call("GET", f"/v2/sandcastles/{sandbox}").json, {"status": "stopped"})
        self.assert_textql_error(self.execute(sandbox, "1"), 400, "invalid_request")
        again = self.call("POST", "/v2/sandcastles", {"sandbox_id": sandbox})
        self.assertEqual((again.status, again.json["sandbox_id"]), (201, sandbox))
        self.assertEqual(self.output(sandbox, "print('back')"), ["back"])

    def test_a_restart_of_a_running_one_changes_nothing(self):
        first = self.call("POST", "/v2/sandcastles").json
        self.output(first["sandbox_id"], "x = 5")
        again = self.call("POST", "/v2/sandcastles", {"sandbox_id": first["sandbox_id"]})
        self.assertEqual((again.status, again.json), (201, first))
        self.assertEqual(self.output(first["sandbox_id"], "print(x)"), ["5"])

    def test_a_missing_sandbox_is_404_everywhere(self):
        for sandbox in (str(uuid.uuid4()), "nope", "..", "%2e%2e", "a%2Fb", "%00", "x" * 5000):
            if sandbox != "%00":
                self.assert_textql_error(self.call("GET", f"/v2/sandcastles/{sandbox}"), 404, "not_found")
            reply = self.call("POST", f"/v2/sandcastles/{sandbox}/execute", {"code": "1"})
            self.assertIn(reply.status, (404,) if sandbox != "%00" else (400,), reply)
        for sandbox in (str(uuid.uuid4()), "", "nope", "\0", 5, [], {}):
            reply = self.call("POST", "/v2/sandcastles", {"sandbox_id": sandbox})
            self.assert_textql_error(reply, 404, "not_found")

    def test_executions_of_one_sandbox_wait_their_turn(self):
        sandbox = self.create()
        self.output(sandbox, "seen = []")
        code = "import time; time.sleep(0.05); seen.append({})"
        threads = [self.in_background(self.execute, sandbox, code.format(i)) for i in range(8)]
        for thread in threads:
            thread.join()
            self.assertEqual(thread.result.status, 200, thread.result)
        self.assertEqual(self.output(sandbox, "print(sorted(seen))"), ["[0, 1, 2, 3, 4, 5, 6, 7]"])

    def test_sandboxes_run_side_by_side(self):
        sandboxes = [self.create() for _ in range(4)]
        begun = time.monotonic()
        threads = [self.in_background(self.execute, sandbox, "import time; time.sleep(1)")
                   for sandbox in sandboxes]
        for thread in threads:
            thread.join()
            self.assertEqual(thread.result.status, 200)
        self.assertLess(time.monotonic() - begun, 3)


class Leaving(support.Case):
    def test_a_client_that_leaves_cancels_its_execution(self):
        sandbox = self.create()
        self.output(sandbox, "import time")
        body = b'{"code": "n = 0\\nwhile True:\\n    n += 1; time.sleep(0.01)"}'
        sock = self.server.connect()
        sock.sendall(b"POST /v2/sandcastles/%s/execute HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"
                     b"Content-Length: %d\r\n\r\n%s" % (sandbox.encode(), self.server.key.encode(), len(body),
                                                        body))
        time.sleep(0.5)
        sock.close()
        begun = time.monotonic()
        self.assertEqual(self.output(sandbox, "print(n > 0)"), ["True"])
        self.assertLess(time.monotonic() - begun, 10)
        self.assertEqual(self.server.metric('clutch_executions_total{outcome="cancelled"}'), 1)

    def test_a_client_that_leaves_the_queue_is_never_run(self):
        sandbox = self.create()
        self.output(sandbox, "import time; ran = 0")
        first = self.in_background(self.execute, sandbox, "time.sleep(1)")
        time.sleep(0.2)
        body = b'{"code": "ran = 1"}'
        sock = self.server.connect()
        sock.sendall(b"POST /v2/sandcastles/%s/execute HTTP/1.1\r\nHost: x\r\nX-Api-Key: %s\r\n"
                     b"Content-Length: %d\r\n\r\n%s" % (sandbox.encode(), self.server.key.encode(), len(body),
                                                        body))
        time.sleep(0.2)
        sock.close()
        first.join()
        self.assertEqual(self.output(sandbox, "print(ran)"), ["0"])


class Frames(support.Case):
    pandas = True

    def test_dataframes_are_told_by_execution_and_status(self):
        sandbox = self.create()
        reply = self.execute(sandbox, "import pandas as pd\n"
                                      "df = pd.DataFrame({'a': [1, 2, 3], 'b': list('xyz')})")
        self.assertEqual(reply.json["dataframes"], [{"name": "df", "num_rows": 3, "num_cols": 2}])
        self.assertEqual(self.execute(sandbox, "y = 1").json["dataframes"], [])
        (frame,) = self.call("GET", f"/v2/sandcastles/{sandbox}").json["dataframes"]
        memory = frame.pop("memory_usage_bytes")
        self.assertEqual(frame, {"name": "df", "num_rows": 3, "num_cols": 2})
        counted = self.output(sandbox, "print(df.memory_usage(index=True, deep=True).sum())")
        self.assertEqual([str(memory)], counted)
        self.assertTrue(re.fullmatch(r"\d+", counted[0]))

    def test_a_status_keeps_to_numbers_of_32_bits(self):
        sandbox = self.create()
        reply = self.execute(sandbox, "import pandas as pd; long = pd.DataFrame(index=range(3_000_000_000))")
        self.assertEqual(reply.json["dataframes"], [{"name": "long", "num_rows": 3000000000, "num_cols": 0}])
        (frame,) = self.call("GET", f"/v2/sandcastles/{sandbox}").json["dataframes"]
        self.assertEqual((frame["num_rows"], frame["num_cols"]), (2147483647, 0))
