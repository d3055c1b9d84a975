# plt.show() saves each open figure in the working folder and closes it.
# requires: matplotlib
import matplotlib.pyplot as plt

plt.plot([1, 2, 3])
plt.show()
with open("figure-1.png", "rb") as file:
    print(file.read(8))
print(plt.get_fignums())
# output: ["b'\\x89PNG\\r\\n\\x1a\\n'", "[]"]
# files: ["figure-1.png"]
# mime: ["image/png"]
# ---
for number in range(2):
    plt.figure()
    plt.bar(["a", "b"], [1, 2])
plt.show()
# files: ["figure-2.png", "figure-3.png"]
# ---
plt.show()
# files: []
