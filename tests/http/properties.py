# SPDX-License-Identifier: Apache-2.0
"""Requests that a property-based tester makes up from OpenAPI documents: the served one, and one with what
existing clients' services promise. No reply may fail in the server, and none may be undocumented."""

import json
import os
import re
import subprocess
import tempfile
import unittest

import repository
import support

TESTER = os.environ.get("CLUTCH_SCHEMATHESIS", "")
LONG = bool(os.environ.get("CLUTCH_HTTP_LONG"))
SECONDS = 600 if LONG else 20  # of each run
HERE = os.path.dirname(os.path.abspath(__file__))
CHECKS = ("not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
          "response_schema_conformance,unsupported_method,allow_header_conformance,ignored_auth")

PROMISED = os.path.join(HERE, "operations.json")
PROMISED_CHECKS = ("not_a_server_error,status_code_conformance,content_type_conformance,"
                   "response_schema_conformance,ignored_auth")

# Code never takes longer than a request may.
ARGUMENTS = ("--rate", "10000000", "--burst", "10000000", "--execution-time", "2", "--log", "errors")


@unittest.skipUnless(TESTER, "CLUTCH_SCHEMATHESIS names no program")
class Case(support.Case):
    arguments = ARGUMENTS

    def make_up(self, document, *arguments, checks=CHECKS, configuration=""):
        """Has requests made up for SECONDS, and fails with what the tester says was wrong."""
        folder = tempfile.mkdtemp(prefix="made-up-", dir=self.server.folder)
        path = os.path.join(folder, "schemathesis.toml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(configuration)
        done = subprocess.run(
            [TESTER, "--config-file", path, "--no-color", "run", document, "--url", self.server.url,
             "--header", f"Authorization: Bearer {self.server.key}", "--checks", checks,
             "--max-time", str(SECONDS), "--request-timeout", "30", "--continue-on-failure",
             "--warnings", "off", "--workers", "1", *([] if LONG else ["--seed", "5"]), *arguments],
            cwd=folder, capture_output=True, text=True, timeout=SECONDS * 3 + 120, check=False)
        made = re.search(r"(\d+) generated", done.stdout)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertGreater(int(made[1]), 100, done.stdout)
        self.assertIsNone(self.server.process.poll())
        self.assertEqual(self.call("GET", "/readyz", key=None).status, 200)


class Documents(Case):
    arguments = (*ARGUMENTS, "--repositories", "file:///nonexistent/")

    def test_the_served_document_holds_for_requests_made_up_from_it(self):
        self.make_up(self.server.url + "/openapi.json")

    def test_it_holds_for_a_sandbox_that_is_there(self):
        sandbox = self.create()
        self.output(sandbox, "open('made', 'w').write('text'); x = 5")
        self.make_up(self.server.url + "/openapi.json", "--include-path-regex", "{",
                     "--exclude-method", "DELETE", "--exclude-path-regex", "/(stop|archive|pause)$",
                     "--phases", "coverage,fuzzing",
                     configuration=f'[parameters]\n"path.id" = "{sandbox}"\n"path.idOrName" = "{sandbox}"\n'
                                   '"path.path" = "made"\n')
        self.assertEqual(self.call("GET", f"/v2/sandcastles/{sandbox}").json["status"], "running")

    def test_what_existing_clients_are_promised_holds(self):
        with open(PROMISED, encoding="utf-8") as file:
            promised = {(method.upper(), path) for path, item in json.load(file)["paths"].items()
                        for method in item}
        self.assertEqual(len(promised), 5)
        self.make_up(PROMISED, checks=PROMISED_CHECKS)


class Promises(repository.Case, Case):
    def test_requests_as_promised_are_not_refused(self):
        """But for NUL characters in the names of values, which jansson does not read."""
        sandbox = self.create()
        self.make_up(PROMISED, "--phases", "fuzzing", "--mode", "positive",
                     "--include-path-regex", "^/(v2|sandbox)/", checks="positive_data_acceptance",
                     configuration=f'[parameters]\n"path.id" = "{sandbox}"\n"path.idOrName" = "{sandbox}"\n'
                                   "[generation]\nallow-x00 = false\n")

    def test_what_existing_clients_are_promised_holds_for_what_is_there(self):
        sandbox = self.create()
        # With a wrong key in the one header the tester leaves the right one in the other.
        self.make_up(PROMISED, "--phases", "coverage,fuzzing",
                     checks=PROMISED_CHECKS.replace(",ignored_auth", ""),
                     configuration=f'[parameters]\n"path.id" = "{sandbox}"\n"path.idOrName" = "{sandbox}"\n'
                                   f'"body.repoUrl" = "{self.url}"\n"body.sessionId" = "made-up"\n')
        done = self.call("GET", "/api/sandbox/status?sessionId=made-up")
        self.assertEqual((done.status, done.json["status"]), (200, "active"))
        self.assertGreater(self.server.metric('clutch_executions_total{outcome="exception"}'), 20)
