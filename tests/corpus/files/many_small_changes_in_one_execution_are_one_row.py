# However often a file is written.
for number in range(200):
    with open("log.txt", "a") as file:
        file.write(f"{number}\n")
    open(f"scratch-{number % 3}.txt", "w").write(str(number))
# files: ["log.txt", "scratch-0.txt", "scratch-1.txt", "scratch-2.txt"]
