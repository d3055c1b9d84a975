# SPDX-License-Identifier: Apache-2.0
"""A git server on this machine, with one repository: owner/repo.git, whose branch is trunk."""

import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


def make(folder):
    def git(*arguments):
        subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@y", "-c", "init.defaultBranch=trunk",
                        *arguments], check=True, capture_output=True, cwd=work)
    work = os.path.join(folder, "work")
    os.makedirs(work)
    git("init", ".")
    with open(os.path.join(work, "data.csv"), "w", encoding="utf-8") as file:
        file.write("a,b\n1,2\n")
    git("add", ".")
    git("commit", "-m", "one")
    git("clone", "--bare", ".", os.path.join(folder, "owner", "repo.git"))


class Case:
    """Before support.Case among the bases: its server then takes repositories from here.

    The class has prefix, with which addresses begin, and url, of the repository. folder: "slow/" for a server
    that accepts and does not answer."""

    folder = ""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="clutch-http-git-")
        cls.addClassCleanup(folder.cleanup)
        make(folder.name)
        cls.log = os.path.join(folder.name, "log")
        cls.git = subprocess.Popen([sys.executable, os.path.join(HERE, "..", "host", "git_server.py"),
                                    folder.name], stdout=subprocess.PIPE, text=True)
        cls.addClassCleanup(cls.git.stdout.close)
        cls.addClassCleanup(cls.git.wait)
        cls.addClassCleanup(cls.git.kill)
        cls.prefix = f"http://127.0.0.1:{int(cls.git.stdout.readline())}/{cls.folder}"
        cls.url = cls.prefix + "owner/repo.git"
        cls.arguments = (*cls.arguments, "--repositories", cls.prefix)
        super().setUpClass()
