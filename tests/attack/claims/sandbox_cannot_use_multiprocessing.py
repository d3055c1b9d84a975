# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot use multiprocessing
# twin: process

def attack():
    import multiprocessing
    p = multiprocessing.get_context('spawn').Process(target=print)
    p.start()
    return reached(p.pid)
