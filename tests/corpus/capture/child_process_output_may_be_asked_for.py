# capture_output gives it to the code instead.
# option: {"processes": true}
import subprocess

done = subprocess.run(["sh", "-c", "echo out; echo err >&2; exit 3"], capture_output=True, text=True)
print(done.returncode, repr(done.stdout), repr(done.stderr))
print(repr(subprocess.check_output(["printf", "x"])))
# output: ["3 'out\\n' 'err\\n'", "b'x'"]
