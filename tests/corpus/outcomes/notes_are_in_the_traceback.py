# add_note adds lines behind the message.
error = ValueError("noted")
error.add_note("look here")
raise error
# error: "executing Python code: ValueError('noted')"
# traceback: "ValueError: noted\nlook here\n"
