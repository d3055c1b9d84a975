# Exactly as many bytes as the cap allows: nothing is left out.
# option: {"output_bytes": 10}
print("a" * 10)
# output: ["aaaaaaaaaa"]
