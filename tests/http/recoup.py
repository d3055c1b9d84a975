# SPDX-License-Identifier: Apache-2.0
"""The Recoup family: /api/sandbox, with a git server on this machine."""

import contextlib
import http.client
import time

import repository
import support


class Sessions(repository.Case, support.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stranger = cls.server.add_key("other")

    def assert_error(self, reply, status, *words):
        self.assertEqual(reply.status, status, reply)
        self.assertEqual(reply.json["status"], "error")
        for word in words:
            self.assertIn(word, reply.json["error"])

    def provision(self, session=None, **options):
        body = {"repoUrl": self.url, **({"sessionId": session} if session else {})}
        reply = self.call("POST", "/api/sandbox", body, **options)
        self.assertEqual(reply.status, 200, reply)
        self.assertEqual(set(reply.json), {"createdAt", "timeout", "currentBranch", "mode", "timing"})
        return reply.json

    def run_in(self, session, code):
        return self.output(f"session-{session}", code)

    def status(self, session, **options):
        return self.call("GET", f"/api/sandbox/status?sessionId={session}", **options)

    def test_a_session_is_made_with_its_repository(self):
        before = time.time() * 1000
        made = self.provision("made")
        self.assertAlmostEqual(made["createdAt"], before, delta=20000)
        self.assertEqual((made["mode"], made["currentBranch"]), ("vercel", "trunk"))
        self.assertGreater(made["timeout"], 29 * 60 * 1000)
        self.assertLessEqual(made["timeout"], 30 * 60 * 1000)
        self.assertGreaterEqual(made["timing"]["readyMs"], 0)
        self.assertEqual(self.run_in("made", "print(open('data.csv').read())"), ["a,b\n1,2\n"])

    def test_the_same_session_is_the_same_sandbox(self):
        self.provision("same")
        self.run_in("same", "x = 1")
        first = self.status("same").json
        self.provision("same")
        self.assertEqual(self.run_in("same", "print(x)"), ["1"])
        self.assertEqual(self.status("same").json["lifecycleVersion"], first["lifecycleVersion"])

    def test_a_session_that_sleeps_is_resumed_with_its_variables(self):
        self.provision("sleeper")
        self.run_in("sleeper", "x = 'kept'; open('new.txt', 'w').write('y')")
        paused = self.call("POST", "/api/sandbox/snapshot", {"sessionId": "sleeper"})
        self.assertEqual((paused.status, set(paused.json)), (200, {"snapshotId", "createdAt"}))
        status = self.status("sleeper").json
        self.assertEqual((status["status"], status["hasSnapshot"]), ("no_sandbox", True))
        self.assertEqual(status["lifecycle"]["state"], "hibernated")
        self.assertIsNone(status["lifecycle"]["sandboxExpiresAt"])
        reply = self.call("GET", "/api/sandbox/reconnect?sessionId=sleeper")
        self.assertEqual(reply.json["status"], "expired")
        self.provision("sleeper")
        self.assertEqual(self.run_in("sleeper", "print(x, open('new.txt').read())"), ["kept y"])
        self.assertEqual(self.status("sleeper").json["lifecycleVersion"], status["lifecycleVersion"] + 1)

    def test_restore_brings_back_what_sleeps_and_says_so(self):
        self.provision("restored")
        reply = self.call("PUT", "/api/sandbox/snapshot", {"sessionId": "restored"})
        self.assertEqual(reply.json, {"success": True, "alreadyRunning": True})
        self.call("POST", "/api/sandbox/snapshot", {"sessionId": "restored"})
        reply = self.call("PUT", "/api/sandbox/snapshot", {"sessionId": "restored"})
        self.assertEqual((reply.status, reply.json["success"]), (200, True))
        self.assertIn("restoredFrom", reply.json)
        self.assertEqual(self.status("restored").json["status"], "active")

    def test_status_has_the_times_of_a_session(self):
        self.provision("times")
        self.run_in("times", "1")
        status = self.status("times").json
        self.assertEqual((status["status"], status["lifecycleVersion"]), ("active", 1))
        life = status["lifecycle"]
        self.assertEqual(set(life), {"serverTime", "state", "lastActivityAt", "hibernateAfter",
                                     "sandboxExpiresAt"})
        self.assertEqual(life["hibernateAfter"] - life["lastActivityAt"], 5 * 60 * 1000)
        self.assertAlmostEqual(life["sandboxExpiresAt"], life["serverTime"] + 30 * 60 * 1000, delta=60000)

    def test_reconnect_looks_at_the_process(self):
        self.provision("probe")
        reply = self.call("GET", "/api/sandbox/reconnect?sessionId=probe").json
        self.assertEqual(reply["status"], "connected")
        self.assertEqual(reply["expiresAt"], reply["lifecycle"]["sandboxExpiresAt"])
        self.execute("session-probe", "import os; os.abort()")
        reply = self.call("GET", "/api/sandbox/reconnect?sessionId=probe").json
        self.assertEqual(reply["status"], "expired")
        self.assertNotIn("expiresAt", reply)

    def test_extend_moves_the_end_and_activity_the_sleep(self):
        self.provision("longer")
        before = self.status("longer").json["lifecycle"]
        time.sleep(0.05)
        reply = self.call("POST", "/api/sandbox/extend", {"sessionId": "longer"})
        self.assertEqual(reply.json, {"success": True, "extendedBy": 20 * 60 * 1000,
                                      "expiresAt": before["sandboxExpiresAt"] + 20 * 60 * 1000})
        after = self.status("longer").json["lifecycle"]
        self.assertEqual(after["sandboxExpiresAt"], reply.json["expiresAt"])
        time.sleep(0.05)
        self.assertEqual(self.call("POST", "/api/sandbox/activity", {"sessionId": "longer"}).json,
                         {"success": True})
        self.assertGreater(self.status("longer").json["lifecycle"]["hibernateAfter"], after["hibernateAfter"])

    def test_without_a_session_the_sandbox_is_for_once(self):
        first = self.provision()
        self.assertEqual(first["currentBranch"], "trunk")
        self.provision()

    def test_bad_bodies_are_400(self):
        reply = self.call("POST", "/api/sandbox", {"sessionId": "x"})
        self.assert_error(reply, 400, "repoUrl")
        self.assertEqual(reply.json["missing_fields"], ["repoUrl"])
        for url in ("", "nope", "https://example.com/a/b", self.prefix, self.prefix + "a",
                    self.prefix + "a/b/c", self.prefix + "../b", self.prefix + "a/b?c", self.prefix + "a/ b",
                    "file:///etc/passwd",
                    self.prefix + "-a/b"):
            self.assert_error(self.call("POST", "/api/sandbox", {"repoUrl": url}), 400, "repoUrl")
        for session in ("", 5, "x" * 300, "a\0b"):
            body = {"repoUrl": self.url, "sessionId": session}
            self.assert_error(self.call("POST", "/api/sandbox", body), 400, "sessionId")
        for body in ("{", "[]", "", None):
            self.assert_error(self.call("POST", "/api/sandbox", body), 400)

    def test_a_repository_that_cannot_be_cloned_is_502_with_one_text(self):
        body = {"repoUrl": self.prefix + "no/such", "sessionId": "none"}
        reply = self.call("POST", "/api/sandbox", body)
        self.assertEqual((reply.status, reply.json),
                         (502, {"status": "error", "error": "Failed to provision sandbox"}))
        self.assertEqual(self.status("none").status, 404)

    def test_missing_and_foreign_sessions_are_404_alike(self):
        self.provision("mine")
        for key, session in ((self.stranger, "mine"), (self.stranger, "nobody"), ("", "nobody")):
            for method, path, body in (("GET", f"/api/sandbox/status?sessionId={session}", None),
                                       ("GET", f"/api/sandbox/reconnect?sessionId={session}", None),
                                       ("POST", "/api/sandbox/extend", {"sessionId": session}),
                                       ("POST", "/api/sandbox/activity", {"sessionId": session}),
                                       ("POST", "/api/sandbox/snapshot", {"sessionId": session}),
                                       ("PUT", "/api/sandbox/snapshot", {"sessionId": session})):
                reply = self.call(method, path, body, key=key)
                self.assertEqual((reply.status, reply.json),
                                 (404, {"status": "error", "error": "Session not found"}))
        for path in ("/api/sandbox/status", "/api/sandbox/reconnect?sessionId="):
            self.assert_error(self.call("GET", path), 400, "Missing sessionId")

    def test_two_organisations_may_use_the_same_session_id(self):
        self.provision("twice")
        self.run_in("twice", "x = 1")
        self.provision("twice", key=self.stranger)
        reply = self.execute("session-twice", "print(x)", key=self.stranger)
        self.assertIn("NameError", reply.json["error"])


class Slow(repository.Case, support.Case):
    folder = "slow/"
    arguments = ("--drain", "1", "--threads", "2")

    def test_check_outs_hold_nobody_up_and_a_stop_gives_them_up(self):
        git = [self.in_background(self.begin, session) for session in ("one", "two", "three", "four", "five")]
        support.wait_until(lambda: self.asked() >= 3, "repositories are asked for")
        begun = time.monotonic()
        sandbox = self.create()
        self.output(sandbox, "x = 'kept'")
        self.assertEqual(self.call("GET", f"/v2/sandcastles/{sandbox}").json["status"], "running")
        self.assertLess(time.monotonic() - begun, 3)
        processes = self.server.processes()
        begun = time.monotonic()
        self.assertEqual(self.server.stop(), 0)
        self.assertLess(time.monotonic() - begun, 8)
        for thread in git:
            thread.join()
        support.wait_until(lambda: all(map(support.has_ended, processes)), "all processes end")
        self.server.start()
        self.assertEqual([each["sandbox_id"] for each in
                          self.call("GET", "/v2/sandcastles?status=all").json["sandboxes"]], [sandbox])
        self.assertEqual(self.call("GET", "/api/sandbox/status?sessionId=one").status, 404)
        self.assertEqual(self.call("POST", "/v2/sandcastles", {"sandbox_id": sandbox}).status, 201)
        self.assertEqual(self.output(sandbox, "print(x)"), ["kept"])

    def begin(self, session):
        with contextlib.suppress(OSError, http.client.HTTPException):
            self.call("POST", "/api/sandbox", {"repoUrl": self.url, "sessionId": session})

    def asked(self):
        with contextlib.suppress(FileNotFoundError), open(self.log, encoding="utf-8") as file:
            return len(file.readlines())
        return 0
