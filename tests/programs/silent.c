/* SPDX-License-Identifier: Apache-2.0 */
/* silent.c: a worker program that starts and then says nothing. */
#include <unistd.h>

int main(void)
{
    for (;;)
        pause();
}
