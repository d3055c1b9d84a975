# SPDX-License-Identifier: Apache-2.0
#
# `make test` runs everything; `make test-python` what depends on the Python in use; `make test-c` the C
# tests, also with SANITIZER=address,undefined. All tests speak TAP; tests/run.py sums up.

TESTS        := $(BUILD)/tests
TEST_ENV     := CLUTCH=$(BUILD)/clutch CLUTCH_BUILD=$(BUILD) CLUTCH_TEST_PROGRAMS=$(TESTS)/programs
TEST_PYTHON  := $(PYTHON) -I
TEST_FLAGS    = -std=gnu11 -D_GNU_SOURCE -Iinclude -Iengine -Itests/api -Itests/fuzz $(CFLAGS) -Wall -Wextra \
                $(SANITIZE) -MMD -MP
TEST_LIBS    := -lcmocka $(HOST_LIBS)

names = $(patsubst $(1)/%.c,$(TESTS)/$(notdir $(1))/%,$(wildcard $(1)/$(2).c))

API_TESTS  := $(call names,tests/api,test_*)
HOST_TESTS := $(call names,tests/host,test_*)
UNIT_TESTS := $(call names,tests/unit,test_*)
PROGRAMS   := $(call names,tests/programs,*)
SUPPORT    := $(wildcard tests/api/support*.c)
INNER_OBJECTS := $(filter $(BUILD)/host/engine/base/% $(BUILD)/host/engine/wire/%,$(HOST_OBJECTS))

$(TESTS)/api/%: tests/api/%.c $(SUPPORT) $(BUILD)/libclutch.a | $(BUILD)/.packages-test
	@mkdir -p $(@D)
	$(Q)$(CC) $(TEST_FLAGS) $< $(SUPPORT) $(BUILD)/libclutch.a -o $@ $(TEST_LIBS)

$(TESTS)/host/%: tests/host/%.c $(SUPPORT) $(BUILD)/libclutch.a | $(BUILD)/.packages-test
	@mkdir -p $(@D)
	$(Q)$(CC) $(TEST_FLAGS) $< $(SUPPORT) $(BUILD)/libclutch.a -o $@ $(TEST_LIBS)

# These call what is no part of the library's interface.
INSIDE_TESTS := $(call names,tests/host,test_session*) $(call names,tests/host,test_repository*)
$(INSIDE_TESTS): $(TESTS)/host/%: tests/host/%.c \
    $(SUPPORT) $(HOST_OBJECTS) | $(BUILD)/.packages-test
	@mkdir -p $(@D)
	$(Q)$(CC) $(TEST_FLAGS) $< $(SUPPORT) $(HOST_OBJECTS) -o $@ $(TEST_LIBS)

# Single files of the host, whose names the library hides.
$(patsubst %,$(TESTS)/host/test_%,store store_faults archive copy): \
    $(TESTS)/host/%: tests/host/%.c $(HOST_OBJECTS) | $(BUILD)/.packages-test
	@mkdir -p $(@D)
	$(Q)$(CC) $(TEST_FLAGS) $< $(HOST_OBJECTS) -o $@ $(TEST_LIBS)

$(TESTS)/unit/%: tests/unit/%.c $(INNER_OBJECTS) | $(BUILD)/.packages-test
	@mkdir -p $(@D)
	$(Q)$(CC) $(TEST_FLAGS) $< $(INNER_OBJECTS) -o $@ $(TEST_LIBS)

$(TESTS)/programs/%: tests/programs/%.c $(INNER_OBJECTS) $(BUILD)/libclutch.a | $(BUILD)/.packages-test
	@mkdir -p $(@D)
	$(Q)$(CC) $(TEST_FLAGS) $< $(BUILD)/libclutch.a $(INNER_OBJECTS) -o $@ $(HOST_LIBS) -ldl

