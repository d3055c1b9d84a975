# Folders themselves are not listed.
import os

os.makedirs("out/deep")
os.mkdir("empty")
open("out/a.json", "w").write("{}")
open("out/deep/b.png", "wb").write(b"x")
# files: ["out/a.json", "out/deep/b.png"]
# mime: ["application/json", "image/png"]
# ---
open("out/a.json", "a").write("\n")
# files: ["out/a.json"]
