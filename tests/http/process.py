# SPDX-License-Identifier: Apache-2.0
"""The Daytona family's processes: code-run with its charts, and commands."""

import base64
import contextlib
import http.client
import time

import support


class Case(support.Case):
    def setUp(self):
        self.id = self.call("POST", "/sandbox", {"env": {"SANDBOX": "mine"}}).json["id"]

    def run_code(self, code, **body):
        return self.call("POST", f"/toolbox/{self.id}/process/code-run", {"code": code, **body})

    def command(self, command, **body):
        return self.call("POST", f"/toolbox/{self.id}/process/execute", {"command": command, **body})

    def assert_result(self, reply, status, result):
        self.assertEqual(reply.status, 200, reply)
        self.assertEqual((reply.json["exitCode"], reply.json["result"]), (status, result))


class Code(Case):
    arguments = ("--ready", "0")  # processes are counted

    def test_output_and_exit_codes(self):
        for code, status, result in (("print('a'); import sys; print('b', file=sys.stderr)", 0, "a\nb\n"),
                                     ("x = 1", 0, ""), ("import sys; sys.exit(7)", 7, ""),
                                     ("import sys; sys.exit('why')", 1, "why\n"),
                                     ("import sys; sys.exit(1)", 1, ""), ("import os; os._exit(9)", 9, "")):
            self.assert_result(self.run_code(code), status, result)
        reply = self.run_code("print('before')\n1/0")
        self.assertEqual(reply.json["exitCode"], 1)
        self.assertRegex(reply.json["result"], r"(?s)^before\nTraceback .*line 2.*\nZeroDivisionError: .*\n$")
        self.assertEqual(self.run_code("import os; os.abort()").json["exitCode"], 134)

    def test_globals_are_fresh_and_files_stay(self):
        self.output(self.id, "x = 5; open('f', 'w').write('text')")
        self.assert_result(self.run_code("print('x' in dir(), open('f').read()); y = 1; open('g', 'w')"), 0,
                           "False text\n")
        self.assert_result(self.run_code("import os; print('y' in dir(), sorted(os.listdir()))"), 0,
                           "False ['f', 'g']\n")
        self.assertEqual(self.output(self.id, "print(x, 'y' in dir())"), ["5 False"])

    def test_arguments_and_environment(self):
        self.assert_result(self.run_code("import sys; print(sys.argv)", argv=["a", "b'\"\\ü"]), 0,
                           repr(["-c", "a", "b'\"\\ü"]) + "\n")
        code = "import os; print(os.environ['SANDBOX'], os.environ.get('MORE'))"
        self.assert_result(self.run_code(code, envs={"MORE": "ü'\"\\"}), 0, "mine ü'\"\\\n")
        self.assert_result(self.run_code(code, envs={"SANDBOX": "other"}), 0, "other None\n")
        self.assert_result(self.run_code(code), 0, "mine None\n")

    def test_a_time_out_is_408_and_output_is_dropped(self):
        begun = time.monotonic()
        reply = self.run_code("print(1)\nimport time\ntime.sleep(50)", timeout=0.3)
        self.assertEqual((reply.status, reply.json["code"]), (408, "PROCESS_EXECUTION_TIMEOUT"))
        self.assertLess(time.monotonic() - begun, 10)

    def test_what_cannot_be_understood_is_400(self):
        for body in ({}, {"code": ""}, {"code": 5}, {"code": "a\0"}, {"code": "1", "language": "ruby"},
                     {"code": "1", "argv": "x"}, {"code": "1", "argv": [1]}, {"code": "1", "envs": {"A": 1}},
                     {"code": "1", "envs": {"A=B": "c"}}, {"code": "1", "timeout": -1},
                     {"code": "1", "timeout": "x"}, {"code": "1", "argv": ["x"] * 1001}):
            reply = self.call("POST", f"/toolbox/{self.id}/process/code-run", body)
            self.assertEqual((reply.status, reply.json.get("code")), (400, "BAD_REQUEST"), body)

    def test_runs_go_side_by_side_and_leave_no_process(self):
        self.run_code("1")
        before = len(self.server.processes())
        begun = time.monotonic()
        threads = [self.in_background(self.run_code, "import time; time.sleep(1); print(1)")
                   for _ in range(6)]
        for thread in threads:
            thread.join()
            self.assert_result(thread.result, 0, "1\n")
        self.assertLess(time.monotonic() - begun, 5)
        support.wait_until(lambda: len(self.server.processes()) <= before, "helpers end")
        self.assertEqual(self.call("GET", "/sandbox?name=" + self.id).json["items"][0]["id"], self.id)
        listed = self.call("GET", "/v2/sandcastles?status=all&limit=200").json["sandboxes"]
        self.assertEqual([each["sandbox_id"] for each in listed].count(self.id), 1)
        self.assertEqual(len(listed), len(self.call("GET", "/sandbox?limit=200").json["items"]))

    def test_a_client_that_leaves_ends_its_run(self):
        self.run_code("1")
        before = len(self.server.processes())
        sock = self.server.connect()
        body = b'{"code": "import time; open(\'begun\', \'w\'); time.sleep(50)"}'
        sock.sendall(f"POST /toolbox/{self.id}/process/code-run HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                     f"{self.server.key}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        look = "import os; print(os.path.exists('begun'))"
        support.wait_until(lambda: self.output(self.id, look) == ["True"], "it runs")
        sock.close()
        support.wait_until(lambda: len(self.server.processes()) <= before, "it ends", 10)

    def test_one_that_has_died_is_started_and_one_that_is_stopped_is_not(self):
        self.execute(self.id, "import os; os.abort()")
        self.assert_result(self.run_code("print(1)"), 0, "1\n")
        self.assertEqual(self.call("POST", f"/sandbox/{self.id}/stop").status, 200)
        self.assertEqual(self.run_code("print(1)").status, 400)

    def test_a_network_that_is_blocked_is_blocked_for_helpers(self):
        server = support.Server("--network", "yes")
        self.addCleanup(server.close)
        code = "import socket\ntry: socket.socket(); print('open')\nexcept OSError: print('blocked')"
        for body, result in (({}, "open\n"), ({"networkBlockAll": True}, "blocked\n")):
            sandbox = server.call("POST", "/sandbox", body).json["id"]
            reply = server.call("POST", f"/toolbox/{sandbox}/process/code-run", {"code": code})
            self.assert_result(reply, 0, result)
        server.call("POST", f"/sandbox/{sandbox}/snapshot", {"name": "of-blocked"})
        fork = server.call("POST", f"/sandbox/{sandbox}/fork").json["id"]
        copy = server.call("POST", "/sandbox", {"snapshot": "of-blocked"}).json["id"]
        for sandbox in (fork, copy):
            reply = server.call("POST", f"/toolbox/{sandbox}/process/code-run", {"code": code})
            self.assert_result(reply, 0, "blocked\n")

    def test_commands_are_refused_where_there_are_no_processes(self):
        self.assertEqual(self.command("echo hi").status, 422)


class Charts(Case):
    def charts(self, code):
        reply = self.run_code("import matplotlib.pyplot as plt\n" + code)
        self.assertEqual((reply.status, reply.json["exitCode"]), (200, 0), reply)
        charts = reply.json.get("artifacts", {}).get("charts", [])
        for chart in charts:
            self.assertEqual(base64.b64decode(chart["png"])[:8], b"\x89PNG\r\n\x1a\n")
        return charts

    def test_kinds(self):
        line, bar, pie, box, scatter, both = self.charts(
            "plt.plot([1, 2], [3, 4.5], label='l'); plt.title('T'); plt.xlabel('X'); plt.show()\n"
            "plt.bar(['a', 'b'], [3, 4.5]); plt.ylabel('Y'); plt.show()\n"
            "plt.pie([1, 3], labels=['q', 'w']); plt.show()\n"
            "plt.boxplot([[1, 2, 3, 4, 5, 50]]); plt.show()\n"
            "plt.scatter([1, float('nan')], [2, 3], label='s'); plt.xscale('log'); plt.show()\n"
            "_, axes = plt.subplots(1, 2); axes[0].plot([1]); axes[1].barh(['e'], [2])\n")
        self.assertEqual((line["type"], line["title"], line["x_label"], line["y_scale"], line["elements"]),
                         ("line", "T", "X", "linear", [{"label": "l", "points": [[1, 3], [2, 4.5]]}]))
        self.assertEqual(len(line["x_ticks"]), len(line["x_tick_labels"]))
        self.assertEqual((bar["type"], bar["y_label"], bar["elements"]),
                         ("bar", "Y", [{"label": "a", "group": "", "value": 3},
                                       {"label": "b", "group": "", "value": 4.5}]))
        self.assertEqual((pie["type"], pie["elements"]), ("pie", [{"label": "q", "angle": 90, "radius": 1},
                                                                  {"label": "w", "angle": 270, "radius": 1}]))
        self.assertEqual((box["type"], box["elements"][0]["median"], box["elements"][0]["outliers"]),
                         ("box_and_whisker", 3.5, [50]))
        self.assertEqual((scatter["type"], scatter["x_scale"], scatter["elements"][0]["label"]),
                         ("scatter", "log", "s"))
        self.assertEqual((both["type"], [each["type"] for each in both["elements"]]),
                         ("composite_chart", ["line", "bar"]))

    def test_agg_of_the_codes_choice_shows_too(self):
        for choose in ("matplotlib.use('Agg')", "matplotlib.pyplot.switch_backend('agg')"):
            first, second = self.charts("import matplotlib\n" + choose + "\n"
                                        "plt.plot([1, 2]); plt.show(); plt.close('all')\n"
                                        "plt.bar(['a'], [3]); plt.show()")
            self.assertEqual((first["type"], second["type"]), ("line", "bar"))
        self.assertEqual(self.output(self.id, "import os; print(os.listdir())"), ["[]"])

    def test_no_figures_no_artifacts(self):
        self.assertNotIn("artifacts", self.run_code("import matplotlib.pyplot").json)
        self.assertNotIn("artifacts", self.run_code("print(1)").json)

    def test_many_points_cost_the_elements_and_not_the_picture(self):
        few, many = self.charts("plt.plot(range(1000)); plt.show()\nplt.plot(range(200000)); plt.show()")
        self.assertEqual((few["elements"], many["elements"], many["type"]), ([], [], "line"))

    def test_charts_of_many_values_cost_the_server_little(self):
        before = self.server.peak()
        code = ("import sys, types\nm = types.ModuleType('m')\n"
                "def told():\n print('[' + '{},' * 2000000 + '{}]')\n"
                "m.told = told\nsys.modules['clutch_figures'] = m\nprint('fine')")
        reply = self.run_code(code)
        self.assert_result(reply, 0, "fine\n")
        self.assertNotIn("artifacts", reply.json)
        self.assertLess(self.server.peak() - before, 100 << 20)

    def test_a_sandbox_that_lies_about_them_harms_nobody(self):
        for lie in ("print('[' * 100000)", "print('{}')", "print(chr(0) * 10)", "1/0",
                    "import os; os._exit(0)"):
            code = ("import sys, types\nm = types.ModuleType('m')\ndef told():\n " + lie + "\nm.told = told\n"
                    "sys.modules['clutch_figures'] = m\nprint('fine')")
            reply = self.run_code(code)
            self.assert_result(reply, 0, "fine\n")
            self.assertNotIn("artifacts", reply.json)


class Greedy(Case):
    arguments = ("--threads", "4", "--queue", "8")

    def test_an_organisation_that_blocks_threads_holds_no_other_up(self):
        stranger = self.server.add_key("other")
        hostile = ("class Hostile:\n def __reduce__(self):\n  while True: pass\nthing = Hostile()")
        calls = []
        for _ in range(3):
            sandbox = self.create()
            self.output(sandbox, hostile)
            calls.append(self.in_background(self.try_to, "DELETE", f"/v2/sandcastles/{sandbox}"))
        time.sleep(1)
        calls += [self.in_background(self.try_to, "GET", f"/v2/sandcastles/{self.id}") for _ in range(8)]
        support.wait_until(lambda: sum(call.result is not None for call in calls) == 2, "two are too many")
        self.assertEqual([call.result.status for call in calls if call.result is not None], [503, 503])
        begun = time.monotonic()
        sandbox = self.create(key=stranger)
        self.assertEqual(self.call("GET", f"/v2/sandcastles/{sandbox}", key=stranger).status, 200)
        self.assertLess(time.monotonic() - begun, 3)
        self.assertEqual(sum(call.result is not None for call in calls), 2)
        self.server.process.kill()

    def try_to(self, *arguments):
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.call(*arguments)


class OneThread(Case):
    arguments = ("--threads", "1")

    def test_charts_that_are_long_in_coming_hold_nobody_up(self):
        code = ("import sys, time, types\nm = types.ModuleType('m')\nm.told = lambda: time.sleep(4)\n"
                "sys.modules['clutch_figures'] = m\nprint('fine')")
        call = self.in_background(self.run_code, code)
        time.sleep(1)
        begun = time.monotonic()
        self.output(self.create(), "1")
        self.assertLess(time.monotonic() - begun, 2)
        self.assertIsNone(call.result)
        call.join()
        self.assert_result(call.result, 0, "fine\n")


class WarmCharts(Charts):
    """matplotlib is imported already."""

    pandas = True


class Commands(Case):
    arguments = ("--processes", "yes", "--ready", "0")

    def test_output_exit_codes_folder_and_environment(self):
        self.output(self.id, "import os; os.makedirs('d'); open('d/f', 'w')")
        for command, body, status, result in (
                ("echo a; echo b >&2; exit 3", {}, 3, "a\nb\n"), ("true", {}, 0, ""),
                ("ls", {"cwd": "no"}, 1, "cwd: [Errno 2] No such file or directory: 'no'\n"),
                ("ls", {"cwd": "d"}, 0, "f\n"), ("echo $SANDBOX$MORE", {"envs": {"MORE": "x"}}, 0, "minex\n"),
                ("kill -9 $$", {}, 137, ""), ("echo a | tr a b > g; cat g", {}, 0, "b\n")):
            self.assert_result(self.command(command, **body), status, result)
        self.assertEqual(self.output(self.id, "print(open('g').read())"), ["b\n"])

    def test_a_child_in_the_background_ends_with_the_reply(self):
        before = len(self.server.processes())
        begun = time.monotonic()
        self.assert_result(self.command("sleep 100 & echo on >&2; exit 3"), 3, "on\n")
        self.assertLess(time.monotonic() - begun, 3)
        support.wait_until(lambda: len(self.server.processes()) <= before, "the child ends")

    def test_a_time_out_is_408_and_ends_what_runs(self):
        before = len(self.server.processes())
        self.assertEqual(self.command("sleep 50 & sleep 50", timeout=0.3).status, 408)
        support.wait_until(lambda: len(self.server.processes()) <= before, "all end", 10)

    def test_what_cannot_be_understood_is_400(self):
        for body in ({}, {"command": ""}, {"command": 5}, {"command": "a", "cwd": 5}):
            reply = self.call("POST", f"/toolbox/{self.id}/process/execute", body)
            self.assertEqual(reply.status, 400, body)
