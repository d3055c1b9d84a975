# SPDX-License-Identifier: Apache-2.0
"""The header alone, the exported names, and the README's program built from an installed tree.

Prints TAP. Run in the repository's root; CLUTCH_BUILD names the build folder, CC and CXX the compilers.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
import tap  # noqa: E402

BUILD = os.path.abspath(os.environ.get("CLUTCH_BUILD", "build"))
CC = shlex.split(os.environ.get("CC", "gcc"))
CXX = shlex.split(os.environ.get("CXX", "g++"))
STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Wundef", "-Werror"]
C11, CXX17 = CC + ["-std=c11", "-Wstrict-prototypes"], CXX + ["-std=c++17", "-Wold-style-cast"]


def run(command, text=None, **settings):
    """Returns what a command printed; what it prints to stderr is the failure's message."""
    done = subprocess.run(command, input=text, capture_output=True, text=True, **settings)
    if done.returncode != 0:
        raise AssertionError("%s\n%s%s" % (shlex.join(command), done.stdout, done.stderr))
    return done.stdout


def compiles(compiler, language, text, *flags):
    run([*compiler, *STRICT, *flags, "-Iinclude", "-x", language, "-fsyntax-only", "-"], text)


def header():
    with open("include/clutch.h", encoding="utf-8") as file:
        return file.read()


class Header(unittest.TestCase):
    def test_the_header_stands_alone_in_strict_c11(self):
        compiles(C11, "c", '#include "clutch.h"\n')

    def test_the_header_stands_alone_in_strict_cxx17(self):
        compiles(CXX17, "c++", '#include "clutch.h"\n')

    def test_the_header_may_be_included_twice(self):
        twice = '#include "clutch.h"\n#include "clutch.h"\n'
        compiles(C11, "c", twice)
        compiles(CXX17, "c++", twice)

    def test_the_init_macros_are_fine_in_c_and_cxx(self):
        names = re.findall(r"#define (CLUTCH_(\w+)_INIT)\b", header())
        self.assertGreaterEqual(len(names), 4)
        lines = ["%s %s = %s; (void)%s;" % ("clutch_" + kind.lower(), kind.lower(), macro, kind.lower())
                 for macro, kind in names]
        program = '#include "clutch.h"\nint main(void)\n{\n%s\nreturn 0;\n}\n' % "\n".join(lines)
        compiles(C11, "c", program, "-Wmissing-field-initializers")
        compiles(CXX17, "c++", program, "-Wmissing-field-initializers")

    def test_the_header_works_with_other_compilers(self):
        for compiler, language, standard in (("clang", "c", "-std=c11"), ("clang++", "c++", "-std=c++17")):
            if shutil.which(compiler):
                compiles([compiler, standard], language, '#include "clutch.h"\n')

    def test_results_that_must_be_looked_at_are_warned_about(self):
        call = '#include "clutch.h"\nvoid f(void) { clutch_engine_open(0, 0, 0); }\n'
        with self.assertRaisesRegex(AssertionError, "unused"):
            run([*C11, *STRICT, "-Iinclude", "-x", "c", "-c", "-", "-o", os.devnull], call)


class Symbols(unittest.TestCase):
    @staticmethod
    def exported():
        text = run(["nm", "-g", "--defined-only", os.path.join(BUILD, "libclutch.a")])
        return set(re.findall(r"^[0-9a-f]+ [A-Z] (\S+)$", text, re.MULTILINE))

    def test_exactly_what_the_header_declares_is_exported(self):
        declared = set(re.findall(r"\b(clutch_\w+)\(", "".join(
            re.findall(r"^CLUTCH_API [^;]*;", header(), re.MULTILINE | re.DOTALL))))
        self.assertGreater(len(declared), 30)
        self.assertEqual(self.exported(), declared)

    def test_python_is_not_needed_to_link(self):
        text = run(["nm", "-u", os.path.join(BUILD, "libclutch.a")])
        self.assertEqual(re.findall(r" _?Py\w+", text), [])

    def test_two_copies_of_the_library_have_no_writable_names_in_common(self):
        text = run(["nm", "-g", "--defined-only", os.path.join(BUILD, "libclutch.a")])
        self.assertEqual(re.findall(r" [BDC] (\S+)$", text, re.MULTILINE), [])


class Consumer(unittest.TestCase):
    """A stranger's program, which knows what `make install` installed and nothing else."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="clutch-consumer-")
        cls.prefix = os.path.join(cls.folder, "prefix")
        env = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
        # What is installed is what has been built and tested: -o all builds nothing.
        run(["make", "-s", "-o", "all", "BUILD=" + BUILD, "PREFIX=" + cls.prefix, "install"], env=env)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def pkg_config(self, *arguments, folder=None):
        env = dict(os.environ, PKG_CONFIG_PATH=folder or os.path.join(self.prefix, "lib", "pkgconfig"))
        return run(["pkg-config", *arguments], env=env).strip()

    def flags(self):
        return shlex.split(self.pkg_config("--static", "--cflags", "--libs", "clutch"))

    def program(self):
        with open("README.md", encoding="utf-8") as file:
            return re.search(r"^```c\n(.*?)^```", file.read(), re.MULTILINE | re.DOTALL).group(1)

    def build_and_run(self, compiler, suffix):
        source = os.path.join(self.folder, "host" + suffix)
        program = os.path.join(self.folder, "host" + suffix.replace(".", "-"))
        with open(source, "w", encoding="utf-8") as file:
            file.write(self.program())
        run([*compiler, "-Wall", "-Wextra", "-Werror", source, *self.flags(), "-o", program])
        return run([program], cwd=self.folder, timeout=120)

    def test_what_is_installed_is_what_the_help_says(self):
        found = sorted(os.path.relpath(os.path.join(folder, name), self.prefix)
                       for folder, _, names in os.walk(self.prefix) for name in names)
        self.assertEqual(found, ["bin/clutch", "include/clutch.h", "lib/libclutch.a",
                                 "lib/pkgconfig/clutch.pc", "share/doc/clutch/LICENSE",
                                 "share/doc/clutch/cloudpickle-LICENSE"])

    def test_destdir_moves_the_files_and_not_their_paths(self):
        stage = os.path.join(self.folder, "stage")
        env = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
        run(["make", "-s", "-o", "all", "BUILD=" + BUILD, "DESTDIR=" + stage, "PREFIX=/opt/clutch",
             "install"], env=env)
        folder = os.path.join(stage, "opt", "clutch", "lib", "pkgconfig")
        self.assertEqual(self.pkg_config("--variable=prefix", "clutch", folder=folder), "/opt/clutch")

    def test_pkg_config_knows_the_version_of_the_header(self):
        version = re.search(r'#define CLUTCH_VERSION "(.*)"', header()).group(1)
        self.assertEqual(self.pkg_config("--modversion", "clutch"), version)

    def test_the_readmes_program_runs_as_a_c_host(self):
        self.assertTrue(self.build_and_run(CC + ["-std=gnu11"], ".c").strip())

    def test_the_readmes_program_runs_as_a_cxx_host(self):
        self.assertTrue(self.build_and_run(CXX + ["-std=c++17"], ".cc").strip())

    def test_the_readmes_program_is_short(self):
        self.assertLessEqual(len(self.program().strip().splitlines()), 30)


if __name__ == "__main__":
    sys.exit(tap.main([sys.modules[__name__]]))
