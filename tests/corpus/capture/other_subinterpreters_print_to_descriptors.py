# A subinterpreter that the code makes has streams of its own.
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters

print("one")
other = interpreters.create()
interpreters.run_string(other, "import sys; print('two'); sys.stdout.flush()")
print("three")
# output: ["one", "two", "three"]
