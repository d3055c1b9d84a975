# SPDX-License-Identifier: Apache-2.0
"""Real clients against `clutch serve`, over real sockets, as TAP.

CLUTCH names the program (default build/clutch), CLUTCH_CLIENTS the folder that the published clients are
installed into. Words as arguments choose the tests whose names hold one of them.
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

import support  # first: it finds tap
import documents
import programs
import tap

if __name__ == "__main__":
    sys.exit(tap.main([documents, programs], sys.argv[1:]))
