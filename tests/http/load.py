# SPDX-License-Identifier: Apache-2.0
"""Many sandboxes and many connections at once: nothing fails but what limits refuse, and nothing is left."""

import collections
import concurrent.futures
import http.client
import os
import random
import threading
import time

import support

LONG = bool(os.environ.get("CLUTCH_HTTP_LONG"))
SECONDS = 60 if LONG else 10
SANDBOXES, CONNECTIONS = 500, 64
FILE = "a file's text"


class Client(threading.Thread):
    """One connection that calls until it is told to stop, and counts what it gets."""

    def __init__(self, server, sandboxes, number, until):
        super().__init__(daemon=True)
        self.server, self.sandboxes, self.until = server, sandboxes, until
        self.random = random.Random(number)
        self.name = f"client-{number}"
        self.connection = http.client.HTTPConnection(server.host, server.port, timeout=support.SECONDS)
        self.replies, self.wrong, self.own = collections.Counter(), [], None

    def run(self):
        calls = [self.execute] * 10 + [self.status] * 4 + [self.history, self.listing, self.files, self.error,
                                                           self.cycle, self.status_of_all, self.health]
        try:
            while time.monotonic() < self.until:
                self.random.choice(calls)()
        except Exception as error:  # each is a finding of the test that reads it
            self.wrong.append(repr(error))
        finally:
            if self.own is not None:
                self.call("DELETE", f"/sandbox/{self.own}", 200)
            self.connection.close()

    def call(self, method, path, status, body=None, **options):
        reply = self.server.call(method, path, body, connection=self.connection, **options)
        self.replies[reply.status] += 1
        if reply.status != status:
            self.wrong.append(f"{method} {path}: {reply}")
        return reply

    def expect(self, value, wanted, what):
        if value != wanted:
            self.wrong.append(f"{what}: {value!r} and not {wanted!r}")

    def any(self):
        return self.random.choice(self.sandboxes)

    def execute(self):
        number = self.random.randrange(10**6)
        reply = self.call("POST", f"/v2/sandcastles/{self.any()}/execute", 200,
                          {"code": f"mine = {number}\nprint({number})\nprint('end')"})
        self.expect(reply.json["output"], [str(number), "end"], "output")

    def error(self):
        reply = self.call("POST", f"/v2/sandcastles/{self.any()}/execute", 200, {"code": "1 / 0"})
        self.expect(reply.json["output"], None, "output of an error")

    def status(self):
        reply = self.call("GET", f"/v2/sandcastles/{self.any()}", 200)
        self.expect(reply.json["status"], "running", "status")

    def history(self):
        self.call("GET", f"/v2/sandcastles/{self.any()}/executions?limit=5", 200)

    def listing(self):
        self.expect(len(self.call("GET", "/v2/sandcastles?limit=100", 200).json["sandboxes"]), 100, "page")

    def status_of_all(self):
        self.call("GET", "/metrics", 200)

    def health(self):
        self.call("GET", "/readyz", 200, key=None)

    def files(self):
        form = (f'--mark\r\nContent-Disposition: form-data; name="file"; filename="{self.name}"\r\n\r\n'
                f'{FILE}\r\n--mark--\r\n')
        sandbox = self.any()
        self.call("POST", f"/v2/sandcastles/{sandbox}/files", 201, form,
                  headers={"Content-Type": "multipart/form-data; boundary=mark"})
        reply = self.call("GET", f"/v2/sandcastles/{sandbox}/files/{self.name}", 200)
        self.expect(reply.body.decode(), FILE, "file")

    def cycle(self):
        """A sandbox of its own: made, kept over a stop, and removed."""
        if self.own is None:
            self.own = self.call("POST", "/v2/sandcastles", 201).json["sandbox_id"]
            self.call("POST", f"/v2/sandcastles/{self.own}/execute", 200, {"code": "kept = 5"})
            return
        own, self.own = self.own, None
        self.call("POST", f"/sandbox/{own}/stop", 200)
        self.call("POST", f"/sandbox/{own}/start", 200)
        reply = self.call("POST", f"/v2/sandcastles/{own}/execute", 200, {"code": "print(kept)"})
        self.expect(reply.json["output"], ["5"], "what was kept")
        self.call("DELETE", f"/sandbox/{own}", 200)


