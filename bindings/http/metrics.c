/* SPDX-License-Identifier: Apache-2.0 */
/* metrics.c: what the server counts, in the text format that Prometheus reads. */
#include "metrics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "census.h"
#include "listener.h"
#include "request.h"

enum { BOUNDS = 14, OUTCOMES = 9, CLASSES = 6, KINDS = 5 };

static const double bounds_s[BOUNDS] = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
                                        0.025,  0.05,    0.1,    0.5,   1,      10,    60};
static const char *const family_names[FAMILIES] = {"plain", "textql", "recoup", "daytona", "toolbox"};

struct histogram {
    uint64_t counts[BOUNDS + 1];
    double sum_s;
};

struct metrics {
    uint64_t answers[FAMILIES][CLASSES]; /* by the status' first digit; 0: the client has left */
    uint64_t refusals[4];                /* 401, 403, 413, 429 */
    struct histogram requests[FAMILIES];
    uint64_t outcomes[OUTCOMES];
    uint64_t kernel_refusals[KINDS]; /* by CLUTCH_REFUSAL_* */
    struct histogram executions;
};

static const unsigned refusal_statuses[4] = {401, 403, 413, 429};

struct metrics *metrics_new(void)
{
    return calloc(1, sizeof(struct metrics));
}

void metrics_free(struct metrics *metrics)
{
    free(metrics);
}

static void observe(struct histogram *histogram, double seconds)
{
    size_t i = 0;
    while (i < BOUNDS && seconds > bounds_s[i])
        i++;
    histogram->counts[i]++;
    histogram->sum_s += seconds;
}

void metrics_request(struct metrics *metrics, const struct request *request, unsigned status)
{
    metrics->answers[request->family][status / 100 < CLASSES ? status / 100 : 0]++;
    for (size_t i = 0; i < 4; i++)
        metrics->refusals[i] += refusal_statuses[i] == status;
    observe(&metrics->requests[request->family], (double)(server_now_ns() - request->begun_ns) / 1e9);
}

void metrics_execution(struct metrics *metrics, const clutch_result *result)
{
    if (result->outcome < OUTCOMES)
        metrics->outcomes[result->outcome]++;
    for (size_t i = 0; i < result->refusal_count; i++)
        if (result->refusals[i].kind < KINDS)
            metrics->kernel_refusals[result->refusals[i].kind]++;
    observe(&metrics->executions, (double)result->wall_ns / 1e9);
}

/* ---- The text ---- */

