# SPDX-License-Identifier: Apache-2.0
"""The TextQL family's lists, records and files."""

import os
import socket
import subprocess
import time
import urllib.parse
import uuid

import support


MARK = "part-of-a-form"
FORM = {"Content-Type": f"multipart/form-data; boundary={MARK}"}


class Lists(support.Case):
    def ids(self, query="", **options):
        reply = self.call("GET", "/v2/sandcastles" + query, **options)
        self.assertEqual(reply.status, 200, reply)
        self.assertLessEqual(set(reply.json), {"sandboxes", "next_cursor"})
        return [item["sandbox_id"] for item in reply.json["sandboxes"]]

    def test_a_list_has_what_runs_unless_all_is_asked_for(self):
        key = self.server.add_key("lists")
        kept, stopped = self.create(key=key), self.create(key=key)
        self.assertEqual(self.call("DELETE", f"/v2/sandcastles/{stopped}", key=key).json, {"success": True})
        self.assertEqual(self.ids(key=key), [kept])
        self.assertEqual(self.ids("?status=running&cursor=", key=key), [kept])
        self.assertEqual(self.ids("?status=stopped", key=key), [stopped])
        self.assertEqual(self.ids("?status=all", key=key), [stopped, kept])
        items = {item["sandbox_id"]: item for item in
                 self.call("GET", "/v2/sandcastles?status=all", key=key).json["sandboxes"]}
        self.assertEqual(set(items[kept]), {"sandbox_id", "status", "started_at"})
        self.assertEqual(set(items[stopped]), {"sandbox_id", "status", "started_at", "released_at"})
        self.assertEqual([items[each]["status"] for each in (kept, stopped)], ["running", "stopped"])

    def test_a_list_is_read_page_by_page(self):
        key = self.server.add_key("pages")
        made = [self.create(key=key) for _ in range(5)]
        seen, cursor, pages = [], "", 0
        while cursor is not None:
            reply = self.call("GET", f"/v2/sandcastles?limit=2{cursor}", key=key).json
            seen += [item["sandbox_id"] for item in reply["sandboxes"]]
            more = reply.get("next_cursor")
            cursor = "&cursor=" + urllib.parse.quote(more) if more else None
            pages += 1
        self.assertEqual((seen, pages), (made[::-1], 3))

    def test_limits_and_cursors_that_are_none_are_400(self):
        sandbox = self.create()
        for path in ("/v2/sandcastles", f"/v2/sandcastles/{sandbox}/executions"):
            for query in ("limit=0", "limit=201", "limit=x", "limit=", "limit=-1", "limit=1e1",
                          "cursor=nope"):
                self.assert_textql_error(self.call("GET", f"{path}?{query}"), 400, "invalid_request")
        self.assert_textql_error(self.call("GET", "/v2/sandcastles?status=x"), 400, "invalid_request")

    def test_a_stop_is_followed_by_stopped_and_a_restart_has_the_variables(self):
        sandbox = self.create()
        self.output(sandbox, "x = 'kept'; open('f.txt', 'w').write('y')")
        for _ in range(2):
            self.assertEqual(self.call("DELETE", f"/v2/sandcastles/{sandbox}").json, {"success": True})
        self.assertEqual(self.call("GET", f"/v2/sandcastles/{sandbox}").json, {"status": "stopped"})
        self.assertEqual(self.call("POST", "/v2/sandcastles", {"sandbox_id": sandbox}).status, 201)
        self.assertEqual(self.output(sandbox, "print(x, open('f.txt').read())"), ["kept y"])

    def test_executions_are_listed_newest_first_also_after_a_stop(self):
        sandbox = self.create()
        self.output(sandbox, "print('one')")
        self.execute(sandbox, "1/0")
        self.output(sandbox, "print('x' * 50000)")
        self.call("DELETE", f"/v2/sandcastles/{sandbox}")
        reply = self.call("GET", f"/v2/sandcastles/{sandbox}/executions")
        self.assertEqual(reply.status, 200, reply)
        long, bad, one = reply.json["executions"]
        self.assertNotIn("next_cursor", reply.json)
        for item in (long, bad, one):
            self.assertEqual(set(item), {"id", "kind", "source", "input", "output_preview", "error",
                                         "duration_ms", "created_at"})
            self.assertEqual((item["kind"], item["source"]), ("python", "platform_api"))
        self.assertEqual((one["input"], one["output_preview"], one["error"]), ("print('one')", "one", ""))
        self.assertIn("ZeroDivisionError", bad["error"])
        self.assertTrue(long["output_preview"].endswith("…[truncated]"), long["output_preview"][-30:])
        self.assertLessEqual(len(long["output_preview"].encode()), 16384)
        reply = self.call("GET", f"/v2/sandcastles/{sandbox}/executions?limit=1").json
        self.assertEqual(reply["executions"], [long])
        reply = self.call("GET", f"/v2/sandcastles/{sandbox}/executions?cursor=" +
                          urllib.parse.quote(reply["next_cursor"])).json
        self.assertEqual(reply["executions"], [bad, one])

    def test_a_page_of_long_executions_is_a_short_one(self):
        sandbox = self.create()
        codes = ["#" + "\1" * 2200000 + str(number) for number in range(24)]
        for code in codes:
            self.output(sandbox, code)
        before, cursor, seen, pages = self.server.peak(), "", [], 0
        while cursor is not None:
            reply = self.call("GET", f"/v2/sandcastles/{sandbox}/executions?limit=200&cursor={cursor}").json
            seen += [each["input"] for each in reply["executions"]]
            pages += 1
            cursor = reply.get("next_cursor")
        self.assertEqual((seen == codes[::-1], pages), (True, 6))
        self.assertLess(self.server.peak() - before, 256 << 20)

    def test_connectors_are_an_empty_list(self):
        self.assertEqual(self.call("GET", "/v2/connectors").json, [])


