# scimedge: the targets people and scripts rely on. `make help` lists them.
SHELL := /usr/bin/env bash
GO ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
COMMIT ?= $(shell git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
LDFLAGS := -s -w -X scimedge/internal/buildinfo.version=$(VERSION) -X scimedge/internal/buildinfo.commit=$(COMMIT)
FUZZTIME ?= 30s

.PHONY: help build demo test race fuzz lint bench ratios lists conformance
.DEFAULT_GOAL := help

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

build: ## bin/scimedge: static, version stamped
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/scimedge ./cmd/scimedge

demo: build ## the main job: two simulated identity providers sync into two tenants
	bin/scimedge demo

# every test, with what it needs from outside fetched first, and its output kept
define run_tests
	@scripts/need curl
	@echo "fetching the SCIM suites of others, unless they are in .cache"
	@scripts/thirdparty
	@mkdir -p .cache
	SCIMEDGE_BIN=$(CURDIR)/bin/scimedge $(GO) tool gotestsum --format pkgname --jsonfile .cache/test.json -- -timeout 12m ./...
endef

test: build ## every test the project has, then the conformance table
	$(GO) vet ./...
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); [ -z "$$unformatted" ] || { echo "run gofmt -w on: $$unformatted"; exit 1; }
	$(run_tests)
	$(GO) run ./internal/conformance/report -check docs/reference/conformance.md .cache/test.json

race: build ## all tests under the race detector
	CGO_ENABLED=1 $(GO) test -race -timeout 30m ./...

fuzz: ## every fuzz target for FUZZTIME each (30s)
	scripts/fuzz $(FUZZTIME)

lint: ## vet, staticcheck, govulncheck
	$(GO) vet ./...
	$(GO) tool staticcheck ./...
	$(GO) tool govulncheck ./...

bench: build ## Go benchmarks, in the form benchstat reads
	$(GO) test -run '^$$' -bench . -benchmem ./...

ratios: build ## the side-by-side measurements behind the speed claims; writes bench/results
	$(GO) run ./bench/ratios -out bench/results

lists: build ## what lists cost at 100,000 users: pages, walks, scans, sorting; writes bench/results/lists.md
	$(GO) run ./bench/lists -out bench/results

conformance: build ## rewrite docs/reference/conformance.md from a full test run
	$(run_tests)
	$(GO) run ./internal/conformance/report -write docs/reference/conformance.md .cache/test.json
