# SPDX-License-Identifier: Apache-2.0
"""Puts the pinned cloudpickle's source and licence into a folder: cloudpickle.py VENV FOLDER

It is taken from VENV, or, when that has none or another version, installed by pip with the hash that
requirements.txt lists. Nothing of it is in the repository.
"""

import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


def pinned():
    """The lines of requirements.txt about cloudpickle, and its version."""
    with open(os.path.join(HERE, "requirements.txt")) as file:
        found = re.search(r"^cloudpickle==(\S+)(?:[^\n]*\\\n)+[^\n]*\n", file.read(), re.MULTILINE)
    return found.group(0), found.group(1)


def find(folders, version):
    """(source, licence) of that version below one of the folders, or None."""
    for folder in folders:
        info = os.path.join(folder, "cloudpickle-%s.dist-info" % version)
        licences = glob.glob(os.path.join(info, "**", "LICENSE"), recursive=True)
        source = os.path.join(folder, "cloudpickle", "cloudpickle.py")
        if licences and os.path.exists(source):
            return source, licences[0]
    return None


def install(lines, folder):
    """Installs with pip, from an environment that is thrown away."""
    subprocess.run([sys.executable, "-I", "-m", "venv", folder + "/venv"], check=True,
                   stdout=subprocess.DEVNULL)
    with open(folder + "/requirements.txt", "w") as file:
        file.write(lines)
    subprocess.run([folder + "/venv/bin/python", "-I", "-m", "pip", "--disable-pip-version-check",
                    "--no-input", "install", "--quiet", "--require-hashes", "--only-binary", ":all:",
                    "--no-deps", "--target", folder + "/there", "--requirement",
                    folder + "/requirements.txt"], check=True)


def main(venv, target):
    lines, version = pinned()
    os.makedirs(target, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        found = find(glob.glob(venv + "/lib/python3*/site-packages"), version)
        if found is None:
            install(lines, scratch)
            found = find([scratch + "/there"], version)
        shutil.copyfile(found[0], os.path.join(target, "cloudpickle.py"))
        shutil.copyfile(found[1], os.path.join(target, "cloudpickle-LICENSE"))


main(sys.argv[1], sys.argv[2])
