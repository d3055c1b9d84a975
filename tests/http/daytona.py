# SPDX-License-Identifier: Apache-2.0
"""The Daytona family: /sandbox."""

import support


class Start(support.Case):
    def make(self, name, **more):
        reply = self.call("POST", "/sandbox", {"name": name, **more})
        self.assertEqual(reply.status, 200, reply)
        return reply.json

    def begin(self, name, **options):
        return self.call("POST", f"/sandbox/{name}/start", **options)

    def assert_error(self, reply, status, message):
        self.assertEqual(reply.status, status, reply)
        self.assertEqual(set(reply.json), {"path", "timestamp", "statusCode", "error", "message"})
        self.assertEqual((reply.json["statusCode"], reply.json["message"]), (status, message))

    def test_a_sandbox_is_started_by_id_or_name(self):
        made = self.make("sandbox123", labels={"project": "my-app"}, env={"NODE_ENV": "development"},
                         autoStopInterval=60, autoArchiveInterval=10080)
        self.execute(made["id"], "import os; os.abort()")
        self.assertEqual(self.call("GET", "/sandbox/sandbox123").json["state"], "stopped")
        reply = self.begin("sandbox123", headers={"X-Daytona-Organization-ID": "your-org-id"})
        self.assertEqual(reply.status, 200)
        expected = {
            "id": made["id"], "organizationId": "default", "name": "sandbox123", "user": "daytona",
            "env": {"NODE_ENV": "development"}, "labels": {"project": "my-app"}, "public": False,
            "networkBlockAll": True, "kvm": False, "target": "local", "cpu": 1, "gpu": 0, "memory": 4,
            "disk": 3, "state": "started", "desiredState": "started", "autoStopInterval": 60,
            "autoArchiveInterval": 10080, "autoDeleteInterval": -1, "volumes": [], "runnerId": "local",
            "createdAt": made["createdAt"], "toolboxProxyUrl": self.server.url + "/toolbox",
            "snapshot": "default"}
        self.assertEqual({name: reply.json.get(name) for name in expected}, expected)
        self.assertRegex(reply.json["updatedAt"], "^[0-9-]{10}T[0-9:.]+Z$")
        self.assertEqual(self.begin(made["id"]).json["state"], "started")
        self.assertEqual(self.output(made["id"], "import os; print(os.environ['NODE_ENV'])"), ["development"])

    def test_a_start_of_a_running_one_changes_nothing(self):
        made = self.make("running")
        self.output(made["id"], "x = 5")
        self.assertEqual(self.begin("running").json["state"], "started")
        self.assertEqual(self.output(made["id"], "print(x)"), ["5"])

    def test_missing_and_foreign_ones_are_404_in_their_shape(self):
        self.make("mine")
        stranger = self.server.add_key("other")
        self.assert_error(self.begin("nobody"), 404, "Sandbox with ID or name nobody not found")
        reply = self.begin("mine", key=stranger)
        self.assert_error(reply, 404, "Sandbox with ID or name mine not found")
        self.assertEqual((reply.json["path"], reply.json["error"]), ("/sandbox/mine/start", "Not Found"))
        self.assert_error(self.begin("mine", key=None), 401, "Authentication required")

    def test_what_cannot_be_made_is_refused(self):
        self.make("taken")
        self.assertEqual(self.call("POST", "/sandbox", {"name": "taken"}).status, 409)
        for body in ({"name": 5}, {"name": ""}, {"labels": {"a": 5}}, {"labels": []}, {"env": {"A=B": "c"}},
                     {"labels": {str(n): "x" * 4000 for n in range(20)}}, {"user": "x" * 256},
                     {"env": {str(n): "x" * 4000 for n in range(20)}}, {"target": "x" * 256},
                     {"labels": {"clutch.env": "x"}}, {"autoStopInterval": -1}, {"autoStopInterval": 1.5},
                     {"autoDeleteInterval": -2}, {"autoArchiveInterval": "x"}):
            self.assertEqual(self.call("POST", "/sandbox", body).status, 400, body)

    def test_what_no_sandbox_here_can_have_is_422(self):
        for name, value in (("buildInfo", {"dockerfileContent": "FROM x"}), ("gpu", 1), ("ttlMinutes", 5),
                            ("volumes", [{"volumeId": "x", "mountPath": "/x"}]), ("secrets", [{"a": "b"}]),
                            ("networkAllowList", "10.0.0.0/8"), ("domainAllowList", "a.b"), ("kvm", True)):
            self.assert_error(self.call("POST", "/sandbox", {name: value}), 422,
                              f"Sandboxes of this server cannot have {name}: leave it out")
        self.make("nothing", volumes=[], secrets=None, buildInfo={}, gpu=0, networkAllowList="", kvm=False)

    def test_intervals_are_minutes_with_their_own_nevers(self):
        made = self.make("never", autoStopInterval=0, autoDeleteInterval=0)
        self.assertEqual((made["autoStopInterval"], made["autoDeleteInterval"]), (0, 0))
        made = self.make("usual")
        self.assertEqual((made["autoStopInterval"], made["autoArchiveInterval"], made["autoDeleteInterval"]),
                         (15, 10080, -1))
