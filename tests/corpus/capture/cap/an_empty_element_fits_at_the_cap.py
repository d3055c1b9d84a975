# The cap is reached, not passed, by the sixth byte; only what comes after something was cut is dropped.
# option: {"output_bytes": 3}
print("abc")
print("")
# output: ["abc", ""]
