# SPDX-License-Identifier: Apache-2.0
"""Claims about `clutch serve`, over real sockets, as TAP.

CLUTCH names the program (default build/clutch). Words as arguments choose the tests whose names
hold one of them.
"""

import sys

import support  # first: it finds tap
import access
import console
import daytona
import daytona_life
import document
import exec
import files
import idempotency
import interpreter
import life
import matrix
import process
import recoup
import sandcastles
import tap
import toolbox

if __name__ == "__main__":
    sys.exit(tap.main([sandcastles, recoup, daytona, daytona_life, process, toolbox, files, exec,
                       document, idempotency, access, matrix, console, life, interpreter], sys.argv[1:]))
