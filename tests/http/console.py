# SPDX-License-Identifier: Apache-2.0
"""The calls that only the page needs: /console/v1, and the page's own files."""

import http.client
import json
import socket
import struct
import time
import uuid

import support

ROUTES = [
    ("GET", "", "read", None),
    ("POST", "", "write", None),
    ("GET", "/{id}", "read", None),
    ("POST", "/{id}/execute", "write", {"code": "x = 1"}),
    ("POST", "/{id}/head", "write", {"name": "x", "rows": 1}),
    ("POST", "/{id}/undo", "write", None),
    ("POST", "/{id}/clone", "write", None),
    ("POST", "/{id}/interrupt", "write", None),
    ("POST", "/{id}/stop", "write", None),
    ("POST", "/{id}/start", "write", None),
    ("DELETE", "/{id}", "write", None),
]


def upload(server, sandbox, name):
    """An empty file, for code that waits for one."""
    form = (f'--mark\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
            '\r\n--mark--\r\n')
    reply = server.call("POST", f"/v2/sandcastles/{sandbox}/files", form,
                        headers={"Content-Type": "multipart/form-data; boundary=mark"})
    assert reply.status == 201, reply


class Stream:
    """The reply of an execution, line by line."""

    def __init__(self, server, sandbox, code):
        path, body = f"/console/v1/sandboxes/{sandbox}/execute", json.dumps({"code": code})
        self.connection = http.client.HTTPConnection(server.host, server.port, timeout=support.SECONDS)
        self.connection.request("POST", path, body, {"Authorization": f"Bearer {server.key}"})
        self.reply = self.connection.getresponse()

    def line(self):
        text = self.reply.readline()
        return json.loads(text) if text else None

    def lines(self):
        return list(iter(self.line, None))

    def leave(self):
        """At once, without taking what is on its way."""
        self.connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.reply.close()
        self.connection.close()


class Console(support.Case):
    pandas = True

    def console(self, method, path, *arguments, **options):
        return self.call(method, "/console/v1/sandboxes" + path, *arguments, **options)

    def make(self, **body):
        reply = self.console("POST", "", body)
        self.assertEqual(reply.status, 201, reply)
        return reply.json["id"]

    def run_lines(self, sandbox, code):
        return Stream(self.server, sandbox, code).lines()

    def printed(self, sandbox, code):
        *lines, last = self.run_lines(sandbox, code)
        self.assertIsNone(last["done"]["error"], last)
        return [line["output"] for line in lines]

    def outcomes(self, outcome):
        return self.server.metric('clutch_executions_total{outcome="%s"}' % outcome) or 0


