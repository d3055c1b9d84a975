# The line is the one that ran.
# option: {"cancel_on": "ready"}
def busy():
    print("ready")
    while True:
        pass


busy()
# outcome: "cancelled"
# error: "executing Python code: KeyboardInterrupt()"
# traceback: "line 9, in <module>\n    busy()\n"
# traceback: ", in busy\n"
# traceback: "KeyboardInterrupt\n"
