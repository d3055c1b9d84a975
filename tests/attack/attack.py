# SPDX-License-Identifier: Apache-2.0
"""Tries every claim of tests/attack/claims in a confined sandbox, and its twin in an unconfined one.

    attack.py [--user NAME] [WORD...]    words choose the claims whose names hold one of them

A claim is a file named as what must hold. It defines attack(), which returns "REACHED: .." when the attack
worked and "refused: .." (or raises) when it did not. Confined, it must not work; its twin, the same code
with every facility switched off, must, so that no claim holds only because the probe is broken. A line
`# twin: WORDS` in a claim says why its twin may fail all the same:

    root    only root gets that far at all         device   this machine has no such thing
    skip    the attack would harm this machine      other words: the twin's own business, see the claim

Each attack has a sandbox of its own. Prints TAP. CLUTCH_TEST_PROGRAMS is the folder of the program
"attacked", which runs them. With --user, which needs root, it runs as that user.
"""

import argparse
import os
import pathlib
import pwd
import re
import shutil
import socket
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
PROGRAM = os.path.abspath(os.path.join(os.environ["CLUTCH_TEST_PROGRAMS"], "attacked"))
ON_A_SMALL_DISK = {"sandbox_cannot_fill_the_disk", "sandbox_cannot_make_a_million_files",
                   "sandbox_cannot_fill_the_disk_from_its_temporary_folder"}
AFTER = '''
try:
    _result = attack()
    _result = _result if _result is not None else "refused: nothing happened"
except MemoryError as _error:
    _result = "refused: MemoryError"
except BaseException as _error:
    _result = f"refused: {type(_error).__name__}: {_error}"
print("@@NAME " + _result.replace("\\n", " "), flush=True)
'''


def system_calls():
    """name:number pairs of this machine's system calls, from the C library's own header."""
    text = subprocess.run(["cc", "-E", "-dM", "-x", "c", "-"], input="#include <sys/syscall.h>\n",
                          text=True, capture_output=True, check=True).stdout
    return " ".join(f"{name}:{number}" for name, number in re.findall(r"#define __NR_(\w+) (\d+)", text))


def as_user(user):
    """How to start a process as that user, with nothing of ours."""
    return {} if user is None else {"user": user, "group": user, "extra_groups": []}


class Scene:
    """What attacks aim at: a folder of the host, a process, a socket, another sandbox's folder."""

    def __init__(self, user):
        owner = os.getuid() if user is None else user
        self.base = pathlib.Path(tempfile.mkdtemp(prefix="clutch-attack-", dir="/var/tmp"))
        self.folder = self.base / "outside"
        self.folder.mkdir()
        for name in ("secret", "secret.py", "writable", "movable"):
            (self.folder / name).write_text('x = "top secret"\n')
        library = next(line.split()[-1] for line in open("/proc/self/maps") if "/libc.so" in line)
        shutil.copy(library, self.folder / "secret.so")
        self.sibling = self.base / "sibling"
        self.sibling.mkdir()
        (self.sibling / "data.txt").write_text("sibling")
        (self.base / "tmp").mkdir()
        self.library = self.base / "library"
        self.library.mkdir()
        (self.library / "library.py").write_text("x = 1\n")
        self.victim = subprocess.Popen(["sleep", "1000"], stdin=subprocess.DEVNULL, **as_user(user))
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(self.folder / "socket"))
        for path in [self.base, *self.base.rglob("*")]:
            os.chown(path, owner, -1)

    def fill_in(self, text):
        root = os.stat("/").st_dev
        places = {"SECRET": self.folder / "secret", "FOLDER": self.folder, "SIBLING": self.sibling,
                  "VICTIM": self.victim.pid, "SOCKET": self.folder / "socket",
                  "HOSTNAME": os.uname().nodename, "LIBRARY": self.library,
                  "ROOTDEVICE": f"{os.major(root)}:{os.minor(root)}"}
        for key, value in places.items():
            text = text.replace(f"@{key}@", str(value))
        return text

    def close(self):
        self.victim.kill()
        self.victim.wait()
        self.socket.close()
        shutil.rmtree(self.base, ignore_errors=True)


