# inspect, os, threading, random, gc, warnings: all of them without content.
import gc
import inspect
import os
import random
import threading
import warnings

for module in inspect, os, random, threading, warnings, gc:
    module.__dict__.clear()
# ---
print("alive")
1 / 0
# output: ["alive"]
# error: "executing Python code: ZeroDivisionError('division by zero')"
# line: 2
