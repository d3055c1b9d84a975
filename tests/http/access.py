# SPDX-License-Identifier: Apache-2.0
"""Who may do what: keys, scopes, organisations, rates."""

import re
import subprocess
import time

import support

# Each route with a path for a sandbox's id: method, path, scope.
ROUTES = [
    ("POST", "/v2/sandcastles", "write"),
    ("GET", "/v2/sandcastles/{id}", "read"),
    ("POST", "/v2/sandcastles/{id}/execute", "write"),
    ("GET", "/v2/sandcastles", "read"),
    ("GET", "/v2/sandcastles/{id}/executions", "read"),
    ("POST", "/v2/sandcastles/{id}/exec", "write"),
    ("GET", "/v2/sandcastles/{id}/files", "read"),
    ("GET", "/v2/connectors", "read"),
    ("DELETE", "/v2/sandcastles/{id}", "write"),
    ("GET", "/metrics", "metrics"),
]


BODY = {"code": "1", "command": "1", "kind": "python"}  # enough for each


class Keys(support.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reader = cls.server.add_key("default", "read")
        cls.writer = cls.server.add_key("default", "write")
        cls.stranger = cls.server.add_key("other", "read,write,metrics")

    def test_no_key_and_wrong_keys_are_401_alike(self):
        bodies = set()
        sandbox = self.create()
        for method, path, _ in ROUTES:
            for key in (None, "nope", self.server.key[:-1], self.server.key + "0", ""):
                headers = {"Authorization": f"Bearer {key}"} if key is not None else {}
                reply = self.call(method, path.format(id=sandbox), "{}", key=None, headers=headers)
                self.assert_textql_error(reply, 401, "unauthenticated")
                self.assertEqual(reply.headers["WWW-Authenticate"], "Bearer")
                bodies.add(reply.body)
        self.assertEqual(len(bodies), 1, bodies)

    def test_both_headers_are_taken_and_basic_is_not(self):
        for headers, status in (({"Authorization": "bearer " + self.server.key}, 201),
                                ({"X-API-Key": self.server.key}, 201),
                                ({"Authorization": "Basic " + self.server.key}, 401)):
            self.assertEqual(self.call("POST", "/v2/sandcastles", key=None, headers=headers).status, status)

    def test_a_link_leads_to_the_sandbox_that_it_was_made_for(self):
        """However the sandbox was called, and whoever has the name afterwards."""
        self.call("POST", "/sandbox", {"name": "both"}, key=self.stranger)
        code = {"code": "open('f.txt', 'w').write('stranger')"}
        for path in ("/v2/sandcastles/both/execute", "/console/v1/sandboxes/both/execute"):
            reply = self.call("POST", path, code, key=self.stranger)
            url = re.search(rb'"url":\s*"[^"]*(/v2/[^"]*)"', reply.body)[1].decode()
            self.assertEqual(self.call("GET", url, key=None).body, b"stranger")
        self.call("DELETE", "/sandbox/both", key=self.stranger)
        self.call("POST", "/sandbox", {"name": "both"})
        self.output("both", "open('f.txt', 'w').write('mine')")
        self.assertEqual(self.call("GET", url, key=None).status, 404)

    def test_a_scope_that_the_key_lacks_is_403(self):
        sandbox = self.create()
        keys = {"read": self.reader, "write": self.writer}
        for method, path, scope in ROUTES:
            for has, key in keys.items():
                reply = self.call(method, path.format(id=sandbox), BODY, key=key)
                if has == scope:
                    self.assertLess(reply.status, 300, (path, reply))
                else:
                    self.assert_textql_error(reply, 403, "permission_denied")

    def test_a_foreign_sandbox_is_as_missing(self):
        sandbox = self.create()
        missing = "00000000-0000-4000-8000-000000000000"
        for method, path, _ in ROUTES:
            if "{id}" not in path:
                continue
            foreign = self.call(method, path.format(id=sandbox), BODY, key=self.stranger)
            absent = self.call(method, path.format(id=missing), BODY, key=self.stranger)
            self.assert_textql_error(foreign, 404, "not_found")
            self.assertEqual(foreign.body.replace(sandbox.encode(), b""),
                             absent.body.replace(missing.encode(), b""))
        reply = self.call("POST", "/v2/sandcastles", {"sandbox_id": sandbox}, key=self.stranger)
        self.assert_textql_error(reply, 404, "not_found")
        self.output(sandbox, "1")  # now it is open in the server
        reply = self.execute(sandbox, "1", key=self.stranger)
        self.assert_textql_error(reply, 404, "not_found")

    def test_a_rate_that_is_passed_is_429_with_a_time_to_wait(self):
        key = self.server.add_key("slow", limits="rate=1 burst=3")
        statuses = [self.call("POST", "/v2/sandcastles", key=key).status for _ in range(3)]
        self.assertEqual(statuses, [201, 201, 201])
        reply = self.call("POST", "/v2/sandcastles", key=key)
        self.assert_textql_error(reply, 429, "rate_limit_exceeded")
        self.assertIn(int(reply.headers["Retry-After"]), (1, 2))
        time.sleep(1.2)
        self.assertEqual(self.call("POST", "/v2/sandcastles", key=key).status, 201)
        self.assertEqual(self.call("POST", "/v2/sandcastles").status, 201)

    def test_an_organisation_has_as_many_sandboxes_as_it_may(self):
        key = self.server.add_key("small", limits="sandboxes=3 running=2")
        first = self.create(key=key)
        second = self.create(key=key)
        reply = self.call("POST", "/v2/sandcastles", key=key)
        self.assert_textql_error(reply, 429, "rate_limit_exceeded")
        self.assertIn("Retry-After", reply.headers)
        self.execute(first, "import os; os.abort()", key=key)
        third = self.create(key=key)
        reply = self.call("POST", "/v2/sandcastles", {"sandbox_id": first}, key=key)
        self.assert_textql_error(reply, 429, "rate_limit_exceeded")
        self.execute(second, "import os; os.abort()", key=key)
        reply = self.call("POST", "/v2/sandcastles", key=key)
        self.assertEqual(reply.status, 429, "three are kept, though only one runs")
        reply = self.call("POST", "/v2/sandcastles", {"sandbox_id": third}, key=key)
        self.assertEqual(reply.status, 201, "one that runs needs no place")

    def test_a_key_that_is_taken_out_ends_at_the_next_reading(self):
        key = self.server.add_key("gone")
        self.assertEqual(self.call("POST", "/v2/sandcastles", key=key).status, 201)
        path = self.server.state + "/serve.keys"
        with open(path, encoding="utf-8") as file:
            lines = file.readlines()
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(line for line in lines if " gone " not in line)
        self.server.add_key("someone")
        self.assertEqual(self.call("POST", "/v2/sandcastles", key=key).status, 401)

    def test_keys_that_cannot_be_read_change_nothing(self):
        path = self.server.state + "/serve.keys"
        with open(path, encoding="utf-8") as file:
            good = file.read()
        for bad in ("one two read nohash\n", "one two all " + "0" * 64 + "\n", "x\n",
                    "a b read " + "0" * 64 + " rate=0\n", "a b read " + "0" * 64 + "\n" * 2 +
                    "a c read " + "1" * 64 + "\n"):
            with open(path, "w", encoding="utf-8") as file:
                file.write("# a comment\n" + bad)
            before = self.server.log().count('"code":"keys"')
            self.server.process.send_signal(1)
            support.wait_until(lambda: self.server.log().count('"code":"keys"') > before, "it is told")
            told = [line for line in self.server.log().splitlines() if '"code":"keys"' in line]
            self.assertIn("serve.keys:", told[-1])  # a request's line may come after it
            self.assertEqual(self.call("POST", "/v2/sandcastles").status, 201)
        with open(path, "w", encoding="utf-8") as file:
            file.write(good)
        self.server.add_key("fine")

    def test_keys_are_kept_as_hashes_that_only_the_owner_can_read(self):
        path = self.server.state + "/serve.keys"
        with open(path, encoding="utf-8") as file:
            text = file.read()
        self.assertNotIn(self.server.key.partition("_")[2], text)
        shown = subprocess.run(["stat", "-c", "%a", path], capture_output=True, text=True, check=True)
        self.assertEqual(shown.stdout, "600\n")
        self.assertNotIn(self.server.key, self.server.log())
