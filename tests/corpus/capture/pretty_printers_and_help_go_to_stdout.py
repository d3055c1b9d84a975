# pprint, help and print of long structures.
import pprint

pprint.pprint({"b": 1, "a": [1, 2]})
pprint.pprint(list(range(30)), width=200)


def documented():
    """What it does."""


help(documented)
# output_contains: ["{'a': [1, 2], 'b': 1}", "[0, 1, 2, 3", "documented", "What it does."]
# stderr: []
