# SPDX-License-Identifier: Apache-2.0
"""House rules as tests: layers, names, sizes, contract lines. Prints TAP. Run in the repository's root."""

import os
import re
import subprocess
import sys

# Which folder may include which; a folder may always include itself.
LAYERS = {
    "include": set(),
    "engine/base": set(),
    "engine/wire": {"base"},
    "engine/host": {"base", "wire", "clutch.h"},
    "engine/python": {"base", "Python.h"},
    "engine/confine": {"base"},
    "engine/worker": {"base", "wire", "python", "confine", "Python.h"},
    "bindings": {"clutch.h"},
}
TOP_LEVEL = {"Makefile", "engine", "include", "bindings", "tests", "bench", "README.md", "LICENSE"}
MAX_LINES, MAX_FUNCTION, MAX_COLUMNS = 800, 70, 110
ONE_FILE = "include/clutch.h"  # the whole contract, however long
CONTRACT = re.compile(r"(any thread|one thread).*·.*·.*·", re.DOTALL)

EXPORTED = re.compile(r"^(?!static|typedef|struct|enum|extern|#|/|\s)[\w\s\*]*?\b(\w+)\(", re.MULTILINE)
# What a library must not do to the process that links it.
BANNED = re.compile(r"\b(abort|exit|printf|puts|perror|assert|signal|sigaction|atexit|setenv|chdir|umask"
                    r"|setlocale)\(")

problems = {}


def problem(rule, text):
    problems.setdefault(rule, []).append(text)


def tracked():
    files = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True,
                           check=True)
    return [name for name in files.stdout.split("\n") if name and os.path.exists(name)]


def includes(text):
    return re.findall(r'^\s*#\s*include\s+[<"]([^>"]+)[>"]', text, re.MULTILINE)


def check_layers(name, text):
    rule = "folders include only what their layer may"
    for layer, allowed in LAYERS.items():
        if not name.startswith(layer + "/"):
            continue
        own = layer.split("/")[-1]
        for header in includes(text):
            folder = header.split("/")[0] if "/" in header else None
            ours = folder in {"base", "wire", "host", "python", "confine", "worker"}
            if (ours and folder != own and folder not in allowed) or (
                    header in {"Python.h", "clutch.h"} and header not in allowed and layer != "include"):
                problem(rule, "%s includes %s" % (name, header))
        if own == "python" and any(header.startswith("sys/socket") for header in includes(text)):
            problem(rule, "%s knows of sockets" % name)


def check_symbols(name, text):
    """File name = module = prefix of what it exports."""
    if not re.match(r"engine/[^/]+/\w+\.h$", name) or name.endswith(("limits.h", "own.h", "parts.h")):
        return
    module = os.path.basename(name)[:-2]
    for exported in EXPORTED.findall(text):
        if not exported.startswith((module, "clutch_", "__")) and not exported.startswith("wire_"):
            problem("exported names begin with their module's name", "%s: %s" % (name, exported))


def check_sizes(name, lines):
    if len(lines) > MAX_LINES and name != ONE_FILE:
        problem("files have at most %d lines" % MAX_LINES, "%s: %d" % (name, len(lines)))
    for number, line in enumerate(lines, 1):
        if len(line) > MAX_COLUMNS:
            problem("lines have at most %d columns" % MAX_COLUMNS, "%s:%d" % (name, number))
        if line.rstrip() != line or "\t" in line and not name.endswith((".mk", "Makefile")):
            problem("no tabs and no trailing spaces", "%s:%d" % (name, number))


def check_functions(name, lines):
    start = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            start = number
        elif line == "}" and start:
            if number - start > MAX_FUNCTION:
                problem("functions have at most %d lines" % MAX_FUNCTION, "%s:%d" % (name, start))
            start = None


def check_words(name, text):
    for word in re.findall(r"\b(TODO|FIXME|XXX|HACK)\b", text):
        problem("nothing is left to do", "%s: %s" % (name, word))
    if name.startswith("engine/host/") and name.endswith(".c"):
        for call in BANNED.findall(text):
            if name.endswith("spawn.c") and call in {"sigaction", "chdir"}:
                continue  # in the child that becomes the worker
            problem("the host's process is left alone", "%s calls %s" % (name, call))
    if name.endswith((".c", ".h", ".py", ".mk")) and "SPDX-License-Identifier: Apache-2.0" not in text[:200]:
        if not name.startswith(("tests/corpus/", "tests/weather/")):
            problem("files begin with their licence", name)


def check_header():
    """Every public function has a contract line in the comment before it, or before its group."""
    text = open("include/clutch.h", encoding="utf-8").read()
    comment = ""
    for part in re.findall(r"/\*.*?\*/|^CLUTCH_API [^;]*;", text, re.DOTALL | re.MULTILINE):
        if part.startswith("/*"):
            comment = part
        elif not CONTRACT.search(comment):
            problem("public functions have a contract line", part.split("(")[0])


def main():
    rules = ["folders include only what their layer may", "exported names begin with their module's name",
             "files have at most %d lines" % MAX_LINES, "lines have at most %d columns" % MAX_COLUMNS,
             "no tabs and no trailing spaces", "functions have at most %d lines" % MAX_FUNCTION,
             "nothing is left to do", "the host's process is left alone", "files begin with their licence",
             "public functions have a contract line", "the top level holds what the layout says"]
    names = tracked()
    for name in {name.split("/")[0] for name in names}:
        if name not in TOP_LEVEL and not name.startswith("."):
            problem(rules[-1], name)
    for name in names:
        snippet = name.startswith(("tests/corpus/", "tests/attack/claims/"))
        if snippet or not name.endswith((".c", ".h", ".py", ".mk")):
            continue
        text = open(name, encoding="utf-8").read()
        lines = text.split("\n")
        check_sizes(name, lines)
        check_words(name, text if name != "tests/tidy.py" else "SPDX-License-Identifier: Apache-2.0")
        if name.endswith((".c", ".h")):
            check_layers(name, text)
            check_symbols(name, text)
            check_functions(name, lines)
    check_header()
    for number, rule in enumerate(rules, 1):
        found = problems.get(rule, [])
        print("%sok %d - tidy: %s" % ("not " if found else "", number, rule))
        for text in found[:20]:
            print("# " + text)
    print("1..%d" % len(rules))
    return 1 if problems else 0


sys.exit(main())
