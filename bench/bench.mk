# SPDX-License-Identifier: Apache-2.0
#
# `make bench` measures clutch beside the bare system calls and writes $(BUILD)/bench.jsonl.

BENCH_SOURCES := $(wildcard bench/*.c)

$(BUILD)/bench: $(BENCH_SOURCES) $(wildcard bench/*.h) $(BUILD)/libclutch.a
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE -Iinclude -Ibench $(CFLAGS) $(WARNINGS) $(BENCH_SOURCES) \
	    $(BUILD)/libclutch.a -o $@ $(HOST_LIBS)

bench: $(BUILD)/bench $(VENV_STAMP)
	$(BUILD)/bench $(BUILD)/bench.jsonl
