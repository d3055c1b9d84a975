# What libraries ask of sys.stdout.
import io
import sys

for stream in sys.stdout, sys.stderr:
    print(stream.encoding, stream.isatty(), stream.fileno(), stream.writable(), stream.readable())
    print(stream.name, stream.mode, stream.closed, isinstance(stream, io.TextIOBase))
print(sys.stdout is sys.__stdout__, sys.stderr is sys.__stderr__)
print(sys.stdout.errors, sys.stdout.line_buffering, sys.stdout.buffer.fileno())
# output: ["utf-8 False 1 True False", "<stdout> w False True", "utf-8 False 2 True False"]
# output: ["<stderr> w False True", "True True", "replace True 1"]
