# print does nothing then, as in Python.
import sys

sys.stdout = None
print("nowhere")
sys.__stdout__.write("by the other name\n")
# output: ["by the other name"]
