# SPDX-License-Identifier: Apache-2.0
#
# `make help` lists the targets. Settings, each may be given on the command line:

BUILD     := build
PYTHON    := /usr/bin/python3
VENV      := $(BUILD)/venv
PREFIX    := /usr/local
DESTDIR   :=
CC        := gcc
CXX       := g++
CFLAGS    := -O2 -g
SANITIZER :=
V         :=

# ---- Nothing to edit below -----------------------------------------------------------------------

VERSION := $(shell sed -n 's/^\#define CLUTCH_VERSION "\(.*\)"/\1/p' include/clutch.h)

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
Q := $(if $(V),,@)

include .ci/setup.mk

# What depends on Python is found out once it is there. `help` and `clean` need none of it.
ifneq ($(filter-out help clean,$(or $(MAKECMDGOALS),all)),)
include $(BUILD)/config.mk
endif

$(BUILD)/config.mk: .ci/config.py $(BUILD)/.packages
	$(Q)$(PYTHON) -I .ci/config.py > $@

VENV_PATH := $(abspath $(VENV))

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
            -Wwrite-strings -Wformat=2 -Wvla -Wundef -Werror=implicit-function-declaration
HARDENING := -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fno-strict-aliasing -fPIC
SANITIZE  := $(if $(SANITIZER),-fsanitize=$(SANITIZER) -fno-omit-frame-pointer -U_FORTIFY_SOURCE)

COMPILE := $(CC) -std=gnu11 -D_GNU_SOURCE -Iengine -Iinclude -I$(BUILD)/generated $(CFLAGS) \
           $(WARNINGS) $(HARDENING) -fvisibility=hidden -MMD -MP
HOST_FLAGS   := $(SANITIZE) $(shell pkg-config --cflags jansson 2>/dev/null)
WORKER_FLAGS  = $(PYTHON_CFLAGS)
HOST_LIBS    := -ljansson -lsqlite3 -larchive -lzstd -lpthread
CLI_LIBS     := -ledit -lmicrohttpd -lwslay -lgnutls
# Python's own modules may bring another zstd, whose names must not be found here.
WORKER_LIBS   = $(PYTHON_LIBS) -l:libseccomp.a -l:libzstd.a -Wl,--exclude-libs,libzstd.a -lpthread -ldl \
                -Wl,-z,relro,-z,now -rdynamic

