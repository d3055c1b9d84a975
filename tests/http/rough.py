# SPDX-License-Identifier: Apache-2.0
"""Clients that are slow, half gone or hostile, many at once: each costs its connection, and nobody else."""

import random
import socket
import threading
import time

import support

EACH = 25  # clients of each kind
WITHIN_S = 1.5  # what a request of a good client takes at most beside them


class Rough(support.Case):
    arguments = ("--request-time", "2", "--idle", "2", "--rate", "100000", "--burst", "100000")

    def head(self, method, path, more=""):
        return (f"{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.server.key}\r\n"
                f"{more}\r\n").encode()

    def drip(self, first, endless, pause=0.05):
        """Sends the first part at once and the other byte by byte, until the server has had enough."""
        def client(sock):
            sock.sendall(first)
            while True:
                for byte in endless:
                    sock.sendall(bytes([byte]))
                    time.sleep(pause)
        return client

    def silent(self, text):
        def client(sock):
            sock.sendall(text)
            while sock.recv(65536):
                pass
        return client

    def deaf(self, text):
        """Asks and never reads."""
        def client(sock):
            for _ in range(200):
                sock.sendall(text)
            time.sleep(8)
            raise ConnectionResetError
        return client

    def noise(self, before=b""):
        dice = random.Random(7)

        def client(sock):
            sock.sendall(before)
            while True:
                sock.sendall(dice.randbytes(4096))
        return client

    def vanishing(self, text):
        """Leaves with a reset, and comes again."""
        def client(sock):
            for _ in range(40):
                with self.server.connect() as other:
                    other.sendall(text)
                    other.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                time.sleep(0.02)
            raise ConnectionResetError
        return client

    def kinds(self, sandbox):
        execute = f"/v2/sandcastles/{sandbox}/execute"
        body = b'{"code": "import time; time.sleep(60)"}'
        upgrade = self.head("GET", f"/toolbox/{sandbox}/process/interpreter/execute",
                            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")
        return {
            "says nothing": self.silent(b""),
            "begins a line": self.silent(b"GET /heal"),
            "drips its headers": self.drip(b"GET /healthz HTTP/1.1\r\nHost: x\r\n", b"X-A: b\r\n"),
            "drips its body": self.drip(self.head("POST", execute, "Content-Length: 100000\r\n"), b" "),
            "drips chunks": self.drip(self.head("POST", execute, "Transfer-Encoding: chunked\r\n"),
                                      b"1\r\n \r\n"),
            "does not read": self.deaf(self.head("GET", f"/v2/sandcastles/{sandbox}/files/large")),
            "sends noise": self.noise(),
            "sends noise as a body": self.noise(self.head("POST", execute, "Content-Length: 9999999\r\n")),
            "sends noise as frames": self.noise(upgrade),
            "leaves in the middle": self.vanishing(
                self.head("POST", execute, "Content-Length: 50\r\n") + body[:9]),
            "leaves what it started": self.vanishing(
                self.head("POST", execute, f"Content-Length: {len(body)}\r\n") + body),
        }

    def suffer(self, name, client, ended):
        """A client's whole life; it must be ended by the server, or see its own end."""
        try:
            with self.server.connect() as sock:
                client(sock)
        except OSError:
            pass
        except Exception as error:
            name = f"{name}: {error!r}"
        ended.append(name)

    def test_many_at_once_hold_up_neither_others_nor_the_server(self):
        victim, sandbox = self.create(), self.create()
        self.output(victim, "open('large', 'wb').write(bytes(8 << 20))")
        self.output(sandbox, "x = 1")
        support.wait_until(lambda: self.server.metric("clutch_connections") == 1, "connections are gone")
        descriptors, processes = self.server.descriptors(), len(self.server.processes())
        kinds, ended, threads = self.kinds(victim), [], []
        for name, client in kinds.items():
            for _ in range(EACH):
                threads.append(threading.Thread(target=self.suffer, args=(name, client, ended), daemon=True))
        for thread in threads:
            thread.start()
        slowest, until = 0, time.monotonic() + 5
        while time.monotonic() < until:
            begun = time.monotonic()
            self.assertEqual(self.output(sandbox, "print(x)"), ["1"])
            slowest = max(slowest, time.monotonic() - begun)
        for thread in threads:
            thread.join(timeout=support.SECONDS)
        self.assertEqual(sorted(ended), sorted(list(kinds) * EACH))
        self.assertLess(slowest, WITHIN_S)
        support.wait_until(lambda: self.server.metric("clutch_connections") == 1, "all have been ended")
        support.wait_until(lambda: self.server.descriptors() <= descriptors + 2, "descriptors are closed")
        self.assertEqual(self.output(victim, "print(2)"), ["2"])
        support.wait_until(lambda: len(self.server.processes()) <= processes, "processes end")
        with open(f"/proc/{self.server.process.pid}/status", encoding="utf-8") as file:
            self.assertLess(int(file.read().partition("VmHWM:")[2].split()[0]), 300 << 10)
