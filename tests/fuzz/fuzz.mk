# SPDX-License-Identifier: Apache-2.0
#
# `make fuzz` runs libFuzzer on what the host makes of a worker's bytes, for FUZZ_SECONDS, and for a tenth of
# that on what the host server makes of a request's target. What the first finds
# worth keeping stays in $(BUILD)/fuzz/corpus; what crashes it lies in $(BUILD)/fuzz. The corpus of the
# repository is replayed by tests/unit/test_fuzz_corpus.c.

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

fuzz: $(FUZZ)/wire $(FUZZ)/write_seeds $(FUZZ)/address
	@mkdir -p $(FUZZ)/corpus
	$(Q)$(FUZZ)/write_seeds $(FUZZ)/corpus
	$(Q)$(FUZZ)/wire -max_total_time=$(FUZZ_SECONDS) -max_len=8192 -timeout=10 -rss_limit_mb=2048 \
	    -print_final_stats=1 -artifact_prefix=$(FUZZ)/ $(FUZZ)/corpus tests/fuzz/corpus
	$(Q)$(FUZZ)/address -max_total_time=$$(($(FUZZ_SECONDS) / 10 + 1)) -max_len=1024 -timeout=10 \
	    -print_final_stats=1 -artifact_prefix=$(FUZZ)/

-include $(wildcard $(FUZZ)/*.d)
