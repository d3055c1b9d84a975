# timeit with the globals, cProfile, tracemalloc, dis.
import cProfile
import dis
import io
import pstats
import timeit
import tracemalloc


def work():
    return sum(range(100))


print(timeit.timeit("work()", globals=globals(), number=10) >= 0)
profile = cProfile.Profile()
profile.runcall(work)
text = io.StringIO()
pstats.Stats(profile, stream=text).print_stats()
print("work" in text.getvalue())
tracemalloc.start()
kept = [bytes(1000) for _ in range(10)]
print(tracemalloc.get_traced_memory()[0] > 10000)
tracemalloc.stop()
print(sum(1 for _ in dis.get_instructions(work)) > 3)
# output: ["True", "True", "True", "True"]