class Objects(Console):
    def test_a_new_one_runs_and_is_listed_first(self):
        made = self.console("POST", "", {"name": "Größe"}).json
        self.assertEqual((made["name"], made["state"], made["executing"]), ("Größe", "running", False))
        self.assertGreater(made["memory_bytes"], 0)
        other = self.make()
        page = self.console("GET", "?limit=2").json
        self.assertEqual([each["id"] for each in page["sandboxes"]], [other, made["id"]])
        self.assertEqual((page["organisation"], page["may_write"]), ("default", True))
        self.assertEqual(self.console("GET", f"/{made['id']}").json["name"], "Größe")

    def test_lists_go_on_with_their_cursor(self):
        made = [self.make() for _ in range(3)]
        seen, query = [], "?limit=2&cursor="
        while query:
            page = self.console("GET", query).json
            seen += [each["id"] for each in page["sandboxes"]]
            query = page.get("next_cursor") and f"?limit=2&cursor={page['next_cursor']}"
        self.assertEqual(seen[:3], made[::-1])
        self.assertEqual(len(seen), len(set(seen)))

    def test_a_name_is_a_text_and_taken_once(self):
        self.make(name="once")
        self.assert_textql_error(self.console("POST", "", {"name": "once"}), 409, "conflict")
        for name in (5, "", "x" * 256, "a\0b", [], True):
            self.assert_textql_error(self.console("POST", "", {"name": name}), 400, "invalid_request")

    def test_stop_start_and_delete(self):
        sandbox = self.make()
        self.printed(sandbox, "x = 5")
        stopped = self.console("POST", f"/{sandbox}/stop")
        self.assertEqual((stopped.status, stopped.json["state"]), (200, "stopped"))
        self.assertIsNone(stopped.json["memory_bytes"])
        self.assert_textql_error(self.console("POST", f"/{sandbox}/execute", {"code": "1"}), 409, "conflict")
        self.assert_textql_error(self.console("POST", f"/{sandbox}/clone"), 409, "conflict")
        self.assertEqual(self.console("POST", f"/{sandbox}/start").json["state"], "running")
        self.assertEqual(self.printed(sandbox, "print(x)"), ["5"])
        self.assertEqual(self.console("DELETE", f"/{sandbox}").status, 200)
        self.assert_textql_error(self.console("GET", f"/{sandbox}"), 404, "not_found")

    def test_a_clone_has_all_that_its_origin_has_and_goes_on_apart(self):
        sandbox = self.make()
        self.printed(sandbox, "x = [1]\nopen('a', 'w').write('file')")
        copy = self.console("POST", f"/{sandbox}/clone", {"name": "copy"}).json
        self.assertEqual((copy["origin"], copy["name"]), (sandbox, "copy"))
        self.printed(copy["id"], "x.append(2)")
        self.assertEqual(self.printed(copy["id"], "print(x, open('a').read())"), ["[1, 2] file"])
        self.assertEqual(self.printed(sandbox, "print(x)"), ["[1]"])

    def test_a_clone_counts_as_a_sandbox(self):
        key = self.server.add_key("small", limits="sandboxes=2")
        sandbox = self.console("POST", "", key=key).json["id"]
        self.assertEqual(self.console("POST", f"/{sandbox}/clone", key=key).status, 201)
        self.assertEqual(self.console("POST", f"/{sandbox}/clone", key=key).status, 429)

    def test_undo_takes_the_last_execution_back_whatever_was_looked_at_since(self):
        sandbox = self.make()
        self.printed(sandbox, "import pandas as pd\ndf = pd.DataFrame({'a': [1]})")
        self.printed(sandbox, "x = 1")
        self.printed(sandbox, "x = 2")
        for _ in range(3):
            self.assertEqual(self.console("POST", f"/{sandbox}/head", {"name": "df", "rows": 1}).status, 200)
        self.assertEqual(self.console("POST", f"/{sandbox}/undo").status, 200)
        self.assertEqual(self.printed(sandbox, "print(x)"), ["1"])
        for _ in range(2):
            self.assertEqual(self.console("POST", f"/{sandbox}/undo").status, 200)
        self.assertEqual(self.printed(sandbox, "print('x' in globals(), 'df' in globals())"), ["False True"])
        for _ in range(2):
            self.assertEqual(self.console("POST", f"/{sandbox}/undo").status, 200)
        self.assert_textql_error(self.console("POST", f"/{sandbox}/undo"), 409, "conflict")


