# SPDX-License-Identifier: Apache-2.0
"""Claims about the `clutch` command, the contract that scripts rely on, as TAP.

CLUTCH names the program (default build/clutch). Words as arguments choose the tests whose names
hold one of them.
"""

import sys

import confinement
import doctor
import repl
import run
import run_endings
import run_files
import sessions
import sessions_faults
import tap
import usage

if __name__ == "__main__":
    sys.exit(tap.main([usage, run, run_files, run_endings, repl, doctor, confinement,
                       sessions, sessions_faults], sys.argv[1:]))
