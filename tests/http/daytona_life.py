# SPDX-License-Identifier: Apache-2.0
"""The Daytona family: the states of a sandbox, and what is allowed in each."""

import glob
import json
import os
import time
import urllib.parse

import support

CHANGING = "Sandbox state change in progress"
# What each call answers in each state: a status, with the state after it or the message.
RULES = {
    "start": {"started": "started", "stopped": "started", "paused": "started", "archived": "started",
              "error": (400, "Sandbox is in an errored state"), "stopping": (409, CHANGING)},
    "stop": {"started": "stopped", "paused": "stopped",
             "stopped": (400, "Sandbox is not in a stoppable state"),
             "archived": (400, "Sandbox is not in a stoppable state"),
             "error": (400, "Sandbox is not in a stoppable state"), "stopping": (409, CHANGING)},
    "pause": {"started": "paused", "paused": (400, "Sandbox is not started"),
              "stopped": (400, "Sandbox is not started"), "archived": (400, "Sandbox is not started"),
              "error": (400, "Sandbox is not started"), "stopping": (409, CHANGING)},
    "archive": {"stopped": "archived", "started": (400, "Sandbox is not stopped"),
                "paused": (400, "Sandbox is not stopped"), "archived": (400, "Sandbox is not stopped"),
                "error": (400, "Sandbox is not stopped"), "stopping": (409, CHANGING)},
    "recover": {"started": (400, "Sandbox is not in an error state"),
                "stopped": (400, "Sandbox is not in an error state"),
                "paused": (400, "Sandbox is not in an error state"),
                "archived": (400, "Sandbox is not in an error state"), "stopping": (409, CHANGING)},
    "resize": {"started": 422, "stopped": 422, "paused": (400, "Sandbox is not in a resizable state"),
               "archived": (400, "Sandbox is not in a resizable state"), "stopping": (409, CHANGING)},
    "fork": {"stopped": (400, "Sandbox is not started"), "archived": (400, "Sandbox is not started"),
             "paused": (400, "Sandbox is not started"), "stopping": (409, CHANGING)},
    "snapshot": {"stopped": (400, "Sandbox is not started"), "archived": (400, "Sandbox is not started"),
                 "paused": (400, "Sandbox is not started"), "stopping": (409, CHANGING)},
    "delete": {"started": "destroyed", "stopped": "destroyed", "paused": "destroyed",
               "archived": "destroyed", "error": "destroyed", "stopping": (409, CHANGING)},
}
WAYS = {"started": (), "stopped": ("stop",), "paused": ("pause",), "archived": ("stop", "archive")}


class Case(support.Case):
    def make(self, **body):
        reply = self.call("POST", "/sandbox", body)
        self.assertEqual(reply.status, 200, reply)
        return reply.json

    def act(self, verb, sandbox, body=None, query="", **options):
        if verb == "delete":
            return self.call("DELETE", f"/sandbox/{sandbox}", **options)
        return self.call("POST", f"/sandbox/{sandbox}/{verb}{query}", body, **options)

    def done(self, verb, sandbox, *arguments, **options):
        reply = self.act(verb, sandbox, *arguments, **options)
        self.assertEqual(reply.status, 200, reply)
        return reply.json

    def get(self, sandbox):
        return self.call("GET", f"/sandbox/{sandbox}").json

    def list(self, **query):
        reply = self.call("GET", "/sandbox?" + urllib.parse.urlencode(query))
        self.assertEqual(reply.status, 200, reply)
        return reply.json

    def names(self, **query):
        return [each["name"] for each in self.list(**query)["items"]]

    def assert_error(self, reply, status, message):
        self.assertEqual(reply.status, status, reply)
        self.assertEqual(set(reply.json), {"path", "timestamp", "statusCode", "error", "message"})
        self.assertEqual((reply.json["statusCode"], reply.json["message"]), (status, message))


