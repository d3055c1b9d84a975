# Process, Pool and ProcessPoolExecutor with the fork method give the same OSError.
import multiprocessing

context = multiprocessing.get_context("fork")
context.Process(target=print).start()
# type: "OSError"
# error_contains: "fork is not available in a sandbox"
# ---
context.Pool(2)
# type: "OSError"
# error_contains: "fork is not available in a sandbox"
# ---
from concurrent.futures import ProcessPoolExecutor

ProcessPoolExecutor(2, mp_context=context).submit(abs, -1).result()
# type: "OSError"
# error_contains: "fork is not available in a sandbox"
# ---
print("unharmed")
# output: ["unharmed"]
