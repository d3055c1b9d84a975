# The interpreter that sys.executable names.
# option: {"processes": true}
import subprocess
import sys

done = subprocess.run([sys.executable, "-c", "import sys; print(1 + 1); sys.exit(3)"], capture_output=True)
print(done.stdout, done.returncode)
# output: ["b'2\\n' 3"]
