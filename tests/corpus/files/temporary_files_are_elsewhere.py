# tempfile uses a folder of the sandbox that is not the working folder.
import os
import tempfile

with tempfile.NamedTemporaryFile("w", delete=False) as file:
    file.write("temporary")
print(os.path.dirname(file.name) == tempfile.gettempdir(), tempfile.gettempdir() != os.getcwd())
print(open(file.name).read(), os.environ["HOME"] != os.getcwd())
# output: ["True True", "temporary True"]
# files: []
