# A wrong keyword is a TypeError, and nothing is printed.
print("lost", colour="red")
# output: []
# outcome: "exception"
# type: "TypeError"
# error_contains: "colour"
# line: 2
