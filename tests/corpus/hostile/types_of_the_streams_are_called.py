# New streams, none of ours, have no way out, and do no harm.
import sys

Output, Buffer = type(sys.stdout), type(sys.stdout.buffer)
for make in Output, Buffer:
    try:
        stream = make()
        print(repr(stream))
        stream.write("lost\n" if make is Output else b"lost\n")
        stream.fileno()
        stream.buffer
        stream.name
    except Exception as error:
        print(type(error).__name__)
print("here")
sys.stdout.write.__self__.write("there\n")
# output_contains: ["here", "there"]
