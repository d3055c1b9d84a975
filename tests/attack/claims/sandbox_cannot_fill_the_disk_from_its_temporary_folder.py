# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot fill the disk from its temporary folder

def attack():
    try:
        with open('/tmp/big', 'wb') as f:
            for i in range(64): f.write(bytes(1 << 20)); f.flush()
    except OSError as e:
        return refused(e)
    finally:
        os.path.exists('/tmp/big') and os.unlink('/tmp/big')
    return reached('64 MiB')
