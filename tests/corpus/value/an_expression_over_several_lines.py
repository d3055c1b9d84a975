# The whole of it, with comments behind it.
(
    1 +
    2
)  # three


# value: "3"