class Streams(Console):
    def test_each_print_comes_at_once(self):
        sandbox = self.make()
        stream = Stream(self.server, sandbox, "import os, sys, time\n"
                                              "for n in range(3):\n"
                                              "    print(n, 'ä\\0')\n"
                                              "    while not os.path.exists(str(n)): time.sleep(0.01)\n"
                                              "print('bad', file=sys.stderr)")
        self.assertEqual((stream.reply.status, stream.reply.getheader("Content-Type")),
                         (200, "application/x-ndjson"))
        for n in range(3):
            self.assertEqual(stream.line(), {"output": f"{n} ä\0", "stream": "stdout"})
            self.assertTrue(self.console("GET", f"/{sandbox}").json["executing"])
            upload(self.server, sandbox, str(n))
        self.assertEqual(stream.line(), {"output": "bad", "stream": "stderr"})
        self.assertEqual(stream.line()["done"]["outcome"], "ok")
        self.assertIsNone(stream.line())

    def test_the_end_tells_what_happened(self):
        sandbox = self.make()
        (last,) = self.run_lines(sandbox, "import pandas as pd\ndf = pd.DataFrame({'a': [1, 2]})\n"
                                          "open('a b.csv', 'w').write('1,2')\n6 * 7")
        done = last["done"]
        self.assertEqual((done["outcome"], done["error"], done["value"]), ("ok", None, "42"))
        self.assertEqual(done["dataframes"], [{"name": "df", "rows": 2, "columns": 1, "memory_bytes": None}])
        (file,) = done["files"]
        self.assertEqual((file["name"], file["mime_type"], file["size_bytes"]), ("a b.csv", "text/csv", 3))
        path = file["url"].removeprefix(self.server.url)
        self.assertEqual(self.call("GET", path, key=None).body, b"1,2")
        output, last = self.run_lines(sandbox, "print('kept')\n\n1 / 0")
        done = last["done"]
        self.assertEqual(output, {"output": "kept", "stream": "stdout"})
        self.assertEqual((done["outcome"], done["type"], done["message"], done["line"]),
                         ("exception", "ZeroDivisionError", "division by zero", 3))
        self.assertIn("line 3", done["traceback"])

    def test_what_cannot_run_is_an_ordinary_error(self):
        sandbox = self.make()
        for body in ({}, {"code": ""}, {"code": 5}, [], "{"):
            reply = self.console("POST", f"/{sandbox}/execute", body)
            self.assert_textql_error(reply, 400, "invalid_request")
        reply = self.console("POST", f"/{uuid.uuid4()}/execute", {"code": "1"})
        self.assert_textql_error(reply, 404, "not_found")

    def test_much_output_comes_whole(self):
        lines = self.run_lines(self.make(), "for n in range(20000): print(n, 'x' * 20)")
        self.assertEqual([line["output"].split()[0] for line in lines[:-1]], [str(n) for n in range(20000)])

    def test_a_client_that_leaves_in_the_middle_cancels_what_runs(self):
        sandbox = self.make()
        before = self.outcomes("cancelled")
        for quiet in (False, True):
            stream = Stream(self.server, sandbox, "import time\nn = 0\nprint('on')\nwhile True:\n    n += 1\n"
                            + ("    time.sleep(0.01)" if quiet else "    print('x' * 500, flush=True)"))
            self.assertEqual(stream.line()["output"], "on")
            stream.leave()
            self.assertEqual(self.printed(sandbox, "print(n >= 0)"), ["True"])
        support.wait_until(lambda: self.outcomes("cancelled") == before + 2, "both are cancelled")

    def test_a_client_that_does_not_read_gets_all_when_it_does(self):
        stream = Stream(self.server, self.make(), "for n in range(900): print(n, 'x' * 1000)")
        time.sleep(1.5)
        self.assertEqual(len(stream.lines()), 901)

    def test_an_interrupt_ends_what_runs_and_its_stream(self):
        sandbox = self.make()
        stream = Stream(self.server, sandbox, "print('on')\nwhile True: pass")
        stream.line()
        self.assertEqual(self.console("POST", f"/{sandbox}/interrupt").status, 200)
        self.assertEqual(stream.line()["done"]["outcome"], "cancelled")

    def test_a_sandbox_that_is_deleted_under_its_code_ends_the_stream(self):
        sandbox = self.make()
        stream = Stream(self.server, sandbox, "print('on')\nwhile True: pass")
        stream.line()
        self.assertEqual(self.console("DELETE", f"/{sandbox}").status, 200)
        last = stream.line()
        self.assertTrue("failed" in last or last["done"]["error"], last)
        self.assertIsNone(stream.line())


class Slow(Console):
    pandas = False
    arguments = ("--request-time", "1", "--idle", "2")

    def test_a_client_that_takes_nothing_is_ended_and_its_code_with_it(self):
        sandbox = self.make()
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.connect((self.server.host, self.server.port))
        body = json.dumps({"code": "print('\\1' * 1000000)\nwhile True: pass"}).encode()
        sock.sendall(b"POST /console/v1/sandboxes/%s/execute HTTP/1.1\r\nHost: x\r\nX-Api-Key: %s\r\n"
                     b"Content-Length: %d\r\n\r\n%s" % (sandbox.encode(), self.server.key.encode(), len(body),
                                                        body))
        support.wait_until(lambda: self.outcomes("cancelled") == 1, "the code is cancelled", 20)
        sock.close()
        self.assertEqual(self.printed(sandbox, "print('on')"), ["on"])

    def test_code_may_be_silent_for_longer_than_a_request_may_take(self):
        lines = self.run_lines(self.make(), "import time\nprint(1)\ntime.sleep(2.5)\nprint(2)")
        self.assertEqual([line.get("output") for line in lines], ["1", "2", None])


