# SPDX-License-Identifier: Apache-2.0
"""The Daytona family's toolbox: files, folders, what a sandbox uses, and who may do all this."""

import contextlib
import email
import json
import os
import random
import urllib.parse

import support
from websocket import Refused, WebSocket


def form(*parts):
    """A multipart body of (field, filename or None, content)."""
    lines = []
    for field, filename, content in parts:
        name = f'name="{field}"' + (f'; filename="{filename}"' if filename is not None else "")
        content = content.encode() if isinstance(content, str) else content
        lines.append(f"--edge\r\nContent-Disposition: form-data; {name}\r\n\r\n".encode() + content + b"\r\n")
    return b"".join(lines) + b"--edge--\r\n", {"Content-Type": "multipart/form-data; boundary=edge"}


class Case(support.Case):
    def setUp(self):
        self.id = self.call("POST", "/sandbox", {}).json["id"]

    def tool(self, method, tail, body=None, headers=None, key="", **query):
        text = "?" + urllib.parse.urlencode(query) if query else ""
        return self.call(method, f"/toolbox/{self.id}/{tail}{text}", body, headers=headers, key=key)

    def fine(self, *arguments, status=200, **options):
        reply = self.tool(*arguments, **options)
        self.assertEqual(reply.status, status, reply)
        return reply.json if reply.body[:1] in (b"{", b"[") else reply.body

    def put(self, path, content):
        self.fine("POST", "files/upload", *form(("file", "x", content)), path=path)

    def names(self, path=""):
        return [each["name"] for each in self.fine("GET", "files", path=path)]


