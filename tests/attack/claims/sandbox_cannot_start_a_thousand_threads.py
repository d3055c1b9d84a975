# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot start a thousand threads

def attack():
    import threading
    stop = threading.Event()
    threading.stack_size(65536)
    started = []
    try:
        for i in range(1000):
            t = threading.Thread(target=stop.wait, daemon=True)
            t.start()
            started.append(t)
    except RuntimeError as e:
        return refused(f'{len(started)}: {e}')
    finally:
        stop.set()
    return reached(len(started))
