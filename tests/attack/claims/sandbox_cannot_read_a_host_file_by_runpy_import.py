# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot read a host file by runpy import

def attack():
    import importlib.util
    s = importlib.util.spec_from_file_location('x', '@SECRET@.py')
    m = importlib.util.module_from_spec(s)
    s.loader.exec_module(m)
    return reached(m.x)