$(TESTS)/corpus: $(wildcard tests/runner/*.c) $(BUILD)/libclutch.a | $(BUILD)/.packages-test
	@mkdir -p $(@D)
	$(Q)$(CC) $(TEST_FLAGS) -Itests/runner $(filter %.c,$^) $(BUILD)/libclutch.a -o $@ $(HOST_LIBS)

C_TESTS      := $(UNIT_TESTS) $(API_TESTS) $(HOST_TESTS)
CORPUS_TESTS  = $(TESTS)/corpus $(wildcard tests/corpus/[a-z]*) -- \
                $(TESTS)/corpus --must-fail tests/corpus/_failing
CLI_TESTS     = $(PYTHON) -E -s tests/cli/test_cli.py
HTTP_TESTS    = $(PYTHON) -E -s tests/http/test_http.py
PAGE_TESTS    = $(PYTHON) -E -s tests/http/test_page.py
STRAIN        = $(PYTHON) -E -s tests/http/test_strain.py
CLIENTS       = $(PYTHON) -E -s tests/http/clients/test_clients.py
TEST_ENV     += CLUTCH_CLIENTS=$(abspath $(BUILD))/clients
TEST_VENV    := $(BUILD)/test-venv
TEST_ENV     += CLUTCH_SCHEMATHESIS=$(abspath $(TEST_VENV))/bin/schemathesis
ATTACKS       = $(PYTHON) -E -s tests/attack/attack.py
CONSUMER      = $(PYTHON) -E -s tests/api/consumer.py
each          = $(foreach test,$(1),$(test) --)

FUZZ_TESTS   := $(TESTS)/http_corpus tests/fuzz/http-corpus

test-programs: all $(TESTS)/http_corpus $(C_TESTS) $(PROGRAMS) $(TESTS)/corpus
.PHONY: test-programs test-c

# The C tests alone; for a host side built with SANITIZER=address,undefined.
test-c: test-programs
	$(Q)$(TEST_ENV) CMOCKA_MESSAGE_OUTPUT=TAP $(TEST_PYTHON) tests/run.py $(call each,$(C_TESTS))

test-python: test-programs
	$(Q)$(TEST_ENV) CMOCKA_MESSAGE_OUTPUT=TAP $(TEST_PYTHON) tests/run.py $(call each,$(API_TESTS)) \
	    $(CORPUS_TESTS)

test: test-programs $(BUILD)/.packages-test $(TEST_VENV)/.clutch-complete published-clients
	$(Q)$(TEST_ENV) CMOCKA_MESSAGE_OUTPUT=TAP $(TEST_PYTHON) tests/run.py \
	    $(TEST_PYTHON) tests/tidy.py -- $(call each,$(C_TESTS)) $(CORPUS_TESTS) -- \
	    $(CONSUMER) -- $(CLI_TESTS) -- $(HTTP_TESTS) -- $(PAGE_TESTS) -- $(STRAIN) -- $(CLIENTS) -- \
	    $(FUZZ_TESTS) -- $(ATTACKS) -- $(ATTACKS) --user nobody

# The host server for minutes instead of seconds: requests made up, load, bad clients.
test-http-long: all $(TEST_VENV)/.clutch-complete
	$(Q)CLUTCH_TEST_TIMEOUT_S=7200 CLUTCH_HTTP_LONG=1 $(TEST_ENV) $(TEST_PYTHON) tests/run.py $(STRAIN)

.PHONY: test-http-long

# numpy's and pandas' own tests, confined beside bare: all of them, or a sample of a few minutes.
COMPAT = $(TEST_ENV) $(PYTHON) -E -s tests/run.py $(PYTHON) -E -s tests/compat/compat.py

compat: all
	$(Q)CLUTCH_TEST_TIMEOUT_S=14400 $(COMPAT)

compat-sample: all
	$(Q)CLUTCH_TEST_TIMEOUT_S=1200 $(COMPAT) --sample

.PHONY: compat compat-sample

include tests/fuzz/fuzz.mk
-include $(wildcard $(TESTS)/*/*.d)
