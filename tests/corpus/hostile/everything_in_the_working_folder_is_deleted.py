# And the folder itself, as far as the kernel lets the code.
import os
import shutil

open("a.txt", "w").close()
shutil.rmtree(os.environ["CLUTCH_WORKDIR"], ignore_errors=True)
# files: []
# ---
print("alive")
# output: ["alive"]
