# Everything one does with a checkout. On a fresh Debian or Ubuntu machine it takes a Swift toolchain and make.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# `make run CONFIGURATION=debug` builds sooner and serves slower; `make run PORT=8081` where 8080 is taken.
CONFIGURATION ?= release
PORT ?= 8080

# A machine may be shared, and the demo's token is printed in the README: it is served to this machine alone.
HOST := 127.0.0.1
DATABASE := sqlite:var/refundry.sqlite

SOURCES := Sources Tests Package.swift
# All tests at once would hold more servers, pipes and sockets open than the 1,024 that Foundation can watch, and it would
# miss that a program has ended.
TEST := SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=48 swift test --disable-xctest --skip-build

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: run
run: packages ## Build the program and serve the demo on 127.0.0.1:8080, with SQLite in var/
	@mkdir -p var
	swift build --configuration $(CONFIGURATION) --product refundry
	@program=$$(swift build --configuration $(CONFIGURATION) --show-bin-path)/refundry; \
	exec "$$program" serve --demo --database $(DATABASE) --host $(HOST) --port $(PORT)

.PHONY: test
test: test-packages ## Build and run all tests, some thousand steps of worlds among them
	swift build --build-tests
	$(TEST)

.PHONY: chaos
chaos: test-packages ## Kill nodes for a minute under load, live ten thousand simulated lives, tell stories for half an hour
	swift build --build-tests
	REFUNDRY_CHAOS=1 $(TEST) --filter 'Three nodes on one database|A simulated life|A world with an oracle'

# The clients come from PyPI, which `make test` does without.
CLIENTS := var/clients-venv

.PHONY: clients
clients: packages ## Build the program and drive it with the vendors' own clients, which are fetched from PyPI
	swift build --product refundry
	@test -x $(CLIENTS)/bin/pip || python3 -m venv $(CLIENTS)
	@$(CLIENTS)/bin/pip install --quiet --disable-pip-version-check --requirement Tests/clients/requirements.txt
	@export REFUNDRY_PROGRAM="$$(swift build --show-bin-path)/refundry"; \
	$(CLIENTS)/bin/python -W ignore -m unittest discover --start-directory Tests/clients

# They come from PyPI too. `make test` runs these tests once they are there, and leaves them out before.
STRIPE := var/stripe-venv

# Half of them would be worse than none: the tests take what they find for all of it.
.PHONY: stripe-packages
stripe-packages: ## Fetch localstripe and Stripe's own library from PyPI, for the tests of the Stripe connector
	@{ test -x $(STRIPE)/bin/pip || python3 -m venv $(STRIPE); } \
	&& $(STRIPE)/bin/pip install --quiet --disable-pip-version-check --retries 1 \
		--requirement Tests/stripe/requirements.txt \
	|| { rm -rf $(STRIPE); exit 1; }

.PHONY: stripe
stripe: test-packages stripe-packages ## Build and run the tests of the Stripe connector, with localstripe
	swift build --build-tests
	REFUNDRY_STRIPE_PYTHON=$(CURDIR)/$(STRIPE)/bin/python $(TEST) --filter 'RefundGatewaysTests|Stripe|matrix of crashes'

# The tests see the key under another name: whoever has one exported runs `make test` without Stripe all the same.
.PHONY: test-stripe-live
test-stripe-live: ## Refund charges at Stripe itself, with a key of its test mode in STRIPE_TEST_KEY
	@case "$${STRIPE_TEST_KEY:-}" in \
	'') echo 'make test-stripe-live: skipped, and nothing was tested: there is no STRIPE_TEST_KEY.' ;; \
	sk_test_?*|rk_test_?*) \
		scripts/install-system-packages tests; \
		swift build --build-tests; \
		REFUNDRY_STRIPE_TEST_KEY="$$STRIPE_TEST_KEY" $(TEST) --filter SharedStripeLives ;; \
	*) echo 'make test-stripe-live: STRIPE_TEST_KEY has to begin with sk_test_ or rk_test_.' >&2; exit 1 ;; \
	esac

# Warnings are errors in our targets; the log is read for those that the package manager gives about this package.
.PHONY: check
check: test-packages ## Check the formatting, build without a warning, and keep the rules of the house
	swift format lint --strict --parallel --recursive $(SOURCES)
	@mkdir -p .build
	swift build --build-tests 2>&1 | tee .build/check.log
	@if grep -A 1 -E "^$(CURDIR)/(Sources|Tests|Package).*: warning: |^warning: '$(notdir $(CURDIR))'" .build/check.log; \
	then echo 'make check: the build has warnings of ours, listed above.' >&2; exit 1; fi
	$(TEST) --filter HouseTests

.PHONY: format
format: ## Format all Swift files in place
	swift format --in-place --parallel --recursive $(SOURCES)

.PHONY: golden
golden: test-packages ## Write the golden files anew from what the tests see, and list the changed ones
	swift build --build-tests
	UPDATE_GOLDEN=1 $(TEST)
	@git status --short Tests docs

.PHONY: clean
clean: ## Delete what was built; the data in var/ stays
	rm -rf .build

.PHONY: packages test-packages
packages:
	@scripts/install-system-packages

test-packages:
	@scripts/install-system-packages tests
