# What the host has in its environment is not there; changes last.
import os

print("CLUTCH_TEST_SECRET" in os.environ, os.environ["LANG"] != "", "PATH" in os.environ)
os.environ["MINE"] = "set"
# output: ["False True True"]
# ---
print(os.environ["MINE"], os.getenv("MINE"))
# output: ["set set"]
