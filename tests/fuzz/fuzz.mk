# SPDX-License-Identifier: Apache-2.0
#
# `make fuzz` runs libFuzzer on what the host makes of a worker's bytes, for FUZZ_SECONDS, and for a tenth of
# that on what the host server makes of a request's target, and for a third on the whole of the server. What
# the first and the last find worth keeping stays in $(BUILD)/fuzz/corpus and http-corpus; what crashes them
# lies in $(BUILD)/fuzz. The repository's own are replayed by tests/unit/test_fuzz_corpus.c and replay.c.

FUZZ_SECONDS := 300
FUZZ         := $(BUILD)/fuzz
FUZZ_FLAGS    = -std=gnu11 -D_GNU_SOURCE -Iengine -Iinclude -Itests/api -Itests/fuzz -g -O1 -MMD -MP
FUZZ_SOURCES := tests/fuzz/wire.c engine/base/buf.c engine/base/text.c $(wildcard engine/wire/*.c)

$(FUZZ)/wire: $(FUZZ_SOURCES) | $(BUILD)/.packages-test
	@mkdir -p $(@D)
	$(Q)clang $(FUZZ_FLAGS) -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
	    $(FUZZ_SOURCES) -o $@ -ljansson

$(FUZZ)/write_seeds: tests/fuzz/write_seeds.c engine/base/buf.c engine/base/text.c engine/wire/codec.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(FUZZ_FLAGS) $(filter %.c,$^) -o $@

$(FUZZ)/address: tests/fuzz/address.c bindings/http/address.c | $(BUILD)/.packages-test
	@mkdir -p $(@D)
	$(Q)clang $(FUZZ_FLAGS) -Ibindings/http -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
	    $(filter %.c,$^) -o $@

# The server's own code with coverage and sanitizers; the library, which has fuzzers of its own, as it is.
FUZZED_SERVER := $(patsubst %.c,$(FUZZ)/%.o,$(wildcard bindings/http/*.c) tests/fuzz/http.c)
$(FUZZ)/bindings/http/document.o: $(BUILD)/generated/openapi.inc
$(FUZZ)/bindings/http/process.o: $(BUILD)/generated/charts.inc $(BUILD)/generated/command.inc
$(FUZZ)/bindings/http/sandcastles_exec.o: $(BUILD)/generated/command.inc
$(FUZZ)/bindings/http/page.o $(FUZZ)/bindings/http/console_head.o: $(PAGE)

$(FUZZ)/%.o: %.c | $(BUILD)/.packages-test
	@mkdir -p $(@D)
	$(Q)clang $(FUZZ_FLAGS) -iquote bindings -Ibindings/http -I$(BUILD)/generated \
	    -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -c $< -o $@

$(FUZZ)/http: $(FUZZED_SERVER) $(BUILD)/libclutch.a
	$(Q)clang -fsanitize=fuzzer,address,undefined $^ -o $@ $(HOST_LIBS) $(CLI_LIBS)

# The same as the program that is installed has it.
$(TESTS)/http_corpus: tests/fuzz/http.c tests/fuzz/replay.c $(BUILD)/libclutch.a \
    $(filter $(BUILD)/cli/bindings/http/%,$(CLI_OBJECTS)) | $(BUILD)/.packages-test
	@mkdir -p $(@D)
	$(Q)$(CC) $(TEST_FLAGS) -Ibindings/http $(filter %.c %.o,$^) $(BUILD)/libclutch.a -o $@ \
	    $(HOST_LIBS) $(CLI_LIBS)

fuzz: $(FUZZ)/wire $(FUZZ)/write_seeds $(FUZZ)/address $(FUZZ)/http
	@mkdir -p $(FUZZ)/corpus
	$(Q)$(FUZZ)/write_seeds $(FUZZ)/corpus
	$(Q)$(FUZZ)/wire -max_total_time=$(FUZZ_SECONDS) -max_len=8192 -timeout=10 -rss_limit_mb=2048 \
	    -print_final_stats=1 -artifact_prefix=$(FUZZ)/ $(FUZZ)/corpus tests/fuzz/corpus
	$(Q)$(FUZZ)/address -max_total_time=$$(($(FUZZ_SECONDS) / 10 + 1)) -max_len=1024 -timeout=10 \
	    -print_final_stats=1 -artifact_prefix=$(FUZZ)/
	@mkdir -p $(FUZZ)/http-corpus
	$(Q)$(FUZZ)/http -max_total_time=$$(($(FUZZ_SECONDS) / 3 + 1)) -max_len=8192 -timeout=30 \
	    -dict=tests/fuzz/http.dict -detect_leaks=0 -rss_limit_mb=2048 -print_final_stats=1 \
	    -artifact_prefix=$(FUZZ)/ $(FUZZ)/http-corpus tests/fuzz/http-corpus

-include $(wildcard $(FUZZ)/*.d)
