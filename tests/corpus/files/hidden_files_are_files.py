# A leading dot changes nothing.
open(".hidden", "w").close()
# files: [".hidden"]