sources = $(wildcard $(addsuffix /*.c,$(1)))
objects = $(patsubst %.c,$(BUILD)/$(1)/%.o,$(2))

HOST_SOURCES   := $(call sources,engine/base engine/wire engine/host)
WORKER_SOURCES := $(call sources,engine/base engine/wire engine/confine engine/python engine/worker)
CLI_SOURCES    := $(call sources,bindings/cli bindings/http)
HOST_OBJECTS   := $(call objects,host,$(HOST_SOURCES))
WORKER_OBJECTS := $(call objects,worker,$(WORKER_SOURCES))
CLI_OBJECTS    := $(call objects,cli,$(CLI_SOURCES))

.PHONY: all run serve test test-python bench install clean help fuzz

all: $(BUILD)/clutch $(BUILD)/libclutch.a $(BUILD)/clutch.pc $(VENV_STAMP)

# ---- The worker program --------------------------------------------------------------------------

$(BUILD)/generated/%.inc: engine/python/%.py .ci/embed.py | $(BUILD)/.packages
	@mkdir -p $(@D)
	$(Q)$(PYTHON) -I .ci/embed.py $< > $@

# Saving a session needs cloudpickle in every environment: it is part of the worker.
$(BUILD)/generated/cloudpickle.py: .ci/cloudpickle.py .ci/requirements.txt | $(BUILD)/.packages $(VENV_STAMP)
	$(Q)$(PYTHON) -I .ci/cloudpickle.py $(VENV_PATH) $(@D)

$(BUILD)/generated/cloudpickle.inc: $(BUILD)/generated/cloudpickle.py .ci/embed.py
	$(Q)$(PYTHON) -I .ci/embed.py $< > $@

$(BUILD)/worker/engine/python/interpreter.o: $(BUILD)/generated/prelude.inc
$(BUILD)/worker/engine/python/session.o: $(BUILD)/generated/session.inc $(BUILD)/generated/cloudpickle.inc

$(BUILD)/worker/%.o: %.c $(BUILD)/config.mk | $(BUILD)/.packages
	@mkdir -p $(@D)
	$(Q)$(COMPILE) $(WORKER_FLAGS) -c $< -o $@

$(BUILD)/clutch-worker: $(WORKER_OBJECTS)
	$(Q)$(CC) $(CFLAGS) $^ -o $@ $(WORKER_LIBS)

$(BUILD)/generated/clutch-worker: $(BUILD)/clutch-worker
	$(Q)strip -o $@ $<

# ---- The library ---------------------------------------------------------------------------------

$(BUILD)/host/%.o: %.c | $(BUILD)/.packages
	@mkdir -p $(@D)
	$(Q)$(COMPILE) $(HOST_FLAGS) -c $< -o $@

$(BUILD)/host/engine/host/program.o: HOST_FLAGS += -DCLUTCH_WORKER_FILE='"$(BUILD)/generated/clutch-worker"'
$(BUILD)/host/engine/host/program.o: $(BUILD)/generated/clutch-worker
BUILT = -DCLUTCH_BUILT_PYTHON='"$(PYTHON_VERSION)"' -DCLUTCH_BUILT_ENVIRONMENT='"$(VENV_PATH)"'
$(BUILD)/host/engine/host/error.o $(BUILD)/host/engine/host/engine.o: HOST_FLAGS += $(BUILT)
$(BUILD)/host/engine/host/error.o $(BUILD)/host/engine/host/engine.o: $(BUILD)/config.mk

# One object, in which only what clutch.h declares is visible: a host may use any name of ours.
$(BUILD)/libclutch.a: $(HOST_OBJECTS)
	$(Q)$(CC) -nostdlib -r $^ -o $(BUILD)/libclutch.o
	$(Q)objcopy --localize-hidden $(BUILD)/libclutch.o
	$(Q)rm -f $@ && ar rcs $@ $(BUILD)/libclutch.o

$(BUILD)/clutch.pc: Makefile include/clutch.h
	@mkdir -p $(@D)
	$(Q)printf '%s\n' 'prefix=$(PREFIX)' 'Name: clutch' 'Description: Python and pandas in sandboxes' \
	    'Version: $(VERSION)' 'Cflags: -I$${prefix}/include' 'Libs: -L$${prefix}/lib -lclutch' \
	    'Requires.private: jansson libzstd' \
	    'Libs.private: -lsqlite3 -larchive -lpthread' > $@

$(BUILD)/generated/%.inc: bindings/http/%.json .ci/embed.py | $(BUILD)/.packages
	@mkdir -p $(@D)
	$(Q)$(PYTHON) -I .ci/embed.py $< > $@

$(BUILD)/generated/%.inc: bindings/http/%.py .ci/embed.py | $(BUILD)/.packages
	@mkdir -p $(@D)
	$(Q)$(PYTHON) -I .ci/embed.py $< > $@

$(BUILD)/cli/bindings/http/document.o: $(BUILD)/generated/openapi.inc
$(BUILD)/cli/bindings/http/process.o: $(BUILD)/generated/charts.inc $(BUILD)/generated/command.inc
$(BUILD)/cli/bindings/http/sandcastles_exec.o: $(BUILD)/generated/command.inc

# ---- The command ---------------------------------------------------------------------------------

$(BUILD)/cli/%.o: %.c | $(BUILD)/.packages
	@mkdir -p $(@D)
	$(Q)$(COMPILE) -iquote bindings $(SANITIZE) -c $< -o $@

# The server's page is part of the program.
$(BUILD)/generated/page/%.inc: bindings/http/page/% .ci/embed.py | $(BUILD)/.packages
	@mkdir -p $(@D)
	$(Q)$(PYTHON) -I .ci/embed.py $< > $@

PAGE := $(patsubst bindings/http/%,$(BUILD)/generated/%.inc,$(wildcard bindings/http/page/*))
$(BUILD)/cli/bindings/http/page.o $(BUILD)/cli/bindings/http/console_head.o: $(PAGE)

$(BUILD)/clutch: $(CLI_OBJECTS) $(BUILD)/libclutch.a
	$(Q)$(CC) $(CFLAGS) $(SANITIZE) $^ -o $@ $(HOST_LIBS) $(CLI_LIBS)

# ---- Installing ----------------------------------------------------------------------------------

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/pkgconfig $(DESTDIR)$(PREFIX)/include
	install -m 755 $(BUILD)/clutch $(DESTDIR)$(PREFIX)/bin/clutch
	install -m 644 $(BUILD)/libclutch.a $(DESTDIR)$(PREFIX)/lib/libclutch.a
	install -m 644 include/clutch.h $(DESTDIR)$(PREFIX)/include/clutch.h
	install -d $(DESTDIR)$(PREFIX)/share/doc/clutch
	install -m 644 LICENSE $(BUILD)/generated/cloudpickle-LICENSE $(DESTDIR)$(PREFIX)/share/doc/clutch
	sed 's|^prefix=.*|prefix=$(PREFIX)|' $(BUILD)/clutch.pc > $(DESTDIR)$(PREFIX)/lib/pkgconfig/clutch.pc

clean:
	rm -rf $(BUILD)

run: all
	$(Q)$(PYTHON) -I tests/weather/job.py $(BUILD)/clutch $(BUILD)/weather

serve: all
	$(Q)mkdir -p $(BUILD)/serve
	$(Q)$(BUILD)/clutch serve --state $(BUILD)/serve

help:
	@echo 'make               builds $(BUILD)/clutch, $(BUILD)/libclutch.a and $(BUILD)/clutch.pc'
	@echo 'make run           sets everything up and runs the example analysis, tests/weather'
	@echo 'make serve         sets everything up and serves sandboxes on http://127.0.0.1:8080'
	@echo 'make test          sets everything up and runs all tests'
	@echo 'make test-python   runs the tests that depend on the Python in use'
	@echo 'make test-c        runs the C tests; with SANITIZER=address,undefined BUILD=build/asan too'
	@echo 'make test-http-long the tests of the server with load and made-up requests, for half an hour'
	@echo 'make compat        runs the tests of numpy and pandas, confined beside bare: an hour or two'
	@echo 'make compat-sample the same for a few minutes'
	@echo 'make bench         measures clutch beside its peers for 15 minutes; QUICK=1 for two'
	@echo 'make bench-check   compares ratios with the recorded ones'
	@echo 'make fuzz          fuzzes the wire decoder for FUZZ_SECONDS, by default 300'
	@echo 'make install       installs below PREFIX, by default /usr/local (DESTDIR is honoured)'
	@echo 'make clean         removes $(BUILD), virtual environment included'
	@echo 'Settings: BUILD=$(BUILD) PYTHON=$(PYTHON) VENV=$(VENV) PREFIX=$(PREFIX) CC=$(CC)'
	@echo '          CFLAGS="$(CFLAGS)" SANITIZER=address,undefined (host side only) V=1 (shows commands)'

-include tests/tests.mk
-include bench/bench.mk
-include $(patsubst %.o,%.d,$(HOST_OBJECTS) $(WORKER_OBJECTS) $(CLI_OBJECTS))
