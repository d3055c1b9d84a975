# What was written before the exception is there.
open("partial.txt", "w").write("half")
raise RuntimeError
# error: "executing Python code: RuntimeError()"
# files: ["partial.txt"]
