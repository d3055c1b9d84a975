/* SPDX-License-Identifier: Apache-2.0 */
/* bind.c: a listening socket for an address such as 127.0.0.1:8080 or [::1]:8080. */
#include "bind.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Parts ADDRESS:PORT in place; NULL when it is not of that form. */
static char *part(char *text, char **port)
{
    char *colon = strrchr(text, ':');
    if (colon == NULL || colon[1] == '\0')
        return NULL;
    *colon = '\0';
    *port = colon + 1;
    size_t length = strlen(text);
    if (*text != '[')
        return strchr(text, ':') == NULL ? text : NULL;
    if (text[length - 1] != ']')
        return NULL;
    text[length - 1] = '\0';
    return text + 1;
}

static void describe(int fd, char *address, size_t size)
{
    struct sockaddr_storage bound;
    socklen_t length = sizeof bound;
    char host[64] = "", port[16] = "";
    if (getsockname(fd, (struct sockaddr *)&bound, &length) == 0)
        (void)getnameinfo((struct sockaddr *)&bound, length, host, sizeof host, port, sizeof port,
                          NI_NUMERICHOST | NI_NUMERICSERV);
    snprintf(address, size, bound.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}

static int listen_at(const struct addrinfo *at)
{
    int on = 1;
    int fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, at->ai_addr, at->ai_addrlen) == 0 && listen(fd, 1024) == 0)
        return fd;
    int failure = errno;
    close(fd);
    errno = failure;
    return -1;
}

int bind_listen(const char *wanted, char *address, size_t address_size, char *message, size_t size)
{
    char text[300], *port = NULL;
    snprintf(text, sizeof text, "%s", wanted);
    char *host = part(text, &port);
    if (host == NULL) {
        snprintf(message, size, "listen %s: must be ADDRESS:PORT, such as 127.0.0.1:8080 or [::1]:8080",
                 wanted);
        return -1;
    }
    struct addrinfo *found = NULL;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    int failure = getaddrinfo(*host != '\0' ? host : NULL, port, &hints, &found);
    if (failure != 0) {
        snprintf(message, size, "listen %s: %s", wanted, gai_strerror(failure));
        return -1;
    }
    int fd = listen_at(found);
    freeaddrinfo(found);
    if (fd < 0)
        snprintf(message, size, "listen %s: %s", wanted, strerror(errno));
    else
        describe(fd, address, address_size);
    return fd;
}
