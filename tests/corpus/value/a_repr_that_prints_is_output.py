# What __repr__ prints belongs to the execution.
class Loud:
    def __repr__(self):
        print("asked")
        return "Loud()"


Loud()
# value: "Loud()"
# output: ["asked"]
