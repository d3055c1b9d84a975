# An empty message is empty and not absent.
raise ValueError
# error: "executing Python code: ValueError()"
# type: "ValueError"
# message: ""
# traceback: "\nValueError\n"