class Life(Case):
    def break_it(self, sandbox):
        """Its saved variables cannot be read any more."""
        self.output(sandbox, "x = 1")
        self.done("stop", sandbox)
        saved = [path for path in glob.glob(f"{self.server.state}/**", recursive=True)
                 if sandbox in path and os.path.isfile(path)]
        self.assertTrue(saved)
        for path in saved:
            with open(path, "r+b") as file:
                size = os.path.getsize(path)
                file.seek(size // 2)
                file.write(b"\xff" * 64)
        self.assertGreaterEqual(self.act("start", sandbox).status, 400)

    def expect(self, verb, state, sandbox, expected):
        body = {"name": "unused"} if verb in ("fork", "snapshot") else None
        reply = self.act(verb, sandbox, body)
        where = f"{verb} of a sandbox that is {state}"
        if isinstance(expected, str):
            self.assertEqual((reply.status, reply.json.get("state")), (200, expected), where)
        elif isinstance(expected, int):
            self.assertEqual(reply.status, expected, (where, reply))
        else:
            self.assertEqual((reply.status, reply.json.get("message")), expected, where)

    def test_each_call_does_what_the_state_allows(self):
        for verb, rules in RULES.items():
            for state, expected in rules.items():
                if state not in WAYS:
                    continue
                sandbox = self.make()["id"]
                for step in WAYS[state]:
                    self.done(step, sandbox)
                self.assertEqual(self.get(sandbox)["state"], state)
                self.expect(verb, state, sandbox, expected)

    def test_an_errored_one_is_only_recovered_or_deleted(self):
        sandbox = self.make()["id"]
        self.break_it(sandbox)
        made = self.get(sandbox)
        self.assertEqual(made["state"], "error")
        self.assertIn("errorReason", made)
        for verb, rules in RULES.items():
            if "error" in rules and verb != "delete":
                self.expect(verb, "error", sandbox, rules["error"])
        self.assertIn(made["name"], self.names(states="error", isRecoverable="true"))
        self.assertNotIn(made["name"], self.names(isRecoverable="false"))
        self.assertGreaterEqual(self.act("recover", sandbox).status, 400, "what is broken stays broken")
        self.expect("delete", "error", sandbox, "destroyed")

    def test_while_it_changes_all_calls_are_409(self):
        sandbox = self.make()["id"]
        self.output(sandbox, "import os; x = [os.urandom(1 << 20) for _ in range(150)]")
        stop = self.in_background(self.act, "stop", sandbox)
        support.wait_until(lambda: self.get(sandbox)["state"] != "started", "the stop begins")
        self.assertEqual(self.get(sandbox)["state"], "stopping")
        self.assertEqual(self.get(sandbox)["desiredState"], "stopped")
        for verb, rules in RULES.items():
            self.expect(verb, "stopping", sandbox, rules["stopping"])
        stop.join()
        self.assertEqual(stop.result.json["state"], "stopped")

    def test_variables_and_files_come_back(self):
        made = self.make(name="kept")
        self.output("kept", "x = 5; open('f', 'w').write('text')")
        for steps in (("stop", "start"), ("pause", "start"), ("stop", "archive", "start")):
            for verb in steps:
                self.assertEqual(self.done(verb, "kept")["id"], made["id"])
            self.assertEqual(self.output("kept", "print(x, open('f').read())"), ["5 text"])

    def test_a_forced_stop_saves_nothing(self):
        sandbox = self.make()["id"]
        self.output(sandbox, "x = 5; open('f', 'w').write('text')")
        self.assertEqual(self.done("stop", sandbox, query="?force=true")["state"], "stopped")
        self.done("start", sandbox)
        self.assertEqual(self.output(sandbox, "print('x' in dir(), open('f').read())"), ["False text"])

    def test_an_ephemeral_one_goes_with_its_stop(self):
        sandbox = self.make(autoDeleteInterval=0)["id"]
        self.assertEqual(self.done("stop", sandbox)["state"], "destroyed")
        self.assert_error(self.call("GET", f"/sandbox/{sandbox}"), 404,
                          f"Sandbox with ID or name {sandbox} not found")

    def test_a_deleted_one_is_gone(self):
        sandbox = self.make(name="gone")["id"]
        self.done("delete", "gone")
        for reply in (self.call("GET", f"/sandbox/{sandbox}"), self.act("delete", sandbox),
                      self.act("start", "gone"), self.execute(sandbox, "1")):
            self.assertEqual(reply.status, 404, reply)
        self.assertNotEqual(self.make(name="gone")["id"], sandbox)

    def test_missing_and_foreign_ones_are_404_alike(self):
        stranger = self.server.add_key("foreign")
        mine = self.make()["id"]
        for verb in RULES:
            body = {"name": "x"} if verb in ("fork", "snapshot") else None
            for sandbox, options in (("nobody", {}), (mine, {"key": stranger})):
                self.assert_error(self.act(verb, sandbox, body, **options), 404,
                                  f"Sandbox with ID or name {sandbox} not found")
        self.assertEqual(self.get(mine)["state"], "started")


class Copies(Case):
    def test_a_fork_has_the_memory_and_the_files_and_goes_its_own_way(self):
        made = self.make(name="parent", labels={"a": "b"}, autoStopInterval=33)
        self.output("parent", "x = [1]; open('f', 'w').write('one')")
        fork = self.done("fork", "parent", {"name": "child"})
        self.assertEqual((fork["name"], fork["labels"], fork["autoStopInterval"], fork["state"]),
                         ("child", {"a": "b"}, 33, "started"))
        self.assertEqual(self.output("child", "x.append(2); print(x, open('f').read())"), ["[1, 2] one"])
        self.assertEqual(self.output("parent", "print(x)"), ["[1]"])
        self.assertEqual(self.act("fork", "parent", {"name": "child"}).status, 409)
        other = self.done("fork", "child")
        forks = self.call("GET", "/sandbox/parent/forks").json
        self.assertEqual([each["id"] for each in forks], [fork["id"]])
        self.assertEqual(self.call("GET", "/sandbox/child/parent").json["id"], made["id"])
        self.assertEqual(self.call("GET", "/sandbox/parent/parent").status, 404)
        lines = self.call("GET", f"/sandbox/{other['id']}/ancestors").json
        self.assertEqual([each["id"] for each in lines], [fork["id"], made["id"]])
        self.assert_error(self.act("delete", "parent"), 400, "Sandbox has forks: delete them first")
        for sandbox in (other["id"], "child", "parent"):
            self.done("delete", sandbox)

    def test_a_snapshot_makes_others(self):
        self.make(name="origin")
        self.output("origin", "x = 7")
        self.done("snapshot", "origin", {"name": "base"})
        self.assertEqual(self.act("snapshot", "origin", {"name": "base"}).status, 409)
        self.done("delete", "origin")
        made = self.make(snapshot="base", env={}, labels={})
        self.assertEqual(made["snapshot"], "base")
        self.assertEqual(self.output(made["id"], "print(x)"), ["7"])
        self.assertEqual(self.call("POST", "/sandbox", {"snapshot": "nothing"}).status, 404)
        for body in ({"memory": 1}, {"networkBlockAll": True}):
            self.assertEqual(self.call("POST", "/sandbox", {"snapshot": "base", **body}).status, 422, body)
        stranger = self.server.add_key("without")
        self.assertEqual(self.call("POST", "/sandbox", {"snapshot": "base"}, key=stranger).status, 404)

    def test_what_cannot_be_copied_is_422(self):
        self.make(name="busy")
        self.output("busy", "import threading; threading.Thread(target=threading.Event().wait, "
                            "daemon=True).start()")
        self.assertEqual(self.act("fork", "busy").status, 422)
        self.assertEqual(self.act("snapshot", "busy", {"name": "never"}).status, 422)

    def test_names_must_be_names(self):
        self.make(name="named")
        for body in ({"name": 5}, {"name": ""}, {"name": "x" * 256}):
            self.assertEqual(self.act("fork", "named", body).status, 400, body)
        self.assertEqual(self.act("snapshot", "named", {}).status, 400)


class Settings(Case):
    def test_labels_are_replaced_as_a_whole(self):
        self.make(name="labelled", labels={"a": "1", "b": "2"}, env={"E": "f"})
        reply = self.call("PUT", "/sandbox/labelled/labels", {"labels": {"c": "3"}})
        self.assertEqual(reply.status, 200, reply)
        self.assertEqual((reply.json["labels"], reply.json["env"]), ({"c": "3"}, {"E": "f"}))
        self.assertEqual(self.get("labelled")["labels"], {"c": "3"})
        for body in ({}, {"labels": []}, {"labels": {"a": 1}}, {"labels": {"clutch.env": "x"}}):
            self.assertEqual(self.call("PUT", "/sandbox/labelled/labels", body).status, 400, body)
        self.assertEqual(self.get("labelled")["labels"], {"c": "3"})

    def test_intervals_are_minutes_with_their_own_nevers(self):
        self.make(name="timed")
        for verb, field, minutes, expected in (
                ("autostop", "autoStopInterval", 30, 30), ("autostop", "autoStopInterval", 0, 0),
                ("autoarchive", "autoArchiveInterval", 60, 60),
                ("autoarchive", "autoArchiveInterval", 0, 43200),
                ("autoarchive", "autoArchiveInterval", 50000, 43200),
                ("autodelete", "autoDeleteInterval", 5, 5), ("autodelete", "autoDeleteInterval", 0, 0),
                ("autodelete", "autoDeleteInterval", -1, -1)):
            self.assertEqual(self.done(f"{verb}/{minutes}", "timed")[field], expected)
            self.assertEqual(self.get("timed")[field], expected)
        for path in ("autostop/-1", "autostop/x", "autostop/1.5", "autodelete/-2", "autoarchive/-1",
                     "autostop/99999999999999999999", "autostop/9999999999"):
            self.assertEqual(self.act(path, "timed").status, 400, path)

    def test_activity_is_told(self):
        before = self.make(name="active")["lastActivityAt"]
        time.sleep(0.05)
        self.assertEqual(self.get("active")["lastActivityAt"], before, "looking is none")
        self.assertGreater(self.done("last-activity", "active")["lastActivityAt"], before)

    def test_memory_can_be_less_than_the_servers_but_not_more(self):
        made = self.make(memory=1)
        self.assertEqual(made["memory"], 1)
        self.assertEqual(self.output(made["id"], "try:\n x = bytearray(3 << 29)\nexcept MemoryError:\n"
                                                 " print('no')"), ["no"])
        usual = self.make()["id"]
        self.assertEqual(self.output(usual, "x = bytearray(3 << 29); print(len(x))"), [str(3 << 29)])
        for memory in (0, -1, 1000, 1.5, "1"):
            self.assertEqual(self.call("POST", "/sandbox", {"memory": memory}).status, 400, memory)


class Lists(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server.names = []
        for name, body in (("a-one", {"labels": {"kind": "a", "n": "1"}}),
                           ("a-two", {"labels": {"kind": "a", "n": "2"}, "memory": 1}),
                           ("b-three", {"labels": {"kind": "b"}, "target": "moon"})):
            cls.server.call("POST", "/sandbox", {"name": name, **body})
        cls.server.call("POST", "/sandbox/b-three/stop")

    def test_the_most_recent_come_first(self):
        listed = self.list()
        self.assertIsNone(listed["nextCursor"])
        self.assertEqual(set(listed), {"items", "nextCursor"})
        self.assertEqual(listed["items"][0], self.get(listed["items"][0]["id"]))
        self.assertEqual(self.names(sort="createdAt"), ["b-three", "a-two", "a-one"])
        self.assertEqual(self.names(sort="createdAt", order="asc"), ["a-one", "a-two", "b-three"])
        self.assertEqual(self.names(sort="name"), ["a-one", "a-two", "b-three"])
        self.assertEqual(self.names(sort="name", order="asc"), ["a-one", "a-two", "b-three"])
        self.assertEqual(self.names(sort="name", order="desc"), ["b-three", "a-two", "a-one"])

    def test_filters(self):
        one = self.get("a-one")
        for query, expected in (
                ({"labels": json.dumps({"kind": "a"})}, ["a-one", "a-two"]),
                ({"labels": json.dumps({"kind": "a", "n": "2"})}, ["a-two"]),
                ({"labels": "{}"}, ["a-one", "a-two", "b-three"]),
                ({"states": "stopped"}, ["b-three"]),
                ({"states": "started,stopped", "name": "b"}, ["b-three"]),
                ({"states": "pulling_snapshot"}, []), ({"name": "a-"}, ["a-one", "a-two"]),
                ({"id": one["id"]}, ["a-one"]), ({"id": one["id"][:8]}, ["a-one"]),
                ({"minMemoryGiB": 2, "maxMemoryGiB": 4}, ["a-one", "b-three"]),
                ({"maxMemoryGiB": 1}, ["a-two"]),
                ({"regionIds": "moon,mars"}, ["b-three"]), ({"snapshots": "nothing"}, []),
                ({"isPublic": "true"}, []), ({"isPublic": "false"}, ["a-one", "a-two", "b-three"]),
                ({"createdAtAfter": "2999-01-01"}, []), ({"createdAtBefore": "2999-01-01T00:00:00Z"},
                                                         ["a-one", "a-two", "b-three"]),
                ({"createdAtBefore": one["createdAt"]}, ["a-one"])):
            self.assertEqual(self.names(sort="name", **query), expected, query)

    def test_pages(self):
        seen, cursor = [], None
        while True:
            page = self.list(sort="name", limit=1, **({"cursor": cursor} if cursor else {}))
            self.assertLessEqual(len(page["items"]), 1)
            seen += [each["name"] for each in page["items"]]
            cursor = page["nextCursor"]
            if cursor is None:
                break
        self.assertEqual(seen, ["a-one", "a-two", "b-three"])

    def test_what_cannot_be_understood_is_400(self):
        for query in ("limit=0", "limit=201", "limit=x", "states=flying", "labels=x", "labels=[]",
                      "sort=colour", "order=up", "minCpu=x", "createdAtAfter=yesterday", "cursor=nonsense"):
            reply = self.call("GET", "/sandbox?" + query)
            self.assertEqual((reply.status, reply.json["statusCode"]), (400, 400), query)

    def test_foreign_ones_are_not_listed(self):
        reply = self.call("GET", "/sandbox", key=self.server.add_key("lonely"))
        self.assertEqual(reply.json, {"items": [], "nextCursor": None})
