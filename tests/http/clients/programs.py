# SPDX-License-Identifier: Apache-2.0
"""Clients that are programs of their own: each gets a fresh server's address and a key, and tells by its
exit status whether all was as it expected."""

import os
import shutil
import subprocess
import sys
import unittest

import support

HERE = os.path.dirname(os.path.abspath(__file__))
CLIENTS = os.path.abspath(os.environ.get("CLUTCH_CLIENTS", "build/clients"))
PYTHON = os.path.join(CLIENTS, "python", "bin", "python")
NODE = shutil.which("node")


def missing(path):
    """Why a published client cannot be tried, or an empty text."""
    return "" if os.path.exists(path) else f"{path} is not here: `make published-clients` gets it"


def node_lacks(what, *flags):
    """Why Node does not do, or an empty text."""
    if NODE is None:
        return "node is not here"
    done = subprocess.run([NODE, *flags, "-e", f"process.exit(typeof {what} === 'function' ? 0 : 1)"],
                          capture_output=True, check=False)
    return "" if done.returncode == 0 else f"this version of node has no {what}"


# Versions before 22 have WebSocket only when asked for it, and ever newer ones may not know the option.
SOCKET = [] if NODE is None or not node_lacks("WebSocket") else ["--experimental-websocket"]
NO_FETCH, NO_SOCKET = node_lacks("fetch"), node_lacks("WebSocket", *SOCKET)
NO_NODE_CLIENT = NO_FETCH or missing(os.path.join(CLIENTS, "node", "node_modules", "@daytonaio", "sdk"))


class Case(support.Case):
    def setUp(self):
        self.server = support.Server()
        self.addCleanup(self.server.close)

    @classmethod
    def setUpClass(cls):
        """Each test has a server of its own."""

    def try_program(self, *command):
        done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, timeout=support.SECONDS,
                              check=False, env={**os.environ, "URL": self.server.url, "KEY": self.server.key,
                                                "CLIENTS": os.path.join(CLIENTS, "node"),
                                                "OTEL_SDK_DISABLED": "true"})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertNotIn('"status":500', self.server.log())


class Plain(Case):
    def test_python_alone_leads_a_sandcastle_through_its_life(self):
        self.try_program(sys.executable, "-I", "plain_life.py")

    @unittest.skipIf(NO_FETCH, NO_FETCH)
    def test_node_alone_leads_a_sandcastle_through_its_life(self):
        self.try_program(NODE, "node_life.mjs", "sandcastle")

    @unittest.skipIf(NO_FETCH, NO_FETCH)
    def test_node_alone_sends_and_fetches_files(self):
        self.try_program(NODE, "node_life.mjs", "files")

    @unittest.skipIf(NO_SOCKET, NO_SOCKET)
    def test_node_alone_speaks_with_the_interpreter(self):
        self.try_program(NODE, *SOCKET, "node_life.mjs", "interpreter")


@unittest.skipIf(missing(PYTHON), missing(PYTHON))
class Published(Case):
    def test_textql_for_python_leads_a_sandcastle_through_its_life(self):
        self.try_program(PYTHON, "-I", "textql_life.py")

    def test_daytona_for_python_leads_a_sandbox_through_its_life(self):
        self.try_program(PYTHON, "-I", "daytona_life.py", "life")

    def test_daytona_for_python_lists_and_sets(self):
        self.try_program(PYTHON, "-I", "daytona_life.py", "settings")

    def test_daytona_for_python_makes_a_snapshot_and_begins_from_it(self):
        self.try_program(PYTHON, "-I", "daytona_life.py", "snapshots")

    def test_daytona_for_python_runs_code(self):
        self.try_program(PYTHON, "-I", "daytona_life.py", "code")

    def test_daytona_for_python_moves_files(self):
        self.try_program(PYTHON, "-I", "daytona_life.py", "files")

    def test_daytona_for_python_uses_eight_sandboxes_at_once(self):
        self.try_program(PYTHON, "-I", "daytona_life.py", "at_once")

    def test_daytona_for_python_sees_errors_as_its_own(self):
        self.try_program(PYTHON, "-I", "daytona_life.py", "errors")


class PublishedForNode(Case):
    @unittest.skipIf(NO_NODE_CLIENT, NO_NODE_CLIENT)
    def test_daytona_for_node_leads_a_sandbox_through_its_life(self):
        self.try_program(NODE, "daytona_life.mjs")
