# Of what data analysis writes.
for name in "a.csv", "b.json", "c.html", "d.txt", "e.png", "f.svg", "g.pdf", "h.xlsx", "i", "j.unknown":
    open(name, "w").close()
# files: ["a.csv", "b.json", "c.html", "d.txt", "e.png", "f.svg", "g.pdf", "h.xlsx", "i", "j.unknown"]
# mime: ["text/csv", "application/json", "text/html", "text/plain", "image/png", "image/svg+xml"]
# mime: ["application/pdf", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"]
# mime: ["application/octet-stream", "application/octet-stream"]