class Files(Case):
    def test_what_is_uploaded_is_there_for_code_and_for_downloads(self):
        data = bytes(range(256)) * 1000
        self.put("a/b/data.bin", data)
        self.assertEqual(self.output(self.id, "print(len(open('a/b/data.bin', 'rb').read()))"), ["256000"])
        reply = self.tool("GET", "files/download", path="a/b/data.bin")
        self.assertEqual((reply.status, reply.body), (200, data))
        reply = self.tool("GET", "files/download", path="a/b/data.bin", headers={"Range": "bytes=1-3"})
        self.assertEqual((reply.status, reply.body), (206, b"\1\2\3"))
        folder = self.fine("GET", "work-dir")["dir"]
        self.assertEqual(self.output(self.id, "import os; print(os.getcwd())"), [folder])
        self.assertEqual(self.fine("GET", "user-home-dir")["dir"], folder)
        self.assertEqual(self.fine("GET", "files/download", path=folder + "/a/b/data.bin"), data)

    def test_lists_and_descriptions(self):
        self.put("f", "12345")
        self.fine("POST", "files/folder", path="d/e", mode="700", status=201)
        self.output(self.id, "import os; os.symlink('/etc/passwd', 'link'); os.chmod('f', 0o640)")
        self.assertEqual(self.names(), ["d", "f", "link"])
        self.assertEqual((self.names("."), self.names("/".join([self.fine("GET", "work-dir")["dir"], "d/"]))),
                         (["d", "f", "link"], ["e"]))
        about = self.fine("GET", "files/info", path="f")
        self.assertEqual((about["name"], about["isDir"], about["size"], about["mode"], about["permissions"]),
                         ("f", False, 5, "-rw-r-----", "0640"))
        self.assertRegex(about["modifiedAt"], "^2[0-9-]{9}T")
        about = self.fine("GET", "files/info", path="d/e")
        self.assertEqual((about["isDir"], about["mode"]), (True, "drwx------"))
        self.assertEqual(self.fine("GET", "files/info", path="link")["mode"][0], "L")
        self.assertEqual(self.fine("GET", "files")[1]["size"], 5)

    def test_folders_are_made_with_those_above_them(self):
        self.fine("POST", "files/folder", path="x/y/z", status=201)
        self.fine("POST", "files/folder", path="x/y/z", status=201)
        self.assertEqual(self.names("x/y"), ["z"])
        self.put("file", "1")
        self.assertEqual(self.tool("POST", "files/folder", path="file").status, 409)
        self.assertEqual(self.tool("POST", "files/folder", path="file/inner").status, 400)
        for mode in ("8", "7777", "x", "-1"):
            self.assertEqual(self.tool("POST", "files/folder", path="q", mode=mode).status, 400, mode)

    def test_files_move(self):
        self.put("a/f", "1")
        self.fine("POST", "files/move", source="a/f", destination="a/g")
        self.assertEqual(self.names("a"), ["g"])
        self.fine("POST", "files/move", source="a", destination="b")
        self.assertEqual((self.names(), self.names("b")), (["b"], ["g"]))
        self.put("c/h", "1")
        for source, destination, status in (("none", "x", 404), ("b", "c", 409), ("b", "b/inner", 400),
                                            ("b/g", "missing/x", 404), ("b", "../x", 400), (".", "x", 400),
                                            ("b/g", "c", 409)):
            reply = self.tool("POST", "files/move", source=source, destination=destination)
            self.assertEqual(reply.status, status, (source, destination, reply))
        self.assertEqual(self.tool("POST", "files/move", source="b").status, 400)

    def test_files_and_folders_are_deleted(self):
        self.put("a/b/c/f", "1")
        self.put("g", "1")
        self.output(self.id, "import os; os.symlink('/etc', 'a/b/link'); os.mkfifo('a/pipe')\n"
                             "os.symlink('b', 'a/here')")
        self.fine("DELETE", "files", path="g", status=204)
        self.assertEqual(self.tool("DELETE", "files", path="a").status, 400)
        self.fine("DELETE", "files", path="a/here", status=204)
        self.assertEqual(self.names("a"), ["b", "pipe"])
        self.fine("DELETE", "files", path="a", recursive="true", status=204)
        self.assertEqual(self.names(), [])
        self.assertTrue(os.path.exists("/etc/passwd"))
        for path, status in (("a", 404), (".", 400), ("", 400), ("..", 400)):
            self.assertEqual(self.tool("DELETE", "files", path=path, recursive="true").status, status, path)

    def test_permissions(self):
        self.put("f", "1")
        about = self.fine("GET", "files/info", path="f")
        self.fine("POST", "files/permissions", path="f", mode="600", owner=about["owner"])
        self.assertEqual(self.fine("GET", "files/info", path="f")["permissions"], "0600")
        self.assertEqual(self.tool("POST", "files/permissions", path="f", owner="somebody").status, 422)
        self.assertEqual(self.tool("POST", "files/permissions", path="f", group="65000").status, 422)
        self.assertEqual(self.tool("POST", "files/permissions", path="f", mode="4755").status, 400)
        self.output(self.id, "import os; os.symlink('f', 'link')")
        self.assertEqual(self.tool("POST", "files/permissions", path="link", mode="777").status, 400)
        self.assertEqual(self.fine("GET", "files/info", path="f")["permissions"], "0600")

    def test_search_by_name_and_by_content(self):
        folder = self.fine("GET", "work-dir")["dir"]
        self.put("a/one.py", "first\nneedle here\nlast needle")
        self.put("a/b/two.py", "nothing\n")
        self.put("a/data.bin", b"needle\0")
        self.put("top.txt", "needle")
        self.output(self.id, "import os; os.symlink('/etc', 'a/etc'); os.mkfifo('a/pipe')")
        found = self.fine("GET", "files/search", path=".", pattern="*.py")
        self.assertEqual(sorted(found["files"]), [f"{folder}/a/b/two.py", f"{folder}/a/one.py"])
        self.assertEqual(self.fine("GET", "files/search", path="", pattern="passwd"), {"files": []})
        found = self.fine("GET", "files/find", path="a", pattern="needle")
        self.assertEqual(sorted((each["line"], each["content"]) for each in found),
                         [(2, "needle here"), (3, "last needle")])
        self.assertEqual({each["file"] for each in found}, {f"{folder}/a/one.py"})
        self.assertEqual(len(self.fine("GET", "files/find", path="top.txt", pattern="needle")), 1)
        self.assertEqual(self.tool("GET", "files/find", path="a").status, 400)
        self.assertEqual(self.tool("GET", "files/search", path="none", pattern="x").status, 404)

    def test_searches_have_bounds(self):
        self.output(self.id, "open('big', 'w').write('x\\n' * 20000)")
        reply = self.tool("GET", "files/find", path=".", pattern="x")
        self.assertEqual((reply.status, "results" in reply.json["message"]), (413, True))

    def test_texts_are_replaced(self):
        self.put("f", "one two one")
        self.put("g", "none")
        results = self.fine("POST", "files/replace", {"files": ["f", "g", "missing"], "pattern": "one",
                                                      "newValue": "eleven"})
        self.assertEqual([each["success"] for each in results], [True, True, False])
        self.assertIn("error", results[2])
        self.assertEqual(self.fine("GET", "files/download", path="f"), b"eleven two eleven")
        self.assertEqual(self.fine("GET", "files/download", path="g"), b"neleven")
        for body in ({}, {"files": [], "pattern": "a", "newValue": "b"}, {"files": ["f"], "pattern": "",
                     "newValue": "b"}, {"files": [5], "pattern": "a", "newValue": "b"},
                     {"files": ["f"], "pattern": "a"}, {"files": ["../f"], "pattern": "a", "newValue": "b"}):
            self.assertEqual(self.tool("POST", "files/replace", body).status, 400, body)

    def test_many_at_once(self):
        body, headers = form(("files[0].path", None, "m/one"), ("files[0].file", "x", b"1\0"),
                             ("files[1].file", "y", ""), ("files[1].path", None, "m/two"))
        self.fine("POST", "files/bulk-upload", body, headers=headers)
        self.assertEqual([(each["name"], each["size"]) for each in self.fine("GET", "files", path="m")],
                         [("one", 2), ("two", 0)])
        reply = self.tool("POST", "files/bulk-download", {"paths": ["m/one", "missing", "m/two"]})
        self.assertEqual(reply.status, 200)
        message = email.message_from_bytes(b"Content-Type: " + reply.headers["Content-Type"].encode() +
                                           b"\r\n\r\n" + reply.body)
        parts = [(part.get_param("name", header="content-disposition"), part.get_filename(),
                  part.get_payload(decode=True)) for part in message.get_payload()]
        self.assertEqual((parts[0], parts[2]), (("file", "m/one", b"1\0"), ("file", "m/two", b"")))
        self.assertEqual(parts[1][:2], ("error", "missing"))
        trouble = json.loads(parts[1][2])
        self.assertEqual((trouble["statusCode"], trouble["code"]), (404, "FILE_NOT_FOUND"))
        for parts in ((("files[0].path", None, "a"),), (("files[0].file", "x", "a"),), (("other", "x", "a"),),
                      (("files[0].path", None, "../a"), ("files[0].file", "x", "a")),
                      (("files[0].path", None, "a"), ("files[0].path", None, "b"),
                       ("files[0].file", "x", "a")),
                      (("files[0].path", None, "a"), ("files[0].file", "x", "a"),
                       ("files[0].file", "x", "b")),
                      (("files[1000].path", None, "a"), ("files[1000].file", "x", "a"))):
            body, headers = form(*parts)
            self.assertEqual(self.tool("POST", "files/bulk-upload", body, headers=headers).status, 400, parts)
        self.assertEqual(self.tool("POST", "files/bulk-upload", "{}").status, 400)
        for body in ({}, {"paths": []}, {"paths": [5]}, {"paths": "x"}, {"paths": ["../x"]}):
            self.assertEqual(self.tool("POST", "files/bulk-download", body).status, 400, body)

    def test_contents_come_whole(self):
        hard = (b"", b"\r\n--edge", b"\r", b"\r\n", b"--edge\r\n" + bytes(range(256)), b"\r\n--edg" * 20000,
                random.Random(5).randbytes(3 << 20))
        parts = []
        for number, content in enumerate(hard):
            content = content.replace(b"\r\n--edge", b"\r\n-edge")
            parts += [(f"files[{number}].file", "x", content),
                      (f"files[{number}].path", None, f"hard{number}")]
        body, headers = form(*parts)
        self.fine("POST", "files/bulk-upload", body, headers=headers)
        for number, (_, _, content) in enumerate(parts[::2]):
            self.assertEqual(self.fine("GET", "files/download", path=f"hard{number}"), content)
            body, headers = form(("before", None, "text"), ("file", "x", content))
            self.fine("POST", "files/upload", body, headers=headers, path="one")
            self.assertEqual(self.fine("GET", "files/download", path="one"), content)

    def test_an_upload_is_held_once(self):
        """The server's own memory at its highest, for a body of 60 MiB."""
        body, headers = form(("file", "x", bytes(60 << 20)))
        before = self.server.peak()
        self.fine("POST", "files/upload", body, headers=headers, path="large")
        body, headers = form(("files[0].path", None, "large"), ("files[0].file", "x", bytes(60 << 20)))
        self.fine("POST", "files/bulk-upload", body, headers=headers)
        self.assertLess(self.server.peak() - before, 110 << 20)

    def test_nothing_outside_is_reached(self):
        self.output(self.id, "import os; os.symlink('/etc', 'etc'); os.symlink('/etc/passwd', 'passwd')\n"
                             "os.symlink('..', 'up'); os.mkdir('d'); os.mkfifo('pipe')")
        everywhere = ("../x", "d/../../x", "/etc/passwd", "etc/passwd", "up/x", "a\0b", "d/..")
        for path in everywhere:
            for method, tail in (("GET", "files"), ("GET", "files/info"), ("GET", "files/download"),
                                 ("DELETE", "files"), ("POST", "files/folder"),
                                 ("POST", "files/permissions")):
                reply = self.tool(method, tail, path=path)
                self.assertIn(reply.status, (400, 404), (method, tail, path, reply))
                self.assertNotIn(b"root:", reply.body)
            for other in (("source", "destination"), ("destination", "source")):
                reply = self.tool("POST", "files/move", **{other[0]: path, other[1]: "d"})
                self.assertIn(reply.status, (400, 404), (path, reply))
            self.assertIn(self.tool("POST", "files/upload", *form(("file", "x", "1")), path=path).status,
                          (400, 404), path)
        for path in ("passwd", "pipe", "etc"):
            self.assertIn(self.tool("GET", "files/download", path=path).status, (400, 404), path)
        self.assertEqual(self.tool("GET", "files", path="etc").status, 400)
        self.put("passwd", "mine")
        self.assertEqual(self.fine("GET", "files/download", path="passwd"), b"mine")
        self.assertFalse(os.path.exists(os.path.join(self.server.state, self.id, "x")))

    def test_what_is_missing_is_told(self):
        for method, tail, query, status in (
                ("GET", "files/info", {}, 400), ("GET", "files/info", {"path": "none"}, 404),
                ("GET", "files", {"path": "none"}, 404), ("GET", "files/download", {"path": "none"}, 404),
                ("GET", "files/download", {}, 400), ("DELETE", "files", {}, 400),
                ("POST", "files/folder", {}, 400), ("GET", "files", {"path": "x" * 256}, 400),
                ("GET", "files", {"path": "x/" * 3000}, 400)):
            self.assertEqual(self.tool(method, tail, **query).status, status, (method, tail, query))
        self.assertEqual(self.tool("POST", "files/upload", "no form", path="x").status, 400)

    def test_a_stopped_sandbox_has_no_toolbox(self):
        self.call("POST", f"/sandbox/{self.id}/stop")
        for tail in ("files", "system/metrics", "work-dir"):
            self.assertEqual(self.tool("GET", tail).status, 400)


