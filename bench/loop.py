# SPDX-License-Identifier: Apache-2.0
"""What one would write to have code run in another Python: it reads code, runs it, sends back what it
printed. By itself it speaks over standard input and output, each message behind its length in eight bytes;
forkserver's processes call serve with a connection. SIGINT interrupts the code and keeps the variables."""

import io
import os
import sys
import traceback


def run(code, variables):
    sys.stdout = io.StringIO()
    try:
        exec(compile(code, "<execution>", "exec"), variables)
    except KeyboardInterrupt:
        print("interrupted")
    except Exception:
        traceback.print_exc(file=sys.stdout)
    return sys.stdout.getvalue().encode()


def serve(connection):
    variables = {"__name__": "__main__"}
    connection.send_bytes(b"ready")
    while True:
        try:
            code = connection.recv_bytes()
        except EOFError:
            return
        connection.send_bytes(run(code, variables))


class Pipes:
    """Two pipes that look like a connection of multiprocessing."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    def send_bytes(self, data):
        self.writer.write(len(data).to_bytes(8, "little") + data)
        self.writer.flush()

    def recv_bytes(self):
        length = self.reader.read(8)
        if len(length) < 8:
            raise EOFError
        return self.reader.read(int.from_bytes(length, "little"))

    def close(self):
        self.writer.close()
        self.reader.close()


if __name__ == "__main__":
    serve(Pipes(os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")))
