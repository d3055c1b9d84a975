# multiprocessing.pool.ThreadPool needs no process.
from multiprocessing.pool import ThreadPool

with ThreadPool(3) as pool:
    print(pool.map(abs, [-1, 2, -3]), pool.apply(max, (1, 5)))
# output: ["[1, 2, 3] 5"]
