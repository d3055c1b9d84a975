# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot watch a host folder

def attack():
    fd = call('inotify_init1', 0)
    return reached(call('inotify_add_watch', fd, b'@FOLDER@', 0xfff))
