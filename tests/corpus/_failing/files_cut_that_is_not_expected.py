# must_fail: ["files_cut"]
for number in range(1001):
    open(f"{number}", "w").close()
