# Whoever writes into the working folder.
# option: {"processes": true}
import subprocess

subprocess.run("echo data > child.txt", shell=True, check=True)
# files: ["child.txt"]
