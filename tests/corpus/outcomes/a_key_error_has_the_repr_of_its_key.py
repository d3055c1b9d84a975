# str(KeyError) is the repr of the key.
{"a": 1}["b"]
# error: "executing Python code: KeyError('b')"
# message: "'b'"
