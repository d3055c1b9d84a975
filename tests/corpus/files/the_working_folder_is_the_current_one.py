# In each execution until the code changes it.
import os

here = os.getcwd()
print(os.environ["CLUTCH_WORKDIR"] == here, os.listdir())
os.mkdir("sub")
os.chdir("sub")
open("below.txt", "w").close()
# output: ["True []"]
# files: ["sub/below.txt"]
# ---
print(os.path.relpath(os.getcwd(), here))
open("more.txt", "w").close()
# output: ["sub"]
# files: ["sub/more.txt"]
