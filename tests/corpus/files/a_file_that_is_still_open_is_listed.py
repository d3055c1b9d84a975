# With what has reached the disk.
file = open("log.txt", "w")
file.write("one\n")
file.flush()
# files: ["log.txt"]
# ---
file.write("two\n")
file.flush()
# files: ["log.txt"]
# ---
file.close()
# files: []
