/* SPDX-License-Identifier: Apache-2.0 */
/* kernel.h: constants that are newer than the kernel headers of the oldest system we build on
 * (Linux 6.1), and two whose headers cannot be included beside the C library's. */
#ifndef CLUTCH_CONFINE_KERNEL_H
#define CLUTCH_CONFINE_KERNEL_H

#include <stdint.h>

#define KERNEL_LANDLOCK_FS_TRUNCATE (UINT64_C(1) << 14)  /* ABI 3, Linux 6.2 */
#define KERNEL_LANDLOCK_FS_IOCTL_DEV (UINT64_C(1) << 15) /* ABI 5, Linux 6.10 */
#define KERNEL_LANDLOCK_NET_BIND_TCP (UINT64_C(1) << 0)  /* ABI 4, Linux 6.7 */
#define KERNEL_LANDLOCK_NET_CONNECT_TCP (UINT64_C(1) << 1)
#define KERNEL_LANDLOCK_SCOPE_ABSTRACT_UNIX (UINT64_C(1) << 0) /* ABI 6, Linux 6.12 */
#define KERNEL_LANDLOCK_SCOPE_SIGNAL (UINT64_C(1) << 1)
#define KERNEL_LANDLOCK_LOG_SAME_EXEC_OFF (1u << 0) /* ABI 7, Linux 6.15 */
#define KERNEL_LANDLOCK_LOG_SUBDOMAINS_OFF (1u << 2)

/* struct landlock_ruleset_attr as of ABI 6. */
struct kernel_landlock_ruleset {
    uint64_t handled_access_fs;
    uint64_t handled_access_net; /* ABI 4 */
    uint64_t scoped;             /* ABI 6 */
};

#define KERNEL_PAGEMAP_SCAN 0xc0606610u /* Linux 6.7 */
#define KERNEL_TCGETS2 0x802c542au
#define KERNEL_FICLONE 0x40049409u
#define KERNEL_PR_SET_VMA 0x53564d41u

#endif
