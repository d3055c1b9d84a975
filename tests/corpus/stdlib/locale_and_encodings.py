# UTF-8 everywhere, whatever the host's locale is.
import locale

open("text.txt", "w").write("grüße ✓")
print(open("text.txt", "rb").read() == "grüße ✓".encode(), open("text.txt").read())
print(locale.getpreferredencoding(False).lower(), "é".encode("latin-1"), b"\xe9".decode("cp1252"))
# output: ["True grüße ✓", "utf-8 b'\\xe9' é"]
