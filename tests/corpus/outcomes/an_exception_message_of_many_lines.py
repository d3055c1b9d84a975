# Kept as it is.
raise ValueError("one\ntwo\n\nfour")
# message: "one\ntwo\n\nfour"
# error: "executing Python code: ValueError('one\\ntwo\\n\\nfour')"
