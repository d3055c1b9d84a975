/* SPDX-License-Identifier: Apache-2.0 */
/* measure.c: how a subject of the bench takes its tasks and hands back what it measured. */
#include "measure.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

struct samples {
    char figure[64];
    double *values;
    size_t count, capacity;
};

enum { FIGURES = 64 }; /* of one answer */

const unsigned measure_sizes[] = {1, 10, 100, 1000, 2000, 5000, 0};

static struct samples answer[FIGURES];

double measure_now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

void measure_fail(const char *why)
{
    fprintf(stderr, "bench: %s\n", why);
    exit(1);
}

static struct samples *samples_of(const char *figure)
{
    for (int i = 0; i < FIGURES; i++) {
        if (!answer[i].figure[0])
            snprintf(answer[i].figure, sizeof answer[i].figure, "%s", figure);
        if (strcmp(answer[i].figure, figure) == 0)
            return &answer[i];
    }
    measure_fail("a task has too many figures");
}

void measure_rest(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 3 * 1000 * 1000}, NULL);
}

void measure_add(const char *figure, double value)
{
    struct samples *samples = samples_of(figure);
    if (samples->count == samples->capacity) {
        samples->capacity = samples->capacity ? 2 * samples->capacity : 256;
        samples->values = realloc(samples->values, samples->capacity * sizeof(double));
        if (!samples->values)
            measure_fail("out of memory");
    }
    samples->values[samples->count++] = value;
}

void measure_add_at(const char *figure, unsigned size, double value)
{
    char name[64];
    snprintf(name, sizeof name, "%s_at_%u", figure, size);
    measure_add(name, value);
}

static void print_answer(void)
{
    printf("{");
    for (int i = 0; i < FIGURES && answer[i].figure[0]; i++) {
        printf("%s\"%s\": [", i ? ", " : "", answer[i].figure);
        for (size_t j = 0; j < answer[i].count; j++)
            printf("%s%.2f", j ? ", " : "", answer[i].values[j]);
        printf("]");
        free(answer[i].values);
    }
    memset(answer, 0, sizeof answer);
    printf("}\n");
}

int measure_serve(const struct task *tasks)
{
    char line[128], name[64];
    unsigned count;
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* one left in an endless loop would spoil the next run */
    while (fgets(line, sizeof line, stdin) && sscanf(line, "%63s %u", name, &count) == 2) {
        const struct task *task = tasks;
        while (task->name && strcmp(task->name, name) != 0)
            task++;
        if (task->name) {
            task->run(name, count);
            print_answer();
        } else {
            printf("null\n");
        }
        fflush(stdout);
    }
    return 0;
}

char *measure_work(const char *name)
{
    char path[128], *text = NULL;
    size_t capacity = 0;
    snprintf(path, sizeof path, "bench/work/%s.py", name);
    FILE *file = fopen(path, "r");
    if (!file)
        return NULL;
    if (getdelim(&text, &capacity, '\n', file) < 0 || getdelim(&text, &capacity, '\0', file) < 0)
        measure_fail(path);
    fclose(file);
    return text;
}

size_t measure_memory_kib(int pid, const char *row)
{
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", pid);
    FILE *file = fopen(path, "r");
    size_t kib = 0;
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, row, strlen(row)) == 0)
            kib = strtoul(strchr(line, ':') + 1, NULL, 10);
    if (file)
        fclose(file);
    return kib;
}

double measure_private_kib(int pid)
{
    return (double)(measure_memory_kib(pid, "Private_Clean:") + measure_memory_kib(pid, "Private_Dirty:"));
}
