# The names that site adds for interactive use.
exit(5)
# outcome: "exit"
# exit: 5
# error: "executing Python code: SystemExit(5)"
# ---
quit()
# outcome: "exit"
# exit: 0
# error: null
# ---
print("still", "usable")
# output: ["still usable"]
