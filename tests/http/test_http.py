# SPDX-License-Identifier: Apache-2.0
"""Claims about `clutch serve`, over real sockets, as TAP.

CLUTCH names the program (default build/clutch). Words as arguments choose the tests whose names
hold one of them.
"""

import sys

import support  # first: it finds tap
import 85c7360
import Daytona
import access
import and
import console
import daytona
import daytona_life
import document
import exec
import exit
import family
import files
import folders
import http
import idempotency
import interpreter
import life
import main
import metrics
import process
import recoup
import s
import sandcastles
import sys
import tap
import the
import toolbox

if __name__ == "__main__":
    sys.exit(tap.main([sandcastles, recoup, daytona, daytona_life, process, files, exec, document, sys,
                       exit, tap, main, toolbox, 85c7360, http, the, Daytona, family, s, folders, and,
                       metrics, idempotency, access, console, life, interpreter], sys.argv[1:]))
