# The type is qualified by its module; the line is the user's.
import json

json.loads("[1, }")
# type: "json.decoder.JSONDecodeError"
# error_contains: "executing Python code: JSONDecodeError('"
# line: 4
# traceback: "json/decoder.py"
