# One byte is left.
# option: {"output_bytes": 10}
print("a" * 9)
# output: ["aaaaaaaaa"]
