# print and error texts take what __str__ gives.
class Text(str):
    def __str__(self):
        return "replaced"

    def __len__(self):
        return -5


print(Text("original"))
raise ValueError(Text("original"))
# output: ["replaced"]
# error_contains: "executing Python code: ValueError("
# message: "replaced"