class System(Case):
    def test_the_server_counts_the_toolboxs_requests(self):
        line = 'clutch_requests_total{family="toolbox",class="%dxx"}'
        before = [self.server.metric(line % number) or 0 for number in (2, 4)]
        self.fine("GET", "work-dir")
        self.tool("GET", "files/info")
        after = [self.server.metric(line % number) for number in (2, 4)]
        self.assertEqual(after, [count + 1 for count in before])

    def test_metrics(self):
        about = self.fine("GET", "system/metrics")
        self.assertEqual(about["memTotal"], 4 << 30)
        self.assertLess(about["cpuUsedPct"], 50)
        self.assertGreater(about["diskTotal"], about["diskUsed"])
        self.output(self.id, "x = b'x' * (100 << 20)")
        self.assertGreater(self.fine("GET", "system/metrics")["memUsed"], about["memUsed"] + (90 << 20))
        busy = self.in_background(self.execute, self.id, "import time\nend = time.time() + 2\n"
                                                         "while time.time() < end: pass")
        support.wait_until(lambda: self.fine("GET", "system/metrics")["cpuUsedPct"] > 5, "it is seen at work")
        busy.join()


class Access(Case):
    """Each route of the family with each kind of key."""

    ROUTES = [(method, "sandbox/{id}" + tail, scope) for method, tail, scope in (
        ("GET", "", "read"), ("GET", "/forks", "read"), ("GET", "/ancestors", "read"),
        ("PUT", "/labels", "write"), ("POST", "/start", "write"), ("POST", "/stop", "write"),
        ("POST", "/pause", "write"), ("POST", "/archive", "write"), ("POST", "/recover", "write"),
        ("POST", "/resize", "write"), ("POST", "/fork", "write"), ("POST", "/snapshot", "write"),
        ("POST", "/autostop/5", "write"), ("POST", "/autoarchive/5", "write"),
        ("POST", "/autodelete/5", "write"), ("POST", "/last-activity", "write"), ("DELETE", "", "write"))]
    ROUTES += [(method, "toolbox/{id}/" + tail, scope) for method, tail, scope in (
        ("POST", "process/code-run", "write"), ("GET", "process/interpreter/execute", "write"),
        ("POST", "process/interpreter/context", "write"), ("GET", "process/interpreter/context", "read"),
        ("DELETE", "process/interpreter/context/x", "write"), ("GET", "files", "read"),
        ("DELETE", "files?path=x", "write"), ("GET", "files/info?path=x", "read"),
        ("POST", "files/folder?path=x", "write"), ("POST", "files/move?source=x&destination=y", "write"),
        ("POST", "files/permissions?path=x", "write"), ("GET", "files/search?path=.&pattern=x", "read"),
        ("GET", "files/find?path=.&pattern=x", "read"), ("POST", "files/replace", "write"),
        ("GET", "files/download?path=x", "read"), ("POST", "files/bulk-download", "read"),
        ("GET", "system/metrics", "read"), ("GET", "work-dir", "read"), ("GET", "user-home-dir", "read"))]
    BODY = {"name": "x", "labels": {}, "code": "1", "files": ["x"], "pattern": "x", "newValue": "y",
            "paths": ["x"]}

    def test_who_may(self):
        keys = {"none": None, "wrong": "wrong", "read": self.server.add_key("default", "read"),
                "write": self.server.add_key("default", "write")}
        for method, path, scope in self.ROUTES:
            target = "/" + path.format(id="nobody")
            body = self.BODY if method in ("POST", "PUT") else None
            for name, key in keys.items():
                reply = self.call(method, target, body, key=key)
                wanted = 401 if name in ("none", "wrong") else 404 if name == scope else 403
                self.assertEqual((reply.status, reply.json["statusCode"]), (wanted, wanted),
                                 (method, path, name, reply))

    def test_foreign_ones_are_as_missing(self):
        stranger = self.server.add_key("stranger")
        missing = "00000000-0000-4000-8000-000000000000"
        before = self.call("GET", f"/sandbox/{self.id}").json
        for method, path, _ in self.ROUTES:
            body = self.BODY if method in ("POST", "PUT") else None
            messages = set()
            for sandbox in (self.id, missing):
                reply = self.call(method, "/" + path.format(id=sandbox), body, key=stranger)
                self.assertEqual(reply.status, 404, (method, path, reply))
                messages.add(reply.json["message"].replace(sandbox, "it"))
            self.assertEqual(len(messages), 1, (method, path, messages))
        self.assertEqual(self.call("GET", f"/sandbox/{self.id}").json, before)

    def test_a_reader_cannot_run_code(self):
        reader = self.server.add_key("default", "read")
        with contextlib.suppress(Refused):
            WebSocket(self.server, f"/toolbox/{self.id}/process/interpreter/execute", key=reader).close()
            self.fail("it may")
