# runpy and exec of a file of the working folder, with its own names.
with open("script.py", "w") as file:
    file.write("import sys\nprint(__name__, len(sys.argv))\nresult = 1 / divisor\n")
import runpy

runpy.run_path("script.py", init_globals={"divisor": 2}, run_name="__main__")
print("result" in globals())
# output: ["__main__ 1", "False"]
# files: ["script.py"]
# ---
runpy.run_path("script.py", init_globals={"divisor": 0})
# error: "executing Python code: ZeroDivisionError('division by zero')"
# line: 1
# traceback: "script.py\", line 3, in <module>\n    result = 1 / divisor"
# output: ["<run_path> 1"]
# ---
print(__name__, __import__("sys").modules["__main__"].__dict__ is globals())
# output: ["__main__ True"]
