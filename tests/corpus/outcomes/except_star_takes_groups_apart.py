# What is left over of a group is the exception.
try:
    raise ExceptionGroup("g", [ValueError(1), TypeError(2)])
except* ValueError as group:
    print(group.exceptions)
# output: ["(ValueError(1),)"]
# type: "ExceptionGroup"
# error: "executing Python code: ExceptionGroup('g', [TypeError(2)])"
