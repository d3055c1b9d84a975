# SPDX-License-Identifier: Apache-2.0
"""The examples of the five documents that the server goes by, with curl."""

import json
import shutil
import subprocess
import tempfile
import unittest

import repository
import support

CURL = shutil.which("curl")
JSON = ("-H", "Content-Type: application/json")
TIME = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"
# What the documents show of each error.
ERRORS = {401: ("unauthenticated", "Authentication required"),
          403: ("permission_denied", "Insufficient permissions"),
          429: ("rate_limit_exceeded", "Rate limit exceeded")}


def curl(*arguments):
    """The status, the content type and the JSON of what curl was answered."""
    with tempfile.NamedTemporaryFile() as body:
        done = subprocess.run([CURL, "--silent", "--show-error", "--max-time", "60", "--output", body.name,
                               "--write-out", "%{http_code} %{content_type}", *arguments],
                              capture_output=True, text=True, check=True)
        status, _, kind = done.stdout.partition(" ")
        return int(status), kind, json.loads(body.read())


@unittest.skipIf(CURL is None, "curl is not here")
class Case(support.Case):
    def bearer(self, key=None):
        return ["-H", f"Authorization: Bearer {key or self.server.key}"]

    def send(self, method, path, *arguments, key=None, status=200):
        """The JSON of the reply, whose status must be the one given."""
        got, kind, said = curl("-X", method, self.server.url + path, *self.bearer(key), *arguments)
        self.assertEqual((got, kind), (status, "application/json"), said)
        return said

    def post(self, path, body, **options):
        return self.send("POST", path, *JSON, "-d", json.dumps(body), **options)

    def new(self, **options):
        return self.send("POST", "/v2/sandcastles", status=201, **options)["sandbox_id"]

    def assert_error(self, said, code, message=None):
        self.assertEqual((list(said), set(said["error"])), (["error"], {"code", "message"}))
        self.assertEqual(said["error"]["code"], code)
        self.assertIn(message, (None, said["error"]["message"]))


class Sandcastles(Case):
    pandas = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reader = cls.server.add_key("default", "read")
        cls.slow = cls.server.add_key("slow", limits="rate=1 burst=1")

    def test_curl_starts_a_sandcastle(self):
        for body in ((), (*JSON, "-d", "{}")):
            said = self.send("POST", "/v2/sandcastles", *body, status=201)
            self.assertEqual(set(said), {"sandbox_id", "created_at"})
            self.assertIsInstance(said["sandbox_id"], str)
            self.assertRegex(said["created_at"], TIME)
        again = self.post("/v2/sandcastles", {"sandbox_id": said["sandbox_id"]}, status=201)
        self.assertEqual(again, said)

    def test_curl_executes_code(self):
        path = f"/v2/sandcastles/{self.new()}/execute"
        said = self.post(path, {"code": "x = 41\nprint('one')\nprint('two', 2)"})
        self.assertEqual(set(said), {"output", "execution_time_ms", "files", "dataframes"})
        self.assertEqual((said["output"], said["files"], said["dataframes"]), (["one", "two 2"], [], []))
        self.assertIsInstance(said["execution_time_ms"], int)
        self.assertEqual(self.post(path, {"code": "print(x + 1)"})["output"], ["42"])

    def test_curl_sees_an_error_of_python(self):
        said = self.post(f"/v2/sandcastles/{self.new()}/execute", {"code": "print('lost')\n1/0"})
        self.assertEqual(set(said), {"output", "error", "execution_time_ms", "files", "dataframes"})
        self.assertIsNone(said["output"])
        self.assertEqual(said["error"], "executing Python code: ZeroDivisionError('division by zero')")

    def test_curl_sees_files_and_dataframes(self):
        sandbox = self.new()
        said = self.post(f"/v2/sandcastles/{sandbox}/execute", {
            "code": "import pandas as pd\nsales = pd.DataFrame({'a': range(5), 'b': 'x'})\n"
                    "sales.to_csv('sales.csv', index=False)"})
        self.assertEqual(said["dataframes"], [{"name": "sales", "num_rows": 5, "num_cols": 2}])
        (file,) = said["files"]
        self.assertEqual((set(file), file["name"], file["mime_type"]),
                         ({"name", "url", "mime_type"}, "sales.csv", "text/csv"))
        fetched = subprocess.run([CURL, "--silent", "--fail", file["url"]], capture_output=True, text=True,
                                 check=True)
        self.assertEqual(fetched.stdout.splitlines()[:2], ["a,b", "0,x"])
        status = self.send("GET", f"/v2/sandcastles/{sandbox}")
        (frame,) = status["dataframes"]
        self.assertEqual(set(frame), {"name", "num_rows", "num_cols", "memory_usage_bytes"})
        self.assertEqual((frame["name"], frame["num_rows"], frame["num_cols"]), ("sales", 5, 2))
        self.assertGreater(frame["memory_usage_bytes"], 80)

    def test_curl_gets_the_status_of_a_sandcastle(self):
        sandbox = self.new()
        said = self.send("GET", f"/v2/sandcastles/{sandbox}")
        self.assertEqual((set(said), said["status"]), ({"status", "memory_usage", "dataframes"}, "running"))
        self.assertRegex(said["memory_usage"], r"^\d+(\.\d)? [KMG]B$")
        self.assertEqual(self.send("DELETE", f"/v2/sandcastles/{sandbox}"), {"success": True})
        self.assertEqual(self.send("GET", f"/v2/sandcastles/{sandbox}"), {"status": "stopped"})

    def test_curl_is_refused_as_documented(self):
        sandbox = self.new()
        code = [*JSON, "-d", '{"code": "1"}']
        for method, path, arguments in (("POST", "/v2/sandcastles", []),
                                        ("GET", f"/v2/sandcastles/{sandbox}", []),
                                        ("POST", f"/v2/sandcastles/{sandbox}/execute", code)):
            got, _, said = curl("-X", method, self.server.url + path, *arguments)
            self.assertEqual(got, 401)
            self.assert_error(said, *ERRORS[401])
            if method == "POST":
                said = self.send(method, path, *arguments, key=self.reader, status=403)
                self.assert_error(said, *ERRORS[403])
        self.assert_error(self.post(f"/v2/sandcastles/{sandbox}/execute", {}, status=400), "invalid_request")
        self.assert_error(self.post("/v2/sandcastles", {"sandbox_id": "no such"}, status=404), "not_found")
        self.assert_error(self.post("/v2/sandcastles/none/execute", {"code": "1"}, status=404), "not_found")
        self.assert_error(self.send("GET", "/v2/sandcastles/none", status=404), "not_found")
        for _ in range(20):
            got, _, said = curl(self.server.url + "/v2/connectors", *self.bearer(self.slow))
            if got == 429:
                break
        self.assertEqual(got, 429)
        self.assert_error(said, *ERRORS[429])


