# Also of classes without methods, and of the newest of two with one name.
import inspect


class WithMethod:
    def method(self):
        return 1


class Plain:
    value = 1
# ---
print(inspect.getsource(WithMethod))
print(inspect.getsource(Plain))
# output: ["class WithMethod:\n    def method(self):\n        return 1\n", "class Plain:\n    value = 1\n"]
# ---
class Plain:
    value = 2


print(inspect.getsource(Plain))
# output: ["class Plain:\n    value = 2\n"]
