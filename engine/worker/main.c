/* SPDX-License-Identifier: Apache-2.0 */
/* main.c: the worker program. The host starts it with its channel as descriptor 3 and nothing else. */
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "worker/template.h"

int main(void)
{
    int wire_fd = 3, kind;
    socklen_t size = sizeof kind;
    if (getsockopt(wire_fd, SOL_SOCKET, SO_TYPE, &kind, &size) != 0) {
        fprintf(stderr, "clutch-worker is started by libclutch and not by hand\n");
        return 2;
    }
    _exit(template_main(wire_fd)); /* the libraries' farewells would only copy pages */
}
