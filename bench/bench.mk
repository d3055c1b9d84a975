# SPDX-License-Identifier: Apache-2.0
#
# `make bench` measures clutch beside what one would use instead, in turns, and writes $(BUILD)/bench.jsonl;
# QUICK=1 takes two minutes instead of fifteen. `make bench-check` compares ratios with recorded ones.

BENCH        := $(BUILD)/bench
BENCH_VENV   := $(BUILD)/bench-venv
BENCH_FLAGS  := -std=gnu11 -D_GNU_SOURCE -Iinclude -Ibench $(CFLAGS) $(WARNINGS)
BENCH_CLUTCH := $(addprefix bench/,clutch.c host.c crowd.c sessions.c measure.c)
BENCH_BUILT  := $(addprefix $(BENCH)-,clutch http kernel inprocess)

$(BENCH)-clutch: $(BENCH_CLUTCH) $(wildcard bench/*.h) $(BUILD)/libclutch.a
	$(Q)$(CC) $(BENCH_FLAGS) $(BENCH_CLUTCH) $(BUILD)/libclutch.a -o $@ $(HOST_LIBS)

$(BENCH)-http: $(addprefix bench/,http.c host.c measure.c) $(wildcard bench/*.h) $(BUILD)/libclutch.a \
    | $(BUILD)/clutch
	$(Q)$(CC) $(BENCH_FLAGS) $(filter %.c,$^) $(BUILD)/libclutch.a -o $@ $(HOST_LIBS)

$(BENCH)-kernel: bench/kernel.c bench/measure.c bench/measure.h | $(BUILD)/.packages
	$(Q)$(CC) $(BENCH_FLAGS) bench/kernel.c bench/measure.c -o $@ -lpthread

$(BENCH)-inprocess: bench/inprocess.c bench/measure.c bench/measure.h | $(BUILD)/.packages
	$(Q)$(CC) $(BENCH_FLAGS) $(PYTHON_CFLAGS) bench/inprocess.c bench/measure.c -o $@ $(PYTHON_LIBS) -lpthread

$(BUILD)/.packages-bench: FORCE
	@.ci/setup packages bench '$(PYTHON)' $@

$(BENCH_VENV)/.clutch-complete: FORCE | $(BUILD)/.packages-bench $(VENV_STAMP)
	@.ci/setup bench-venv '$(PYTHON)' $(@D) '$(VENV_PATH)'

bench: $(BENCH_BUILT) $(BENCH_VENV)/.clutch-complete
	$(Q)$(BENCH_VENV)/bin/python -I bench/run.py $(if $(QUICK),--quick) $(BENCH) $(VENV_PATH)/bin/python3

# Speaks TAP. Needs no peer but the kernel and Python themselves.
BENCH_CHECK = $(PYTHON) -I bench/check.py $(BENCH) $(VENV_PATH)/bin/python3

bench-check: $(BENCH_BUILT) $(VENV_STAMP)
	$(Q)CLUTCH_TEST_TIMEOUT_S=1200 $(PYTHON) -I tests/run.py $(BENCH_CHECK)

# Takes what `make bench` has measured as what is to be kept.
bench-record:
	$(Q)$(PYTHON) -I bench/check.py --record $(BENCH)

.PHONY: bench-check bench-record
