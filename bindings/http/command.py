# SPDX-License-Identifier: Apache-2.0
"""Runs a command in a sandbox: what it writes is written on as it comes, until the shell itself has ended.

A child that the shell has left in the background keeps the pipes open; nobody waits for it.
"""

import codecs
import os
import selectors
import subprocess
import sys
import threading

ROOM = 1 << 20  # the most that a pipe holds


class Sink:
    """Where a pipe's bytes go to, as text."""

    def __init__(self, pipe, stream):
        self.pipe, self.stream = pipe, stream
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")
        os.set_blocking(pipe.fileno(), False)

    def move(self):
        """Takes what is in the pipe now; False at its end."""
        try:
            data = os.read(self.pipe.fileno(), ROOM)
        except BlockingIOError:
            return True
        self.stream.write(self.decoder.decode(data))
        return bool(data)

    def finish(self):
        self.move()
        self.stream.write(self.decoder.decode(b"", True))


def run(command, merged):
    """merged: both streams are one. Returns the exit status, as a shell would tell it."""
    shell = subprocess.Popen(["/bin/sh", "-c", command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT if merged else subprocess.PIPE)
    sinks = [Sink(pipe, stream) for pipe, stream in ((shell.stdout, sys.stdout), (shell.stderr, sys.stderr))
             if pipe is not None]
    over, end = os.pipe()
    threading.Thread(target=lambda: (shell.wait(), os.close(end)), daemon=True).start()
    selector = selectors.DefaultSelector()
    selector.register(over, selectors.EVENT_READ)
    for sink in sinks:
        selector.register(sink.pipe, selectors.EVENT_READ, sink)
    runs = True
    while runs:
        for key, _ in selector.select():
            if key.data is None:
                runs = False
            elif not key.data.move():
                selector.unregister(key.fileobj)
    for sink in sinks:
        sink.finish()
    return shell.returncode if shell.returncode >= 0 else 128 - shell.returncode