def run(scene, files, user, options):
    """What each attack answered, by name; one that gave no answer is not in it."""
    if not files:
        return {}, ""
    environment = {"PATH": os.environ["PATH"], "HOME": "/", "TMPDIR": str(scene.base / "tmp")}
    done = subprocess.run([PROGRAM, *options, *files], capture_output=True, stdin=subprocess.DEVNULL, cwd="/",
                          env=environment, timeout=500, **as_user(user))
    out = done.stdout.decode(errors="replace")
    return dict(re.findall(r"^@@(\S+) (.*)$", out, re.MULTILINE)), done.stderr.decode(errors="replace")


def judge(confined, unconfined, twin, is_root):
    """None when the claim holds and its twin shows that; otherwise what is wrong."""
    if not confined.startswith("refused"):
        return f"confined: {confined}"
    needs_root = "root" in twin.split()
    excused = (twin and not needs_root) or "device" in twin or (needs_root and not is_root)
    if not unconfined.startswith("REACHED") and not excused:
        return f"its twin did not get there: {unconfined}"
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--user")
    parser.add_argument("words", nargs="*")
    chosen = parser.parse_args()
    if chosen.user and (reason := cannot_be(chosen.user)):
        print(f"ok 1 - attacks as {chosen.user} # SKIP {reason}\n1..1")
        return 0
    user = pwd.getpwnam(chosen.user).pw_uid if chosen.user else None
    scene = Scene(user)
    try:
        return attack_all(scene, chosen, user)
    finally:
        scene.close()


def cannot_be(name):
    """Why the program cannot be run as that user, or None."""
    if os.getuid() != 0:
        return "only root can become another user"
    try:
        user = pwd.getpwnam(name).pw_uid
        subprocess.run([PROGRAM], check=True, capture_output=True, cwd="/", **as_user(user))
    except (KeyError, PermissionError) as error:
        return f"{name} cannot run it: {error}"
    except subprocess.CalledProcessError as error:
        if b"ermission denied" in error.stderr:
            return f"{name} cannot reach the environment: {error.stderr.decode().strip()}"
    return None


def attack_all(scene, chosen, user):
    prelude = (HERE / "prelude.py").read_text().replace("@NUMBERS@", system_calls())
    claims, twins = {}, {}
    for path in sorted((HERE / "claims").glob("*.py")):
        if chosen.words and not any(word in path.stem for word in chosen.words):
            continue
        text = path.read_text()
        twin = re.search(r"^# twin: (.*)$", text, re.MULTILINE)
        twins[path.stem] = twin[1] if twin else ""
        claims[path.stem] = scene.base / f"{path.stem}.py"
        claims[path.stem].write_text(prelude + scene.fill_in(text) + AFTER.replace("NAME", path.stem))
    small = [str(claims[name]) for name in claims if name in ON_A_SMALL_DISK]
    large = [str(claims[name]) for name in claims if name not in ON_A_SMALL_DISK]
    free = [str(claims[name]) for name in claims if "skip" not in twins[name]]
    confined, notices = run(scene, large, user, [])
    confined.update(run(scene, small, user, ["--disk", str(16 << 20)])[0])
    unconfined, _ = run(scene, free, user, ["--free"])
    is_root = (os.getuid() if user is None else user) == 0
    failed = 0
    for number, name in enumerate(claims, 1):
        wrong = judge(confined.get(name, "no answer"), unconfined.get(name, "no answer"), twins[name],
                      is_root)
        failed += wrong is not None
        print(f"{'not ' if wrong else ''}ok {number} - {name}{' as ' + chosen.user if chosen.user else ''}")
        if wrong:
            print("# " + wrong)
    if failed and not confined:
        print("# " + notices[-2000:].replace("\n", "\n# "))
    print(f"1..{len(claims)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
