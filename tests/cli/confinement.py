# SPDX-License-Identifier: Apache-2.0
"""Claims about what `clutch` allows code, and how it says so."""

from support import Case

SOCKET = "x = 1\nimport socket\nsocket.socket()"
CHILD = "import subprocess\nprint(subprocess.run(['echo', 'child'], capture_output=True).stdout)"


class Confinement(Case):
    def facilities(self, *options):
        """The fact of each line of the doctor by its name."""
        done = self.clutch("doctor", "--preload", "none", *options)
        self.assert_done(done, 0)
        lines = [line[6:].partition(": ") for line in done.out.splitlines()]
        return {name: fact for name, _, fact in lines}

    def test_doctor_says_what_holds(self):
        facts = self.facilities()
        for name in ("no_new_privs", "capabilities", "landlock_files", "seccomp", "memory_limit"):
            self.assertTrue(facts[name].startswith("held: "), facts[name])

    def test_doctor_says_that_a_disabled_facility_does_not_hold(self):
        for name in ("no_new_privs", "capabilities", "user_namespace", "pid_namespace", "mount_namespace",
                     "network_namespace", "ipc_namespace", "uts_namespace", "landlock_files",
                     "landlock_network", "landlock_scope", "seccomp", "memory_limit", "thread_limit",
                     "disk_limit", "page_write_tracking"):
            facts = self.facilities("--require", "none", "--disable", name)
            self.assertFalse(facts[name].startswith("held"), f"{name}: {facts[name]}")

    def test_nothing_starts_without_what_is_required(self):
        done = self.run_code("-c", "print(1)", "--disable", "seccomp", "--require", "seccomp")
        self.assert_done(done, 3, "")
        self.assertIn("seccomp", done.err)

    def test_the_core_is_required_by_default(self):
        for name in ("no_new_privs", "capabilities", "landlock_files", "seccomp"):
            done = self.run_code("-c", "print(1)", "--disable", name)
            self.assert_done(done, 3, "")
            self.assertIn(name, done.err)

    def test_an_unknown_facility_is_named(self):
        for option in ("--require", "--disable"):
            done = self.run_code("-c", "print(1)", option, "moat")
            self.assert_done(done, 3, "")
            self.assertIn("moat", done.err)

    def test_the_network_is_refused_and_the_refusal_told_with_its_line(self):
        done = self.run_code("-c", SOCKET)
        self.assert_done(done, 1, "")
        self.assertIn("PermissionError", done.err)
        self.assertIn("<execution 1>: network is not allowed here: socket, line 3; --network allows it",
                      done.err)

    def test_the_network_can_be_allowed(self):
        self.assert_done(self.run_code("-c", SOCKET, "--network"), 0, "")

    def test_child_processes_are_refused_and_the_refusal_told_with_its_line(self):
        done = self.run_code("-c", CHILD)
        self.assert_done(done, 1, "")
        self.assertIn("<execution 1>: process is not allowed here: echo, line 2; --processes allows it",
                      done.err)

    def test_child_processes_can_be_allowed(self):
        self.assert_done(self.run_code("-c", CHILD, "--processes"), 0, "b'child\\n'\n")

    def test_a_refusal_that_code_copes_with_is_not_told(self):
        code = "import socket\ntry: socket.socket()\nexcept PermissionError: print('coped')"
        self.assert_done(self.run_code("-c", code), 0, "coped\n", "")

    def test_the_disk_can_be_limited(self):
        code = "f = open('a', 'wb')\nf.write(bytes(900_000)); f.flush(); print('fits')\n" \
               "f.write(bytes(200_000)); f.flush()"
        done = self.run_code("-c", code, "--disk", "1M")
        self.assert_done(done, 1, "fits\n")
        self.assertIn("No space left on device", done.err)
