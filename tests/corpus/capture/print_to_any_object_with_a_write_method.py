# An object of the user's own gets what print gives it in plain Python.
class Collector:
    def __init__(self):
        self.parts = []

    def write(self, text):
        self.parts.append(text)


collector = Collector()
print("a", "b", file=collector)
print(collector.parts)
# output: ["['a', ' ', 'b', '\\n']"]
