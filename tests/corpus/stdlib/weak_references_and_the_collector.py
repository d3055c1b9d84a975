# Cycles are collected, finalizers run, gc is on.
import gc
import weakref


class Node:
    pass


node = Node()
node.self = node
reference = weakref.ref(node)
finalizer = weakref.finalize(node, print, "finalized")
del node
print(gc.isenabled(), reference() is not None)
gc.collect()
print(reference())
# output: ["True True", "finalized", "None"]
