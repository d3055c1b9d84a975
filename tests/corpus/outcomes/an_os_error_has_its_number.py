# The repr of an OSError names the errno, its str the file too.
open("missing.csv")
# type: "FileNotFoundError"
# error: "executing Python code: FileNotFoundError(2, 'No such file or directory')"
# message: "[Errno 2] No such file or directory: 'missing.csv'"
