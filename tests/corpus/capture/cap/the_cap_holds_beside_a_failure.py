# A failed execution is cut too, and says both.
# option: {"output_bytes": 2}
print("abc")
1 / 0
# output: ["ab"]
# omitted: [1, 1]
# limit: "output_bytes"
# error: "executing Python code: ZeroDivisionError('division by zero')"
