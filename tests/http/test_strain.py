# SPDX-License-Identifier: Apache-2.0
"""What a server must bear, over real sockets, as TAP: requests that a tester makes up, load, bad clients.

CLUTCH names the program (default build/clutch), CLUTCH_SCHEMATHESIS the tester; without it what needs it
is skipped. CLUTCH_HTTP_LONG has all of it take minutes instead of seconds. Words as arguments choose the
tests whose names hold one of them.
"""

import sys

import support  # first: it finds tap
import load
import properties
import rough
import tap

if __name__ == "__main__":
    sys.exit(tap.main([load, rough, properties], sys.argv[1:]))
