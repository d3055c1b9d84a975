# exit() of the C library ends the process in its own way; the output is kept.
import ctypes

for number in range(5):
    print(number)
ctypes.CDLL(None).exit(9)
# outcome: "exit"
# exit: 9
# ended: true
# error: "executing Python code: the process exited with status 9"
# output: ["0", "1", "2", "3", "4"]
