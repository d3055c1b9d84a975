# SPDX-License-Identifier: Apache-2.0
"""The subjects jupyter, python, forkserver and bubblewrap: what one would use instead of clutch.

    peers.py SUBJECT PYTHON FOLDER

speaks as measure.h tells: lines "TASK COUNT" in, lines of JSON out. PYTHON has pandas; FOLDER is for files.
"""

import json
import multiprocessing
import os
import random
import resource
import signal
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import loop  # noqa: E402

INTERRUPT_AFTER_S = 0.02
SIZES = (1, 10, 100, 1000, 2000)
PROBES = 50


def now_us():
    return time.monotonic_ns() / 1e3


def work(name):
    """What bench/work/NAME.py holds, without the line of its licence; None when there is no such file."""
    path = os.path.join(HERE, "work", name + ".py")
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as file:
        return file.read().split("\n", 1)[1]


def private_kib(pids):
    total = 0
    for pid in pids:
        with open("/proc/%d/smaps_rollup" % pid) as rows:
            total += sum(int(row.split()[1]) for row in rows if row.startswith("Private_"))
    return total


def children(pid):
    with open("/proc/%d/task/%d/children" % (pid, pid)) as file:
        return [int(child) for child in file.read().split()]


def family(pid):
    """A process and all that it started, the youngest generation last."""
    return [pid] + [relative for child in children(pid) for relative in family(child)]


# ---- The peers: start returns at once, wait_ready when code can be sent -----------------------------


class Python:
    """`python3 -c` with pipes: a fresh interpreter for each sandbox."""

    before = ()

    def __init__(self):
        self.process = subprocess.Popen(
            [*self.before, python, "-c", "import sys; sys.path.insert(0, %r); import runpy; "
                           "runpy.run_module('loop', run_name='__main__')" % HERE],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder)
        self.pipes = loop.Pipes(self.process.stdout, self.process.stdin)

    def wait_ready(self):
        self.pipes.recv_bytes()

    def run(self, code):
        self.pipes.send_bytes(code.encode())
        return self.pipes.recv_bytes()

    def pids(self):
        return family(self.process.pid)

    def interrupt(self):
        os.kill(self.pids()[-1], signal.SIGINT)

    def destroy(self):
        self.process.kill()
        self.process.wait()
        self.pipes.close()


class Bubblewrap(Python):
    """The same inside bubblewrap: namespaces of its own, nothing writable but its folder and shared
    memory, no network."""

    @property
    def before(self):
        return ("bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--ro-bind", "/", "/",
                "--bind", folder, folder, "--proc", "/proc", "--dev-bind", "/dev/shm", "/dev/shm",
                "--cap-drop", "ALL")


class Forkserver:
    """multiprocessing's forkserver, which has imported pandas."""

    context = None

    def __init__(self):
        if not Forkserver.context:
            Forkserver.context = multiprocessing.get_context("forkserver")
            Forkserver.context.set_forkserver_preload(["__main__", "pandas", "loop"])
        self.pipes, theirs = self.context.Pipe()
        self.process = self.context.Process(target=loop.serve, args=(theirs,), daemon=True)
        self.process.start()
        theirs.close()

    def wait_ready(self):
        self.pipes.recv_bytes()

    run = Python.run

    def pids(self):
        return [self.process.pid]

    def interrupt(self):
        os.kill(self.process.pid, signal.SIGINT)

    def destroy(self):
        self.process.kill()
        self.process.join()
        self.process.close()
        self.pipes.close()


class Jupyter:
    """ipykernel through jupyter_client, as a notebook server uses them."""

    def __init__(self):
        from jupyter_client.manager import KernelManager

        self.manager = KernelManager(kernel_name="python3")
        self.manager.start_kernel(cwd=folder, stderr=subprocess.DEVNULL)
        self.client = self.manager.client()
        self.client.start_channels()

    def wait_ready(self):
        self.client.wait_for_ready(timeout=600)

    def run(self, code):
        """Until the kernel says that it is idle again, when all that it printed has come."""
        request = self.client.execute(code)
        parts = []
        while True:
            message = self.client.get_iopub_msg(timeout=600)
            if message["parent_header"].get("msg_id") != request:
                continue
            content = message["content"]
            if message["msg_type"] == "stream":
                parts.append(content["text"])
            elif message["msg_type"] == "error":
                parts.append("interrupted" if content["ename"] == "KeyboardInterrupt" else content["evalue"])
            elif message["msg_type"] == "status" and content["execution_state"] == "idle":
                break
        while self.client.get_shell_msg(timeout=600)["parent_header"].get("msg_id") != request:
            pass
        return "".join(parts).encode()

    def pids(self):
        return family(self.manager.provisioner.pid)

    def interrupt(self):
        self.manager.interrupt_kernel()

    def destroy(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)
        self.manager.cleanup_resources()


# ---- The tasks: each returns {figure: [value, ..]} -----------------------------------------------


def create():
    sandbox = peer()
    sandbox.wait_ready()
    return sandbox


def time_create(name, count):
    values = []
    code = work("first_dataframe") if name == "first_dataframe" else None
    for _ in range(count):
        started = now_us()
        sandbox = create()
        if code:
            sandbox.run(code)
        values.append(now_us() - started)
        sandbox.destroy()
    return {name: values}


kept = {}


def prepared(name):
    if name not in kept:
        kept[name] = create()
        before = work(name + "-before")
        if before:
            kept[name].run(before)
    return kept[name]


