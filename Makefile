# Otklik. `make` lists what can be made.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
GO ?= go
export CGO_ENABLED ?= 0
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
TEMPL := $(GO) tool -modfile=tools/go.mod templ
LINT := $(GO) tool -modfile=tools/go.mod golangci-lint
FUZZTIME ?= 10s
# The race run leaves out bench/rig, which starts the plain binary and watches it from outside.
# SQLite is C made into Go that works on memory of its own: the detector sees nothing there and takes half of the run's time for it. Only that package is left out:
# code of others that is made from generic types may come from any package of the program, and uninstrumented it shows races that are none.
BESIDE_RACES := -gcflags=modernc.org/sqlite/lib=-race=false

.DEFAULT_GOAL := help
.PHONY: help build test test-fast check generate fmt bench soak fuzz needs demo screens

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

build: ## the binary, bin/otklik
	$(GO) build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o bin/otklik ./cmd/otklik

demo: ## the whole product on a demo region
	$(GO) run ./cmd/otklik demo

needs: ## install what the tests need (Debian, as root) or say what is missing
	@scripts/needs

test: needs ## all tests, then the race run
	$(GO) test ./...
	@if command -v gcc >/dev/null; then OTKLIK_DATA= CGO_ENABLED=1 $(GO) test -race $(BESIDE_RACES) -short -timeout 30m $$($(GO) list ./... | grep -v /bench/rig); \
	else echo "race run: skipped, gcc is missing (apt-get install gcc)"; fi

test-fast: ## tests without the slow ones
	$(GO) test -short ./...

check: ## generated files fresh, format, lint, vet
	@scripts/check

generate: ## write generated files again
	$(GO) run ./cmd/otklik-pages
	$(GO) generate ./...

fmt: ## format
	gofmt -w cmd internal data
	$(TEMPL) fmt internal

bench: ## benchmarks, with machine, commit and counts
	@scripts/bench

soak: ## kills, soaks, long properties
	@scripts/soak

fuzz: ## every fuzzer for ten seconds (FUZZTIME=1m for longer)
	@scripts/fuzz $(FUZZTIME)
