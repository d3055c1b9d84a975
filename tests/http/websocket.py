# SPDX-License-Identifier: Apache-2.0
"""A WebSocket client that can also misbehave."""

import base64
import hashlib
import json
import os
import struct

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class Refused(Exception):
    """The server has not upgraded; `status` and `body` are its reply."""

    def __init__(self, status, body):
        super().__init__(f"{status} {body[:300]!r}")
        self.status, self.body = status, body


class WebSocket:
    def __init__(self, server, path, key="", headers=None, wrap=lambda sock: sock):
        self.sock = wrap(server.connect())
        self.file = self.sock.makefile("rb")
        nonce = base64.b64encode(os.urandom(16)).decode()
        sent = {"Host": "here", "Connection": "keep-alive, Upgrade", "Upgrade": "websocket",
                "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": nonce}
        key = server.key if key == "" else key
        if key is not None:
            sent["Authorization"] = f"Bearer {key}"
        sent.update(headers or {})
        lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items() if value)]
        self.sock.sendall("\r\n".join([*lines, "", ""]).encode())
        status = int(self.file.readline().split()[1])
        got = {}
        while (line := self.file.readline().strip()) != b"":
            name, _, value = line.decode().partition(":")
            got[name.lower()] = value.strip()
        if status != 101:
            body = self.file.read(int(got.get("content-length", "0")))
            self.close()
            raise Refused(status, body)
        wanted = hashlib.sha1((nonce + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
        if got["sec-websocket-accept"] != base64.b64encode(wanted).decode():
            raise AssertionError(f"Sec-WebSocket-Accept is wrong: {got}")
        self.headers = got
        self.code = self.reason = None

    def send(self, data, opcode=TEXT, final=True):
        if not isinstance(data, (str, bytes)):
            data = json.dumps(data)
        data = data.encode() if isinstance(data, str) else data
        head = bytes([opcode | (0x80 if final else 0)])
        if len(data) < 126:
            head += bytes([0x80 | len(data)])
        elif len(data) < 1 << 16:
            head += bytes([0x80 | 126]) + struct.pack("!H", len(data))
        else:
            head += bytes([0x80 | 127]) + struct.pack("!Q", len(data))
        mask = os.urandom(4)
        self.sock.sendall(head + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(data)))

    def read_exactly(self, count):
        data = self.file.read(count)
        if len(data) < count:
            raise EOFError("the server has ended the connection")
        return data

    def frame(self):
        """(opcode, payload); a server does not mask."""
        first, second = self.read_exactly(2)
        length = second & 0x7F
        if length == 126:
            length = struct.unpack("!H", self.read_exactly(2))[0]
        elif length == 127:
            length = struct.unpack("!Q", self.read_exactly(8))[0]
        return first & 0x0F, self.read_exactly(length)

    def receive(self):
        """The next text as JSON; None once the server has said goodbye, which is answered."""
        opcode, payload = self.frame()
        if opcode == CLOSE:
            self.code = struct.unpack("!H", payload[:2])[0] if payload else 1005
            self.reason = payload[2:].decode()
            self.send(payload[:2], CLOSE)
            return None
        return json.loads(payload)

    def all(self):
        """All texts that are still to come."""
        texts = []
        while (text := self.receive()) is not None:
            texts.append(text)
        return texts

    def close(self):
        self.file.close()
        self.sock.close()
