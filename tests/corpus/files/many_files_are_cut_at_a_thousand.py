# The list is bounded.
for number in range(1001):
    open(f"{number:04}.txt", "w").close()
# file_count: 1000
# files_cut: true
