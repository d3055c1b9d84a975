# print goes on; what C code writes is lost.
import os

os.close(1)
os.close(2)
print("printed")
# output: ["printed"]
# ---
print("again")
# output: ["again"]
