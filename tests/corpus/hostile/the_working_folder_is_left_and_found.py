# chdir away and back, into a folder that is then removed.
import os

home = os.getcwd()
os.mkdir("gone")
os.chdir("gone")
os.rmdir(home + "/gone")
# ---
try:
    os.getcwd()
except FileNotFoundError:
    print("nowhere")
os.chdir(home)
open("found.txt", "w").close()
# output: ["nowhere"]
# files: ["found.txt"]