class Sessions(repository.Case, Case):
    def test_curl_creates_and_restores_a_session_sandbox(self):
        body = json.dumps({"repoUrl": self.url, "sessionId": "session-of-an-agent"})
        for auth in (["-H", f"x-api-key: {self.server.key}"], self.bearer()):
            got, kind, said = curl("-X", "POST", self.server.url + "/api/sandbox", *auth, *JSON,
                                   "-d", body)
            self.assertEqual((got, kind), (200, "application/json"), said)
            self.assertEqual(set(said), {"createdAt", "timeout", "currentBranch", "mode", "timing"})
            self.assertEqual((said["mode"], said["currentBranch"]), ("vercel", "trunk"))
            self.assertEqual(list(said["timing"]), ["readyMs"])
            for number in (said["createdAt"], said["timeout"], said["timing"]["readyMs"]):
                self.assertIsInstance(number, int)
        status = self.send("GET", "/api/sandbox/status?sessionId=session-of-an-agent")
        self.assertEqual((status["status"], status["lifecycleVersion"]), ("active", 1))

    def test_curl_is_told_what_is_wrong_with_a_session(self):
        address = self.server.url + "/api/sandbox"
        for status, auth, body in ((401, [], {}), (400, self.bearer(), {}),
                                   (400, self.bearer(), {"repoUrl": "ftp://somewhere/a/b"}),
                                   (502, self.bearer(), {"repoUrl": self.prefix + "no/one"})):
            got, kind, said = curl("-X", "POST", address, *auth, *JSON, "-d", json.dumps(body))
            self.assertEqual((got, kind, said["status"]), (status, "application/json", "error"), said)
            self.assertIsInstance(said["error"], str)


class Start(Case):
    def test_curl_starts_a_stopped_and_an_archived_sandbox(self):
        made = self.post("/sandbox", {
            "name": "sandbox123", "env": {"NODE_ENV": "development"},
            "labels": {"project": "my-app", "environment": "dev"}, "target": "us-east-1",
            "autoStopInterval": 60, "autoArchiveInterval": 10080, "autoDeleteInterval": -1})
        path = "/sandbox/sandbox123"
        said = self.start(path)
        self.assertEqual(said["state"], "started")
        self.send("POST", path + "/stop")
        self.assertEqual(self.send("GET", path)["state"], "stopped")
        said = self.start(path)
        shown = {"name": "sandbox123", "snapshot": "default", "user": "daytona",
                 "env": {"NODE_ENV": "development"}, "labels": {"project": "my-app", "environment": "dev"},
                 "public": False, "target": "us-east-1", "gpu": 0, "volumes": [], "desiredState": "started",
                 "autoStopInterval": 60, "autoArchiveInterval": 10080, "autoDeleteInterval": -1}
        self.assertEqual({name: said.get(name) for name in shown}, shown)
        self.assertIn(said["state"], ("starting", "started"))
        self.assertEqual((said["id"], said["organizationId"]), (made["id"], "default"))
        for name, kind in (("networkBlockAll", bool), ("cpu", int), ("memory", int), ("disk", int),
                           ("runnerId", str)):
            self.assertIsInstance(said[name], kind, name)
        for name in ("createdAt", "updatedAt"):
            self.assertRegex(said[name], TIME)
        self.send("POST", path + "/stop")
        self.send("POST", path + "/archive")
        self.assertIn(self.start(path)["state"], ("restoring", "started"))

    def start(self, path):
        return self.send("POST", path + "/start", "-H", "X-Daytona-Organization-ID: your-org-id")
