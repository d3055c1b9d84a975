# decimal, fractions, math, statistics, random with a seed.
import decimal
import fractions
import math
import random
import statistics

print(decimal.Decimal("0.1") + decimal.Decimal("0.2"), fractions.Fraction(1, 3) + fractions.Fraction(1, 6))
print(math.isclose(statistics.stdev([1, 2, 3, 4]), 1.2909944487358056), math.comb(5, 2))
random.seed(3)
first = [random.random() for _ in range(3)]
random.seed(3)
print(first == [random.random() for _ in range(3)])
# output: ["0.3 1/2", "True 10", "True"]
