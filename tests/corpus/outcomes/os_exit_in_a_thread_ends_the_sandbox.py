# Whichever thread calls it.
import os
import threading

print("begun")
threading.Thread(target=os._exit, args=(7,)).start()
while True:
    pass
# outcome: "exit"
# exit: 7
# ended: true
# error: "executing Python code: the process exited with status 7"
# output: ["begun"]
