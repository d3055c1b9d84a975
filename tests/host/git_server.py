# SPDX-License-Identifier: Apache-2.0
"""A git server over HTTP for tests: git http-backend below a folder of bare repositories.

    git_server.py ROOT [CERTIFICATE KEY]

Prints its port. Below /private/ it asks for the user "ann" and the password "s3cr3t pass"; below /slow/ it
is silent for a minute; below /to-file/, /to-ext/ and /to-other/ it redirects, the last to the port that the
file ROOT/other names; every request is a line of ROOT/log, with its Authorization header.
"""

import base64
import http.server
import os
import ssl
import subprocess
import sys
import threading
import time

ROOT = os.path.abspath(sys.argv[1])
ANN = "Basic " + base64.b64encode(b"ann:s3cr3t pass").decode()
LOCK = threading.Lock()


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *arguments):
        pass

    def note(self):
        with LOCK, open(os.path.join(ROOT, "log"), "a", encoding="utf-8") as log:
            log.write("%s %s %s\n" % (self.command, self.path, self.headers.get("Authorization", "-")))

    def refuse(self):
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="tests"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def redirect(self, target):
        self.send_response(301)
        self.send_header("Location", target)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def serve(self):
        self.note()
        first, _, rest = self.path.lstrip("/").partition("/")
        if first == "private" and self.headers.get("Authorization") != ANN:
            return self.refuse()
        if first == "slow":
            return time.sleep(60)
        if first == "to-file":
            return self.redirect("file://%s/%s" % (ROOT, rest))
        if first == "to-ext":
            return self.redirect("ext::sh -c touch% /tmp/clutch-ext")
        if first == "to-other":
            with open(os.path.join(ROOT, "other"), encoding="utf-8") as other:
                return self.redirect("http://127.0.0.1:%s/private/%s" % (other.read().strip(), rest))
        self.backend(rest if first in {"private", "public"} else self.path.lstrip("/"))

    def body(self):
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def backend(self, path):
        path, _, query = path.partition("?")
        env = {"PATH": os.environ["PATH"], "GIT_PROJECT_ROOT": ROOT, "GIT_HTTP_EXPORT_ALL": "1",
               "PATH_INFO": "/" + path, "QUERY_STRING": query, "REQUEST_METHOD": self.command,
               "CONTENT_TYPE": self.headers.get("Content-Type", ""), "REMOTE_ADDR": "127.0.0.1",
               "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
               "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""), "HOME": ROOT,
               "GIT_CONFIG_NOSYSTEM": "1"}
        answer = subprocess.run(["git", "http-backend"], input=self.body(), env=env, check=False,
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        head, _, body = answer.partition(b"\r\n\r\n")
        fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
        self.send_response(int(fields.pop("Status", "200").split()[0]))
        for name, value in fields.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = serve


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # clients are killed in these tests


def main():
    server = Server(("127.0.0.1", 0), Handler)
    if len(sys.argv) > 2:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[2], sys.argv[3])
        server.socket = context.wrap_socket(server.socket, server_side=True)
    os.write(1, b"%d\n" % server.server_address[1])
    server.serve_forever()


main()
