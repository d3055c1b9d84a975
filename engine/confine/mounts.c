/* SPDX-License-Identifier: Apache-2.0 */
/* mounts.c: the mount calls of Linux 5.2 and 5.12, in which a mount is a descriptor until it is put
 * into the file tree. */
#include "confine/parts.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

int mounts_new(const char *type, const char *const *options, uint64_t attributes)
{
    int context = fsopen(type, FSOPEN_CLOEXEC);
    if (context < 0)
        return -1;
    int result = 0;
    for (; *options && result == 0; options += 2)
        result = fsconfig(context, FSCONFIG_SET_STRING, options[0], options[1], 0);
    if (result == 0)
        result = fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
    int mount = result < 0 ? -1 : fsmount(context, FSMOUNT_CLOEXEC, (unsigned)attributes);
    int saved = errno;
    close(context);
    errno = saved;
    return mount;
}

int mounts_copy(int folder, const char *path, uint64_t attributes)
{
    struct mount_attr set = {.attr_set = attributes};
    unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE | AT_EMPTY_PATH |
                     AT_SYMLINK_NOFOLLOW;
    int tree = open_tree(folder, path, flags);
    if (tree < 0)
        return -1;
    if (mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &set, sizeof(set)) < 0) {
        int saved = errno;
        close(tree);
        errno = saved;
        return -1;
    }
    return tree;
}

int mounts_set_read_only(int mount)
{
    struct mount_attr change = {.attr_set = MOUNT_ATTR_RDONLY};
    return mount_setattr(mount, "", AT_EMPTY_PATH, &change, sizeof(change));
}
