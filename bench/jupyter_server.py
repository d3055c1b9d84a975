# SPDX-License-Identifier: Apache-2.0
"""The subject jupyter_server: kernels behind a Jupyter server, over its WebSockets, as a notebook uses them.

    jupyter_server.py SUBJECT PYTHON FOLDER

speaks as measure.h tells: lines "TASK COUNT" in, lines of JSON out. FOLDER is for files. Nothing but the
server's own token keeps anybody out, and nothing confines its kernels.
"""

import asyncio
import json
import os
import secrets
import socket
import subprocess
import sys
import time
import uuid

HERE = os.path.dirname(os.path.abspath(__file__))
SECONDS = 60  # for the server, and for a kernel, to be ready


def work(name):
    with open(os.path.join(HERE, "work", name + ".py"), encoding="utf-8") as file:
        return file.read().split("\n", 1)[1]


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


class Server:
    def __init__(self, folder):
        self.port, self.token, self.session = free_port(), secrets.token_hex(16), uuid.uuid4().hex
        # Between its turns this client answers no ping, upon which the server would leave it.
        with open(os.path.join(folder, "jupyter_server_config.json"), "w") as config:
            json.dump({"ServerApp": {"tornado_settings": {"ws_ping_interval": 0}}}, config)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root", "--ip=127.0.0.1",
             f"--port={self.port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={self.token}",
             f"--ServerApp.root_dir={folder}", "--ServerApp.log_level=ERROR"],
            cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, "JUPYTER_CONFIG_DIR": folder, "JUPYTER_RUNTIME_DIR": folder})

    async def request(self, method, path):
        from tornado.httpclient import AsyncHTTPClient
        return await AsyncHTTPClient().fetch(
            f"http://127.0.0.1:{self.port}/api/{path}", method=method, headers={
                "Authorization": f"token {self.token}"}, body="{}" if method == "POST" else None)

    async def wait_ready(self):
        until = time.monotonic() + SECONDS
        while True:
            try:
                return await self.request("GET", "status")
            except OSError:
                if time.monotonic() > until or self.process.poll() is not None:
                    raise
                await asyncio.sleep(0.1)

    async def kernel(self):
        from tornado.websocket import websocket_connect
        made = json.loads((await self.request("POST", "kernels")).body)
        channels = await websocket_connect(
            f"ws://127.0.0.1:{self.port}/api/kernels/{made['id']}/channels?token={self.token}")
        kernel = Kernel(channels, self.session)
        await asyncio.wait_for(kernel.run("x = 1"), SECONDS)
        return kernel

    def end(self):
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Kernel:
    def __init__(self, channels, session):
        self.channels, self.session = channels, session

    def acknowledge_at_once(self):
        """The server sends small messages only when the ones before are acknowledged, which takes a system
        40 ms otherwise: it is to be measured at its best."""
        sock = self.channels.protocol.stream.socket
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)

    async def run(self, code):
        """Until the kernel has replied and says that it is idle again, when all that it printed has come."""
        request = uuid.uuid4().hex
        await self.channels.write_message(json.dumps({
            "header": {"msg_id": request, "username": "", "session": self.session, "version": "5.3",
                       "msg_type": "execute_request", "date": "2020-01-01T00:00:00Z"},
            "parent_header": {}, "metadata": {}, "channel": "shell", "buffers": [],
            "content": {"code": code, "silent": False, "store_history": True, "user_expressions": {},
                        "allow_stdin": False, "stop_on_error": True}}))
        printed, replied, idle = [], False, False
        while not (replied and idle):
            self.acknowledge_at_once()
            message = json.loads(await self.channels.read_message())
            if message["parent_header"].get("msg_id") != request:
                continue
            content, kind = message["content"], message["msg_type"]
            if kind == "stream":
                printed.append(content["text"])
            replied = replied or kind == "execute_reply"
            idle = idle or (kind == "status" and content["execution_state"] == "idle")
            if kind == "error":
                raise RuntimeError(content["evalue"])
        return "".join(printed)


class Subject:
    def __init__(self, folder):
        self.server = Server(folder)
        self.kernels = []

    async def kernels_of(self, count):
        if not self.kernels:
            await self.server.wait_ready()
        while len(self.kernels) < count:
            self.kernels.append(await self.server.kernel())
        return self.kernels[:count]

    async def execute(self, name, count):
        code, (kernel,), values = work(name), await self.kernels_of(1), []
        for _ in range(count):
            started = time.monotonic_ns()
            await kernel.run(code)
            values.append((time.monotonic_ns() - started) / 1e3)
        return values

    async def rate(self, milliseconds):
        """A kernel per processor: more of them would not be faster."""
        kernels = await self.kernels_of(os.cpu_count())
        started = time.monotonic()

        async def loop(kernel):
            executions = 0
            while time.monotonic() < started + milliseconds / 1e3:
                await kernel.run("x = 1")
                executions += 1
            return executions

        total = sum(await asyncio.gather(*map(loop, kernels)))
        return [total / (time.monotonic() - started)]

    async def answer(self, task, count):
        if task == "http_executions_per_s":
            return {task: await self.rate(count)}
        if task in ("http_execute_warm", "http_print_1"):
            return {task: await self.execute(task.removeprefix("http_"), count)}
        return None


async def main():
    _, _, _, folder = sys.argv
    os.mkdir(os.path.join(folder, "jupyter_server"))
    subject = Subject(os.path.join(folder, "jupyter_server"))
    try:
        for line in sys.stdin:
            task, count = line.split()
            print(json.dumps(await subject.answer(task, int(count))), flush=True)
    finally:
        subject.server.end()


if __name__ == "__main__":
    asyncio.run(main())