class Behind(Console):
    pandas = False

    def test_a_client_that_is_behind_gets_less_and_is_told_so(self):
        stream = Stream(self.server, self.make(), "for i in range(600000): print(i % 10)")
        time.sleep(3)  # and takes nothing
        lines = [json.loads(line) for line in stream.reply.read().splitlines()]
        done = lines.pop()["done"]
        self.assertEqual((done["outcome"], {line["output"] for line in lines}), ("ok", set("0123456789")))
        self.assertGreater(done["omitted_bytes"], 0)
        self.assertEqual(len(lines) + done["omitted_bytes"] // 2, 600000)


class Ending(Console):
    pandas = False
    arguments = ("--drain", "1")

    def test_a_server_that_stops_interrupts_what_runs_and_tells_its_end(self):
        stream = Stream(self.server, self.make(), "print('on')\nwhile True: pass")
        self.assertEqual(stream.line()["output"], "on")
        stopping = self.in_background(self.server.stop)
        self.assertEqual(stream.line()["done"]["outcome"], "cancelled")
        self.assertIsNone(stream.line())
        stopping.join()
        self.assertEqual(stopping.result, 0)


class Heads(Console):
    def head(self, sandbox, name, rows=3):
        return self.console("POST", f"/{sandbox}/head", {"name": name, "rows": rows})

    def test_the_head_of_a_dataframe_is_told_as_texts(self):
        sandbox = self.make()
        self.printed(sandbox, "import pandas as pd\n"
                              "df = pd.DataFrame({'n': [1, 2, 3, 4], 'f': [0.5, None, 1 / 3, 0],\n"
                              "                   't': ['<b>', None, 'x' * 200, 'd']}, index=list('abcd'))")
        reply = self.head(sandbox, "df")
        self.assertEqual(reply.status, 200, reply)
        head = reply.json
        self.assertEqual((head["rows"], head["more_columns"], head["index"]), (4, 0, ["a", "b", "c"]))
        self.assertEqual([(column["name"], column["numeric"]) for column in head["columns"]],
                         [("n", True), ("f", True), ("t", False)])
        self.assertEqual([column["cells"] for column in head["columns"]],
                         [["1", "2", "3"], ["0.5", None, "0.333333"], ["<b>", None, "x" * 119 + "…"]])

    def test_odd_dataframes_have_a_head_too(self):
        sandbox = self.make()
        self.printed(sandbox, "import pandas as pd, numpy as np\n"
                              "wide = pd.DataFrame(np.zeros((2, 60)))\n"
                              "empty = pd.DataFrame()\n"
                              "two = pd.DataFrame([[1, [2, 3]]], columns=['a', 'a'])\n"
                              "index = pd.MultiIndex.from_tuples([(1, 2)])\n"
                              "many = pd.DataFrame({('x', 1): [1]}, index=index)\n"
                              "größe = pd.DataFrame({'a': [pd.NaT]})")
        wide = self.head(sandbox, "wide", 2.0).json
        self.assertEqual((len(wide["columns"]), wide["more_columns"]), (40, 20))
        self.assertEqual(self.head(sandbox, "empty").json["columns"], [])
        self.assertEqual(self.head(sandbox, "two").json["columns"][1]["cells"], ["[2, 3]"])
        self.assertEqual(self.head(sandbox, "many").json["index"], ["(1, 2)"])
        self.assertEqual(self.head(sandbox, "größe").json["columns"][0]["cells"], [None])

    def test_a_name_is_never_run_as_code(self):
        sandbox = self.make()
        self.printed(sandbox, "x = 5")
        for name in ("x;y=1", "x\ny=1", "'", "x'", "a.b", "", "1x", "x\0", " x", "(x)", "y:=1", "\\x"):
            self.assert_textql_error(self.head(sandbox, name), 400, "invalid_request")
        for name in ("x", "nothing", "ｘ", "\u2028", "\U0001f600"):
            self.assert_textql_error(self.head(sandbox, name), 404, "not_found")
        for rows in (0, 201, "3", None, 1.5, True):
            self.assert_textql_error(self.head(sandbox, "x", rows), 400, "invalid_request")
        self.assertEqual(self.printed(sandbox, "print('y' in globals(), x)"), ["False 5"])

    def test_a_look_leaves_nothing_behind(self):
        sandbox = self.make()
        self.printed(sandbox, "import pandas as pd\ndf = pd.DataFrame({'a': [1]})\nnames = set(globals())")
        self.head(sandbox, "df")
        self.assertEqual(self.printed(sandbox, "print(set(globals()) - names - {'names'})"), ["set()"])

    def test_what_a_sandbox_makes_up_is_not_passed_on(self):
        sandbox = self.make()
        for lie in ("", "null", "[]", "{}", "not json", '{"rows": "1", "columns": [], "more_columns": 0, '
                    '"index": []}', '{"rows": 1, "columns": 5, "more_columns": 0, "index": []}'):
            self.printed(sandbox, "import json, pandas as pd\ndf = pd.DataFrame({'a': [1]})\n"
                                  f"json.dumps = lambda *_: {lie!r}")
            self.assertEqual(self.head(sandbox, "df").status, 422, lie)

    def test_a_look_that_hangs_is_ended(self):
        sandbox = self.make()
        self.printed(sandbox, "import pandas as pd\n"
                              "class Slow:\n    def __str__(self):\n        while True: pass\n"
                              "df = pd.DataFrame({'a': [Slow()]})")
        begun = time.monotonic()
        self.assertEqual(self.head(sandbox, "df").status, 422)
        self.assertLess(time.monotonic() - begun, 30)
        self.assertEqual(self.printed(sandbox, "print(len(df))"), ["1"])


class Access(Console):
    pandas = False

    def test_every_call_wants_a_key_with_its_scope_of_the_same_organisation(self):
        keys = {scope: self.server.add_key("default", scope) for scope in ("read", "write")}
        stranger = self.server.add_key("other")
        sandbox = self.make()
        for method, path, scope, body in ROUTES:
            path = path.format(id=sandbox)
            for key in (None, "nope"):
                self.assert_textql_error(self.console(method, path, body, key=key), 401, "unauthenticated")
            other = keys["read" if scope == "write" else "write"]
            self.assert_textql_error(self.console(method, path, body, key=other), 403, "permission_denied")
            if path:
                reply = self.console(method, path, body, key=stranger)
                self.assert_textql_error(reply, 404, "not_found")
                none = str(uuid.UUID(int=7))
                missing = self.console(method, path.replace(sandbox, none), body, key=stranger)
                self.assertEqual(missing.body.replace(none.encode(), sandbox.encode()), reply.body)
        self.assertEqual(self.console("GET", "", key=stranger).json["sandboxes"], [])
        self.assertFalse(self.console("GET", "", key=keys["read"]).json["may_write"])
        self.assertEqual(self.console("GET", f"/{sandbox}").json["state"], "running")


class Page(support.Case):
    def test_its_files_need_no_key_and_say_what_they_are(self):
        for path, kind in (("/", "text/html; charset=utf-8"), ("/page/style.css", "text/css; charset=utf-8"),
                           ("/page/page.js", "text/javascript; charset=utf-8"),
                           ("/page/icon.svg", "image/svg+xml")):
            reply = self.call("GET", path, key=None)
            self.assertEqual((reply.status, reply.headers["Content-Type"]), (200, kind))
            policy = reply.headers["Content-Security-Policy"]
            self.assertIn("default-src 'none'", policy)
            self.assertNotIn("unsafe", policy)
            self.assertEqual(reply.headers["X-Content-Type-Options"], "nosniff")
            known = self.call("GET", path, key=None, headers={"If-None-Match": reply.headers["ETag"]})
            self.assertEqual((known.status, known.body), (304, b""))
            other = self.call("GET", path, key=None, headers={"If-None-Match": '"x"'})
            self.assertEqual(other.body, reply.body)

    def test_nothing_else_is_there(self):
        for path in ("/page", "/page/", "/page/head.py", "/page/..", "/page/style.css/",
                     "/page/%2e%2e%2fpage.c"):
            self.assertEqual(self.call("GET", path, key=None).status, 404, path)