class Case(support.Case):
    arguments = ("--rate", "1000000", "--burst", "1000000")

    def each(self, function, items):
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            return list(pool.map(function, items))

    def crowd(self, count):
        """That many sandboxes, each of which has run something."""
        def make(_):
            sandbox = self.create()
            self.output(sandbox, "mine = 0")
            return sandbox

        made = self.each(make, range(count))
        self.assertEqual(len(set(made)), count)
        return made

    def remove(self, sandboxes):
        replies = self.each(lambda sandbox: self.call("DELETE", f"/sandbox/{sandbox}"), sandboxes)
        self.assertEqual({reply.status for reply in replies}, {200})

    def strain(self, sandboxes, seconds):
        """Mixed calls over all connections; returns how many replies there were."""
        until = time.monotonic() + seconds
        clients = [Client(self.server, sandboxes, number, until) for number in range(CONNECTIONS)]
        for client in clients:
            client.start()
        for client in clients:
            client.join(timeout=seconds + support.SECONDS)
            self.assertFalse(client.is_alive())
        wrong = [each for client in clients for each in client.wrong]
        self.assertEqual(wrong, [], f"{len(wrong)} were wrong")
        return sum(sum(client.replies.values()) for client in clients)

    def resident_kib(self):
        with open(f"/proc/{self.server.process.pid}/status", encoding="utf-8") as file:
            return int(file.read().partition("VmRSS:")[2].split()[0])


class Load(Case):
    def spend(self, key, until):
        """Calls as fast as it can with a key of few calls; returns statuses, each with its Retry-After."""
        replies = []
        while time.monotonic() < until:
            reply = self.call("GET", "/v2/sandcastles", key=key)
            replies.append((reply.status, reply.headers.get("Retry-After")))
        return collections.Counter(replies)

    def test_mixed_calls_never_fail_and_leave_nothing_behind(self):
        few = self.server.add_key("few", limits="rate=1 burst=2")
        self.remove(self.crowd(8))
        support.wait_until(lambda: self.server.metric("clutch_connections") == 1, "connections are gone")
        processes, descriptors = len(self.server.processes()), self.server.descriptors()
        sizes = []
        for seconds in (SECONDS * 0.3, SECONDS * 0.7):
            sandboxes = self.crowd(SANDBOXES)
            self.assertGreaterEqual(len(self.server.processes()), processes + SANDBOXES)
            spender = self.in_background(self.spend, few, time.monotonic() + seconds)
            self.assertGreater(self.strain(sandboxes, seconds), 20 * seconds)
            spender.join()
            self.assertEqual(set(spender.result), {(200, None), (429, "1")})
            self.remove(sandboxes)
            support.wait_until(lambda: len(self.server.processes()) <= processes, "processes end")
            support.wait_until(lambda: self.server.descriptors() <= descriptors + 2, "descriptors are closed")
            sizes.append(self.resident_kib())
        self.assertLess(sizes[1], sizes[0] * 1.2 + 4096)
        self.assertEqual(self.call("GET", "/sandbox").json["items"], [])
        self.assertEqual(self.call("GET", "/v2/sandcastles?status=all").json["sandboxes"], [])


class Killed(Case):
    arguments = (*Case.arguments, "--ready", "4")

    def work(self, sandboxes, number):
        """Executes until the server is gone; returns the sandboxes and codes that it acknowledged."""
        done = []
        connection = http.client.HTTPConnection(self.server.host, self.server.port, timeout=support.SECONDS)
        try:
            for count in range(10**6):
                sandbox, code = sandboxes[(number + count) % len(sandboxes)], f"x = ({number}, {count})"
                reply = self.call("POST", f"/v2/sandcastles/{sandbox}/execute", {"code": code},
                                  connection=connection)
                if reply.status == 200:
                    done.append((sandbox, code))
        except (OSError, http.client.HTTPException):
            pass
        connection.close()
        return done

    def listed(self, sandbox):
        found, cursor = [], ""
        while cursor is not None:
            reply = self.call("GET", f"/v2/sandcastles/{sandbox}/executions?limit=200{cursor}").json
            found += [item["input"] for item in reply["executions"]]
            cursor = f"&cursor={reply['next_cursor']}" if "next_cursor" in reply else None
        return found

    def test_what_was_acknowledged_before_a_kill_is_listed_after_it(self):
        for _ in range(3 if LONG else 1):
            sandboxes = self.crowd(100)
            threads = [self.in_background(self.work, sandboxes, number) for number in range(CONNECTIONS)]
            time.sleep(SECONDS / 5)
            processes = self.server.processes()
            self.server.process.kill()
            self.server.process.wait()
            for thread in threads:
                thread.join()
            self.server.process.stdout.close()
            self.server.start()
            support.wait_until(lambda: all(map(support.has_ended, processes)), "sandboxes end with it")
            acknowledged = [each for thread in threads for each in thread.result]
            self.assertGreater(len(acknowledged), CONNECTIONS)
            listed = {sandbox: set(self.listed(sandbox)) for sandbox in sandboxes}
            self.assertEqual([each for each in acknowledged if each[1] not in listed[each[0]]], [])
            self.assertEqual(self.call("POST", "/v2/sandcastles", {"sandbox_id": sandboxes[0]}).status, 201)
