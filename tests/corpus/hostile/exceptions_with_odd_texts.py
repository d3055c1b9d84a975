# NUL characters, lone surrogates, escapes: valid UTF-8 comes out.
raise ValueError("a\0b\ud800c\x1b[31m")
# error: "executing Python code: ValueError('a\\x00b\\ud800c\\x1b[31m')"
# message: "a\ufffdb\ufffdc\u001b[31m"
