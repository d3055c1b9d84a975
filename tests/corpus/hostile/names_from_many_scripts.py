# Identifiers in Unicode are normalised as Python does it.
größe = 1
变量 = 2
print(größe + 变量, "größe" in globals())
ﬁ = 3
print(fi)
# output: ["3 True", "3"]
