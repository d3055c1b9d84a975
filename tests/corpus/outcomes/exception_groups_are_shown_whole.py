# The repr in the error, the tree in the traceback.
raise ExceptionGroup("several", [ValueError("one"), ExceptionGroup("inner", [TypeError("two")])])
# type: "ExceptionGroup"
# error_contains: "ExceptionGroup('several', [ValueError('one'), ExceptionGroup('inner', [TypeError('two')])])"
# message: "several (2 sub-exceptions)"
# traceback: "ExceptionGroup: several (2 sub-exceptions)"
# traceback: "ValueError: one"
# traceback: "ExceptionGroup: inner (1 sub-exception)"
