# Made in one execution, used in the next.
from concurrent.futures import ThreadPoolExecutor

pool = ThreadPoolExecutor(2)
future = pool.submit(sum, [1, 2])
# ---
print(future.result(), pool.submit(len, "abc").result())
pool.shutdown()
# output: ["3 3"]