def execute(name, count):
    sandbox, code, values = prepared(name), work(name), []
    for _ in range(count):
        started = now_us()
        printed = sandbox.run(code)
        values.append(now_us() - started)
    if b"Error" in printed:
        sys.exit("bench: %s: %s" % (name, printed.decode()))
    return {name: values}


def interrupt(name, count):
    sandbox, values = prepared(name), []
    for _ in range(count):
        moment = []

        def later():
            time.sleep(INTERRUPT_AFTER_S)
            moment.append(now_us())
            sandbox.interrupt()

        other = threading.Thread(target=later)
        other.start()
        printed = sandbox.run(work(name))
        values.append(now_us() - moment[0])
        other.join()
        if b"interrupted" not in printed:
            sys.exit("bench: the loop was not interrupted")
    return {name: values}


def memory(_, count):
    sandboxes = [create() for _ in range(count)]
    idle = [private_kib(sandbox.pids()) for sandbox in sandboxes]
    for sandbox in sandboxes:
        sandbox.run(work("first_dataframe"))
    used = [private_kib(sandbox.pids()) for sandbox in sandboxes]
    for sandbox in sandboxes:
        sandbox.destroy()
    return {"idle_private_kib": idle, "used_private_kib": used}


def crowd(name, count, size, answers):
    values = []
    for _ in range(count):
        started = now_us()
        sandboxes = [peer() for _ in range(size)]
        for sandbox in sandboxes:
            sandbox.wait_ready()
        for sandbox in sandboxes if answers else ():
            sandbox.run("x = 1")
        values.append(now_us() - started)
        for sandbox in sandboxes:
            sandbox.destroy()
    return {name: values}


def live(name, count):
    return crowd(name, count, 1000, True)


def burst(name, count):
    return crowd(name, count, 100, False)


def run_until(moment):
    sandbox, executions = prepared("execute_warm"), 0
    sandbox.run("x = 1")
    while time.monotonic() < moment:
        sandbox.run("x = 1")
        executions += 1
    return executions


def rate(name, milliseconds):
    """A client process and a sandbox per processor: one client would be the bottleneck."""
    command = [sys.executable, "-I", __file__] + sys.argv[1:]
    clients = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
               for _ in range(os.cpu_count())]
    total = 0
    for task, wanted in (("rate_of_one", 100), ("rate_of_one", milliseconds)):  # once to warm up
        for client in clients:
            client.stdin.write("%s %d\n" % (task, wanted))
            client.stdin.flush()
        total = sum(json.loads(client.stdout.readline())["rate"][0] for client in clients)
    for client in clients:
        client.stdin.close()
        client.wait()
    return {name: [total]}


def rate_of_one(_, milliseconds):
    prepared("execute_warm")
    started = time.monotonic()
    executions = run_until(started + milliseconds / 1e3)
    return {"rate": [executions / (time.monotonic() - started)]}


def growth(_, largest):
    sandboxes, values = [], {}
    for size in SIZES:
        if size > largest:
            break
        while len(sandboxes) < size:
            sandboxes.append(create())
            sandboxes[-1].run("x = 1")
        values["create_at_%d" % size] = time_create("create", 3)["create"]
        times = values["execute_at_%d" % size] = []
        for _ in range(PROBES):
            sandbox = random.choice(sandboxes)
            started = now_us()
            sandbox.run("x = 1")
            times.append(now_us() - started)
        values["private_kib_at_%d" % size] = [private_kib(s.pids()) for s in sandboxes[:PROBES]]
    for sandbox in sandboxes:
        sandbox.destroy()
    return values


def copies(name, count):
    """Without a way to copy a process: the frame is pickled into memory, and a new process reads it."""
    size = name.split("_")[1]
    origin, values = create(), {"clone": [], "checkpoint": [], "roll_back": []}
    path = "/dev/shm/clutch-bench-%d" % os.getpid()
    origin.run("megabytes = %d" % (1000 if size == "1gb" else int(size[:-2])))
    origin.run(work("frame"))
    save = "import pickle\nwith open(%r, 'wb') as file: pickle.dump(df, file, protocol=5)" % path
    load = "import pickle\nwith open(%r, 'rb') as file: df = pickle.load(file)" % path
    for _ in range(count):
        moments = [now_us()]
        origin.run(save)
        moments.append(now_us())
        copy = create()
        copy.run(load)
        moments.append(now_us())
        origin.run(load)
        moments.append(now_us())
        copy.destroy()
        values["clone"].append(moments[2] - moments[0])
        values["checkpoint"].append(moments[1] - moments[0])
        values["roll_back"].append(moments[3] - moments[2])
    origin.destroy()
    os.unlink(path)
    return {"%s_%s" % (figure, size): times for figure, times in values.items()}


TASKS = {
    "create": time_create, "first_dataframe": time_create, "execute_warm": execute, "print_1": execute,
    "print_10000": execute, "output_1mib": execute, "groupby_1m": execute, "list_100_dataframes": execute,
    "interrupt": interrupt, "memory": memory, "live_1000": live, "burst_100": burst,
    "executions_per_s": rate, "rate_of_one": rate_of_one, "growth": growth, "copies_10mb": copies,
    "copies_100mb": copies, "copies_1gb": copies,
}
PEERS = {"jupyter": Jupyter, "python": Python, "forkserver": Forkserver, "bubblewrap": Bubblewrap}


def main():
    global peer, python, folder
    subject, python, folder = sys.argv[1:]
    peer = PEERS[subject]
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    for line in sys.stdin:
        name, count = line.split()
        print(json.dumps(TASKS[name](name, int(count)) if name in TASKS else None), flush=True)
    for sandbox in kept.values():
        sandbox.destroy()


if __name__ == "__main__":
    main()