class Files(support.Case):
    arguments = ("--upload-size", "4M", "--link-time", "2")

    def upload(self, sandbox, name, content, query="", field="file"):
        head = (f'--{MARK}\r\nContent-Disposition: form-data; name="other"\r\n\r\nx\r\n--{MARK}\r\n'
                f'Content-Disposition: form-data; name="{field}"; filename="{name}"\r\n'
                f'Content-Type: text/csv\r\n\r\n')
        body = head.encode() + content + f"\r\n--{MARK}--\r\n".encode()
        return self.call("POST", f"/v2/sandcastles/{sandbox}/files{query}", body, headers=FORM)

    def read(self, sandbox, path, **options):
        return self.call("GET", f"/v2/sandcastles/{sandbox}/files/{path}", **options)

    def test_a_file_goes_up_and_comes_down(self):
        sandbox = self.create()
        content = os.urandom(3 << 20)
        reply = self.upload(sandbox, "data.csv", content)
        self.assertEqual((reply.status, reply.json), (201, {"filename": "data.csv", "size_bytes": 3 << 20}))
        self.assertEqual(self.output(sandbox, "print(len(open('data.csv', 'rb').read()))"), [str(3 << 20)])
        reply = self.read(sandbox, "data.csv")
        self.assertEqual((reply.status, reply.body == content), (200, True))
        self.assertEqual(reply.headers["Content-Type"], "text/csv")
        self.assertEqual(reply.headers["Accept-Ranges"], "bytes")
        self.assertIn("sandbox", reply.headers["Content-Security-Policy"])
        self.upload(sandbox, "data.csv", b"")
        self.assertEqual(self.read(sandbox, "data.csv").body, b"")

    def test_a_real_client_uploads(self):
        sandbox = self.create()
        url = f"{self.server.url}/v2/sandcastles/{sandbox}/files"
        done = subprocess.run(["curl", "-sS", "-m", "20", "-H", f"Authorization: Bearer {self.server.key}",
                               "-F", "file=@-;filename=ü 1.txt", url], input="content", capture_output=True,
                              text=True)
        self.assertIn('"size_bytes":7', done.stdout, done)
        self.assertEqual(self.read(sandbox, urllib.parse.quote("ü 1.txt")).body, b"content")

    def test_folders_are_named_by_the_query_and_listed(self):
        sandbox = self.create()
        reply = self.upload(sandbox, "a.txt", b"abc", "?path=in/side")
        self.assertEqual(reply.json["filename"], "in/side/a.txt")
        self.output(sandbox, "open('.hidden', 'w').write('x'); open('top.txt', 'w').write('xy')")
        files = self.call("GET", f"/v2/sandcastles/{sandbox}/files").json["files"]
        self.assertEqual([(file["name"], file["is_directory"]) for file in files],
                         [("in", True), ("top.txt", False)])
        (file,) = self.call("GET", f"/v2/sandcastles/{sandbox}/files?path=in/side").json["files"]
        self.assertEqual((file["path"], file["size_bytes"]), ("in/side/a.txt", 3))
        self.assertRegex(file["modified_at"], "Z$")

    def test_paths_that_lead_out_or_to_hidden_files_are_400(self):
        sandbox = self.create()
        self.output(sandbox, "open('.hidden', 'w').write('x')")
        for path in (".hidden", "../x", "a/../../x", "%2e%2e/x", "a%2f..%2fx", "a//b", "a/", "a/.git/x", "."):
            for method in ("GET", "DELETE"):
                reply = self.call(method, f"/v2/sandcastles/{sandbox}/files/{path}")
                self.assert_textql_error(reply, 400, "invalid_request")
            reply = self.call("GET", f"/v2/sandcastles/{sandbox}/files?path={path}")
            if path not in (".", ):
                self.assert_textql_error(reply, 400, "invalid_request")
        for name in (".x", "..", "a/b", "../x", ""):
            self.assert_textql_error(self.upload(sandbox, name, b"x"), 400, "invalid_request")
        self.assert_textql_error(self.upload(sandbox, "x", b"x", "?path=../y"), 400, "invalid_request")

    def test_links_of_the_sandbox_lead_nowhere(self):
        sandbox = self.create()
        self.output(sandbox, "import os; os.symlink('/etc/passwd', 'link'); os.symlink('/etc', 'folder')")
        self.assertEqual(self.read(sandbox, "link").status, 404)
        self.assertEqual(self.read(sandbox, "folder/passwd").status, 404)

    def test_what_is_not_there_is_404_and_folders_stay(self):
        sandbox = self.create()
        self.upload(sandbox, "a.txt", b"abc", "?path=sub")
        for method in ("GET", "DELETE"):
            reply = self.call(method, f"/v2/sandcastles/{sandbox}/files/nope")
            self.assert_textql_error(reply, 404, "not_found")
            reply = self.call(method, f"/v2/sandcastles/{uuid.uuid4()}/files/nope")
            self.assert_textql_error(reply, 404, "not_found")
        self.assert_textql_error(self.call("DELETE", f"/v2/sandcastles/{sandbox}/files/sub"), 400,
                                 "invalid_request")
        reply = self.call("DELETE", f"/v2/sandcastles/{sandbox}/files/sub/a.txt")
        self.assertEqual((reply.status, reply.json), (200, {"success": True}))
        self.assertEqual(self.read(sandbox, "sub/a.txt").status, 404)

    def test_a_folder_of_too_many_is_413(self):
        sandbox = self.create()
        self.output(sandbox, "import os; os.mkdir('d')\nfor i in range(100001): os.symlink('x', f'd/{i}')")
        reply = self.call("GET", f"/v2/sandcastles/{sandbox}/files?path=d")
        self.assert_textql_error(reply, 413, "invalid_request")

    def test_forms_that_are_none_are_400(self):
        sandbox = self.create()
        path = f"/v2/sandcastles/{sandbox}/files"
        for body, headers in (("x", {}), ("x", FORM), ("", FORM),
                              ("{}", {"Content-Type": "application/json"}),
                              (f"--{MARK}\r\n\r\n\r\n--{MARK}--", FORM),
                              ("x", {"Content-Type": "multipart/form-data"})):
            self.assert_textql_error(self.call("POST", path, body, headers=headers), 400, "invalid_request")
        self.assert_textql_error(self.upload(sandbox, "a", b"x", field="nope"), 400, "invalid_request")
        self.assertEqual(self.upload(sandbox, "a", b"x" * (5 << 20)).status, 413)

    def test_ranges(self):
        sandbox = self.create()
        self.upload(sandbox, "r.bin", b"0123456789")
        for text, body, content_range in (("bytes=0-3", b"0123", "bytes 0-3/10"), ("bytes=7-", b"789",
                                          "bytes 7-9/10"), ("bytes=-2", b"89", "bytes 8-9/10"),
                                          ("bytes=5-99", b"56789", "bytes 5-9/10"),
                                          ("bytes=-99", b"0123456789", "bytes 0-9/10")):
            reply = self.read(sandbox, "r.bin", headers={"Range": text})
            self.assertEqual((reply.status, reply.body, reply.headers["Content-Range"]),
                             (206, body, content_range), text)
        for text in ("bytes=10-", "bytes=99-100", "bytes=-0"):
            reply = self.read(sandbox, "r.bin", headers={"Range": text})
            self.assertEqual((reply.status, reply.headers["Content-Range"]), (416, "bytes */10"), text)
        for text in ("bytes=3-1", "bytes=a-b", "lines=1-2", "bytes=1-2,4-5", "bytes=", "bytes=--1"):
            self.assertEqual(self.read(sandbox, "r.bin", headers={"Range": text}).status, 200, text)

    def test_the_url_of_a_file_works_without_a_key_for_a_while(self):
        sandbox = self.create()
        (file,) = self.execute(sandbox, "open('a b.csv', 'w').write('1,2')").json["files"]
        path = file["url"].removeprefix(self.server.url)
        reply = self.call("GET", path, key=None)
        self.assertEqual((reply.status, reply.body, reply.headers["Content-Type"]), (200, b"1,2", "text/csv"))
        self.output(sandbox, "open('other.csv', 'w').write('x')")
        for wrong in (path.replace("a%20b", "other"), path[:-1] + ("0" if path[-1] != "0" else "1"),
                      path.replace("expires=", "expires=9"), path.replace("&signature=", "&signature=0"),
                      path.partition("?")[0] + "?signature=", path.replace("expires", "expire")):
            self.assert_textql_error(self.call("GET", wrong, key=None), 403, "permission_denied")
        self.assertEqual(self.call("GET", path.partition("?")[0], key=None).status, 401)
        self.assertEqual(self.call("DELETE", path, key=None).status, 401)
        time.sleep(3.1)
        self.assert_textql_error(self.call("GET", path, key=None), 403, "permission_denied")

    def test_a_file_that_shrinks_while_it_is_sent_ends_the_connection(self):
        sandbox = self.create()
        self.output(sandbox, "f = open('big', 'wb'); f.truncate(200 << 20); f.close()")
        with self.server.connect() as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
            sock.sendall(b"GET /v2/sandcastles/%s/files/big HTTP/1.1\r\nHost: x\r\nX-Api-Key: %s\r\n\r\n" %
                         (sandbox.encode(), self.server.key.encode()))
            self.assertIn(b" 200 ", sock.recv(65536)[:20])
            self.output(sandbox, "open('big', 'wb').close()")
            received = 0
            while part := sock.recv(1 << 20):
                received += len(part)
            self.assertLess(received, 200 << 20)
        self.assertEqual(self.call("GET", "/healthz").status, 200)
