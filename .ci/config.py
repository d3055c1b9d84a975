# SPDX-License-Identifier: Apache-2.0
"""Prints what the Makefile has to know of the Python that runs this, as make variables."""

import os
import sysconfig

get = sysconfig.get_config_var
name = get("LDLIBRARY").removeprefix("lib").removesuffix(".so")
folders = [f for f in (get("LIBDIR"), os.path.join(get("LIBDIR"), get("MULTIARCH") or ""), get("LIBPL"))
           if f and os.path.exists(os.path.join(f, get("LDLIBRARY")))]
folder = folders[0] if folders else get("LIBDIR")
system = folder.startswith(("/usr/lib", "/lib"))
print("PYTHON_VERSION :=", sysconfig.get_python_version())
print("PYTHON_CFLAGS := -isystem", sysconfig.get_path("include"))
print("PYTHON_LIBS := -L%s -l%s%s" % (folder, name, "" if system else " -Wl,-rpath,%s" % folder))
