# SPDX-License-Identifier: Apache-2.0
"""Counts the system calls of one warm execution, in the host's process and in the sandbox, with strace.

    syscalls.py PREFIX [TASK]

TASK is execute_warm unless another one is given, such as print_10000. What one execution costs is the
difference between many and few of them.
"""

import collections
import os
import re
import shutil
import subprocess
import sys
import tempfile

FEW, MANY = 10, 60
CALL = re.compile(r"^(\d+) +(?:<\.\.\. )?(\w+)[( ]")


def count(prefix, task, executions):
    """{(host or sandbox, call): number}"""
    with tempfile.TemporaryDirectory(dir=os.path.dirname(os.path.abspath(prefix))) as folder:
        log = os.path.join(folder, "calls")
        subprocess.run(["strace", "-f", "-qq", "-o", log, prefix + "-clutch", "clutch", folder],
                       input="%s %d\n" % (task, executions), stdout=subprocess.DEVNULL, text=True, check=True)
        found, host = collections.Counter(), None
        with open(log) as lines:
            for line in lines:
                call = CALL.match(line)
                if call and "resumed>" not in line:
                    host = host or call.group(1)
                    found["host" if call.group(1) == host else "worker", call.group(2)] += 1
        return found


def main():
    prefix, task = sys.argv[1], (sys.argv[2:] or ["execute_warm"])[0]
    if not shutil.which("strace"):
        sys.exit("bench: strace is needed to count system calls: install it")
    difference = count(prefix, task, MANY)
    difference.subtract(count(prefix, task, FEW))
    for side in ("host", "worker"):
        calls = [(number / (MANY - FEW), call) for (where, call), number in difference.items()
                 if where == side]
        shown = ["%s %.3g" % (call, number) for number, call in sorted(calls, reverse=True) if number >= 0.05]
        print("%-7s %6.1f a %s: %s" % (side, sum(number for number, _ in calls), task, ", ".join(shown)))


if __name__ == "__main__":
    main()
