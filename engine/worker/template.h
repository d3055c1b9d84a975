/* SPDX-License-Identifier: Apache-2.0 */
/* template.h: the warm process from which sandboxes are forked. */
#ifndef CLUTCH_WORKER_TEMPLATE_H
#define CLUTCH_WORKER_TEMPLATE_H

/* Runs the template on a channel to the host until the host is gone. Returns the exit status. */
int template_main(int wire_fd);

#endif
