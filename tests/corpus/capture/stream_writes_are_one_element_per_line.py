# Text without print makes an element of each line, without its newline.
import sys

sys.stdout.write("one\ntwo\n\nfour\n")
sys.stdout.writelines(["five\n", "six\n"])
sys.stderr.write("seven\r\neight\n")
# stdout: ["one", "two", "", "four", "five", "six"]
# stderr: ["seven", "eight"]
