# SPDX-License-Identifier: Apache-2.0
"""Creates with an Idempotency-Key."""

import support


class Idempotency(support.Case):
    def start(self, word, path="/v2/sandcastles", **options):
        return self.call("POST", path, "{}", headers={"Idempotency-Key": word}, **options)

    def test_the_same_key_makes_one_sandbox(self):
        first, again, other = self.start("a"), self.start("a"), self.start("b")
        self.assertEqual([reply.status for reply in (first, again, other)], [201] * 3)
        self.assertEqual(first.json, again.json)
        self.assertNotEqual(first.json["sandbox_id"], other.json["sandbox_id"])

    def test_creates_at_once_with_the_same_key_make_one_sandbox(self):
        threads = [self.in_background(self.start, "race") for _ in range(8)]
        for thread in threads:
            thread.join()
        self.assertEqual({thread.result.status for thread in threads}, {201}, [t.result for t in threads])
        self.assertEqual(len({thread.result.json["sandbox_id"] for thread in threads}), 1)

    def test_keys_are_an_organisations_and_a_routes_own(self):
        stranger = self.server.add_key("other")
        ids = {self.start("own").json["sandbox_id"], self.start("own", key=stranger).json["sandbox_id"],
               self.start("own", "/sandbox").json["id"]}
        self.assertEqual(len(ids), 3)

    def test_keys_outlive_the_server(self):
        first = self.start("long").json
        key = self.server.key
        self.assertEqual(self.server.stop(), 0)
        self.server.start()
        self.server.key = key
        self.assertEqual(self.start("long").json, first)

    def test_a_key_has_1_to_255_bytes(self):
        for word in ("", "x" * 256):
            self.assert_textql_error(self.start(word), 400, "invalid_request")
