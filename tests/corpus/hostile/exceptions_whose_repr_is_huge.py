# Error and message are cut; the sandbox goes on.
raise ValueError("x" * 10_000_000)
# outcome: "exception"
# type: "ValueError"
# error_contains: "executing Python code: ValueError('xxxxxxxxxx"
# error_length: 65535
# message_length: 65536
# within_ms: 5000
# ---
print("goes on")
# output: ["goes on"]
