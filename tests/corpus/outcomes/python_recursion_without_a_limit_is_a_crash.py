# With the guard taken away, calls through C fill the stack.
# requires: python<3.12
import sys


def deeper():
    return list(map(lambda _: deeper(), [0]))


print("before")
sys.setrecursionlimit(10**9)
deeper()
# outcome: "crashed"
# signal: 11
# ended: true
# error_contains: "SIGSEGV"
# stdout: ["before"]
