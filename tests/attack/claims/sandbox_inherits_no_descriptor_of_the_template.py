# SPDX-License-Identifier: Apache-2.0
# claim: sandbox inherits no descriptor of the template
# twin: skip

def attack():
    """What a sandbox has opened itself: its channel, its pipes, its folder, and what tracks pages."""
    own = ('socket:', 'pipe:', 'anon_inode:[eventfd]', 'anon_inode:[userfaultfd]', '/proc/', os.getcwd())
    names = {}
    for fd in os.listdir('/proc/self/fd'):
        try:
            names[int(fd)] = os.readlink(f'/proc/self/fd/{fd}')
        except OSError:
            pass
    foreign = {fd: name for fd, name in names.items() if fd > 2 and not name.startswith(own)}
    return reached(foreign) if foreign or len(names) > 12 else refused(sorted(names))
