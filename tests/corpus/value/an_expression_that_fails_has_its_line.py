# Statements ran before, and the traceback shows the expression.
done = True

len(
    5)
# error: "executing Python code: TypeError(\"object of type 'int' has no len()\")"
# line: 4
# traceback: "File \"<execution 1>\", line 4, in <module>"
# ---
done
# value: "True"
