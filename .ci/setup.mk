# SPDX-License-Identifier: Apache-2.0
#
# Set-up: what a rule needs to be there before it runs. Included by the Makefile after BUILD, PYTHON
# and VENV are set. Depend on these after the bar (order-only), so that a set-up rebuilds nothing:
#   $(BUILD)/.packages       compiler, libraries, Python and its headers
#   $(BUILD)/.packages-test  the same and what only the tests need
#   $(VENV_STAMP)            the pinned Python packages; empty when the user gave a VENV of his own
# The script looks every time, in a fraction of a second, and installs only what is missing.

VENV_STAMP := $(if $(filter $(BUILD)/venv,$(VENV)),$(VENV)/.clutch-complete)

$(BUILD)/.packages: FORCE
	@.ci/setup packages build '$(PYTHON)' $@

$(BUILD)/.packages-test: FORCE
	@.ci/setup packages test '$(PYTHON)' $@

$(BUILD)/venv/.clutch-complete: FORCE | $(BUILD)/.packages
	@.ci/setup venv '$(PYTHON)' $(@D)

$(BUILD)/test-venv/.clutch-complete: FORCE | $(BUILD)/.packages-test
	@.ci/setup test-venv '$(PYTHON)' $(@D)

# Without a registry its tests are skipped.
published-clients: FORCE | $(BUILD)/.packages-test
	@.ci/setup clients '$(PYTHON)' '$(BUILD)/clients'

.PHONY: FORCE published-clients
