# concurrent.futures, with results, exceptions and as_completed.
from concurrent.futures import ThreadPoolExecutor, as_completed

with ThreadPoolExecutor(4) as pool:
    print(list(pool.map(pow, [1, 2, 3], [2, 2, 2])))
    futures = [pool.submit(divmod, 7, n) for n in (2, 3)]
    print(sorted(future.result() for future in as_completed(futures)))
    failing = pool.submit(int, "x")
    print(repr(failing.exception()))
# output: ["[1, 4, 9]", "[(2, 1), (3, 1)]"]
# output: ["ValueError(\"invalid literal for int() with base 10: 'x'\")"]