static void show_head(FILE *out, const char *name, const char *type, const char *help)
{
    fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* label is "" or ends with a comma. */
static void show_histogram(FILE *out, const char *name, const char *label, const struct histogram *histogram)
{
    uint64_t count = 0;
    for (size_t i = 0; i < BOUNDS; i++) {
        count += histogram->counts[i];
        fprintf(out, "%s_bucket{%sle=\"%g\"} %llu\n", name, label, bounds_s[i], (unsigned long long)count);
    }
    count += histogram->counts[BOUNDS];
    fprintf(out, "%s_bucket{%sle=\"+Inf\"} %llu\n", name, label, (unsigned long long)count);
    fprintf(out, "%s_sum{%.*s} %g\n", name, (int)strlen(label) - (*label != '\0'), label, histogram->sum_s);
    fprintf(out, "%s_count{%.*s} %llu\n", name, (int)strlen(label) - (*label != '\0'), label,
            (unsigned long long)count);
}

static void show_requests(FILE *out, const struct metrics *metrics)
{
    show_head(out, "clutch_requests_total", "counter", "Requests answered, by family and class of status.");
    for (size_t family = 0; family < FAMILIES; family++)
        for (size_t class = 0; class < CLASSES; class++)
            if (metrics->answers[family][class] > 0)
                fprintf(out, "clutch_requests_total{family=\"%s\",class=\"%s\"} %llu\n",
                        family_names[family],
                        (const char *const[]){"left", "1xx", "2xx", "3xx", "4xx", "5xx"}[class],
                        (unsigned long long)metrics->answers[family][class]);
    show_head(out, "clutch_refusals_total", "counter", "Requests refused, by status.");
    for (size_t i = 0; i < 4; i++)
        fprintf(out, "clutch_refusals_total{status=\"%u\"} %llu\n", refusal_statuses[i],
                (unsigned long long)metrics->refusals[i]);
    show_head(out, "clutch_request_seconds", "histogram", "From a request's first line to its reply's end.");
    for (size_t family = 0; family < FAMILIES; family++) {
        char label[40];
        snprintf(label, sizeof label, "family=\"%s\",", family_names[family]);
        show_histogram(out, "clutch_request_seconds", label, &metrics->requests[family]);
    }
}

static void show_executions(FILE *out, const struct metrics *metrics)
{
    show_head(out, "clutch_executions_total", "counter", "Executions, by outcome.");
    for (uint32_t i = 0; i < OUTCOMES; i++)
        fprintf(out, "clutch_executions_total{outcome=\"%s\"} %llu\n", clutch_outcome_name(i),
                (unsigned long long)metrics->outcomes[i]);
    show_head(out, "clutch_execution_refusals_total", "counter", "What the kernel refused to code, by kind.");
    for (uint32_t i = 1; i < KINDS; i++)
        fprintf(out, "clutch_execution_refusals_total{kind=\"%s\"} %llu\n", clutch_refusal_name(i),
                (unsigned long long)metrics->kernel_refusals[i]);
    show_head(out, "clutch_execution_seconds", "histogram", "Wall time of executions.");
    show_histogram(out, "clutch_execution_seconds", "", &metrics->executions);
}

static void show_server(FILE *out, struct server *server)
{
    uint64_t states[CENSUS_STATES];
    census_states(server->census, states);
    show_head(out, "clutch_sandboxes", "gauge", "Sandboxes, by state.");
    for (uint32_t i = 1; i < CLUTCH_STATE_DELETED; i++)
        fprintf(out, "clutch_sandboxes{state=\"%s\"} %llu\n", clutch_state_name(i),
                (unsigned long long)states[i]);
    show_head(out, "clutch_sandboxes_failed", "gauge", "Sandboxes that could not be started.");
    fprintf(out, "clutch_sandboxes_failed %llu\n", (unsigned long long)states[CLUTCH_STATE_FAILED]);
    clutch_pool_info pool;
    clutch_engine_pool(server->engine, &pool);
    show_head(out, "clutch_pool_ready", "gauge", "Sandboxes that wait to be created from.");
    fprintf(out, "clutch_pool_ready %u\n", pool.ready);
    show_head(out, "clutch_pool_creates_total", "counter", "Creates that the pool could serve, and did.");
    fprintf(out, "clutch_pool_creates_total{pool=\"hit\"} %llu\n", (unsigned long long)pool.hits);
    fprintf(out, "clutch_pool_creates_total{pool=\"miss\"} %llu\n", (unsigned long long)pool.misses);
    show_head(out, "clutch_connections", "gauge", "Open connections.");
    fprintf(out, "clutch_connections %zu\n", listener_connections(server->listener));
    show_head(out, "clutch_body_bytes", "gauge", "Request bodies in memory.");
    fprintf(out, "clutch_body_bytes %llu\n", (unsigned long long)listener_body_bytes(server->listener));
    unsigned long pages = 0;
    FILE *memory = fopen("/proc/self/statm", "re");
    if (memory != NULL) {
        if (fscanf(memory, "%*u %lu", &pages) != 1)
            pages = 0;
        fclose(memory);
    }
    show_head(out, "clutch_resident_bytes", "gauge", "Resident memory of the server's own process.");
    fprintf(out, "clutch_resident_bytes %llu\n",
            (unsigned long long)pages * (unsigned long long)sysconf(_SC_PAGESIZE));
}

void metrics_show(struct request *request)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    if (out == NULL) {
        reply_error(request, 500, "no memory is left");
        return;
    }
    show_requests(out, request->server->metrics);
    show_executions(out, request->server->metrics);
    show_server(out, request->server);
    if (fclose(out) == 0)
        reply_text(request, 200, "text/plain; version=0.0.4; charset=utf-8", text, length);
    else
        reply_error(request, 500, "no memory is left");
}
