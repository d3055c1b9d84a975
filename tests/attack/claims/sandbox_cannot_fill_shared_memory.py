# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot fill shared memory

def attack():
    fd = os.open('/dev/shm/attack', os.O_CREAT | os.O_RDWR, 0o600)
    try:
        os.truncate(fd, 1 << 30)
        here = os.fstatvfs(fd).f_blocks == os.statvfs('.').f_blocks
    finally:
        os.unlink('/dev/shm/attack')
    return refused('it is its own temporary folder') if here else reached('1 GiB')
