# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot chmod the worker program
# twin: disk

def attack():
    mode = os.stat('/proc/self/exe').st_mode & 0o7777
    links = os.stat('/proc/self/exe').st_nlink
    os.chmod('/proc/self/exe', mode)
    return reached('changed') if links else refused('it has no name: nobody else can start it')
