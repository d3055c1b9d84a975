# A line is an element when it ends; pieces of it may come in any number of writes.
import json
import sys

sys.stdout.write("a")
sys.stdout.write("")
sys.stdout.write("b")
sys.stdout.write("c\nd")
json.dump({"k": [1, 2]}, sys.stdout)
sys.stdout.write("\n")
# output: ["abc", "d{\"k\": [1, 2]}"]
