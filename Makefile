# make help lists the targets.

SHELL := /bin/sh
.DELETE_ON_ERROR:
.NOTPARALLEL: # the front end is embedded in the binary, the binary is what tests start
MAKEFLAGS += --no-builtin-rules --no-print-directory

GAD   := .gad
TOOLS := $(CURDIR)/$(GAD)/tools
UI    := api/web/ui
DIST  := api/web/dist
export PATH := $(TOOLS)/bin:$(PATH)

GOLANGCI_VERSION := 2.15.0
GOLANGCI := $(TOOLS)/golangci-lint-$(GOLANGCI_VERSION)

# Who builds as another user than the one who cloned has a git that refuses to answer.
BUILDVCS := $(shell git rev-parse HEAD >/dev/null 2>&1 && echo true || echo false)
GOBUILD  := go build -buildvcs=$(BUILDVCS)

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.DEFAULT_GOAL := help

## Running

.PHONY: run
run: setup ui build ## install what is missing, build, start everything: listo http://127.0.0.1:8080
	@exec $(GAD)/bin/gad dev $(ARGS)

.PHONY: setup
setup:
	@ops/local/setup.sh run

.PHONY: setup-test
setup-test:
	@ops/local/setup.sh test

.PHONY: build
build: ## the binary, .gad/bin/gad
	@$(GOBUILD) -o $(GAD)/bin/gad ./cmd/gad

.PHONY: ui
ui: setup $(GAD)/ui.stamp ## the front end, embedded in the binary

UI_SOURCES := $(shell find $(UI) -type d \( -name node_modules -o -name e2e -o -name test \) -prune -o -type f -print)

$(GAD)/ui-deps.stamp: $(UI)/package.json $(UI)/package-lock.json | setup
	@echo "front end: dependencies" >&2
	@cd $(UI) && npm ci --loglevel=error --no-audit --no-fund
	@mkdir -p $(GAD) && touch $@

# The assets may have been deleted while the stamp stayed.
$(GAD)/ui.stamp: $(GAD)/ui-deps.stamp $(UI_SOURCES) $(if $(wildcard $(DIST)/index.html),,ui-missing)
	@echo "front end: build" >&2
	@cd $(UI) && npm run --silent build -- --logLevel warn
	@mkdir -p $(GAD) && touch $@

.PHONY: ui-missing
ui-missing:

## Testing

# One profile of everything: a line counts as covered whichever package's test reaches it.
# go vet is among the linters; here it would read every package again.
COVER := $(GAD)/cover

.PHONY: test
test: setup-test ui test-go test-ui test-browser coverage ## everything, race detector on, on private servers

# What checks has memory: collected a quarter as often, compilers, linters and tests take a seventh less.
EAGER := env GOGC=400

# Without what only a debugger reads: linking every package's tests takes a third less.
LEAN   := -ldflags=-w -gcflags=-dwarf=false
GOTEST := $(EAGER) go test -race -vet=off $(LEAN) -covermode atomic -coverpkg ./...

# The longest packages begin first, so that none of them is left to run alone at the end.
LONGEST := ./cmd/gad ./api/rest ./projections

.PHONY: test-go
test-go:
	@rm -rf $(COVER) && mkdir -p $(COVER)
	GOTMPDIR=$${TMPDIR:-/tmp} TMPDIR=$$(ops/local/tmpdir.sh) ops/local/tests.sh "$(GOTEST)" -p $$(nproc) -timeout 30m -coverprofile $(COVER)/tests.out $(LONGEST) ./...

.PHONY: test-ui
test-ui: setup $(GAD)/ui-deps.stamp
	cd $(UI) && npm test

# The system that the browser meets looks for races too, and counts what it runs.
.PHONY: test-browser
test-browser: setup-test ui
	@rm -rf $(COVER)/system && mkdir -p $(COVER)/system
	@$(EAGER) $(GOBUILD) $(LEAN) -race -cover -covermode atomic -coverpkg ./... -o $(COVER)/gad ./cmd/gad
	@export GOCOVERDIR=$(CURDIR)/$(COVER)/system; meet="ops/local/browser.sh $(CURDIR)/$(COVER)/gad"; \
	$$meet || { [ $$? = 3 ] && echo "a step fell in the browser: the whole story once more, look into why" && $$meet; }

.PHONY: coverage
coverage:
	@go tool covdata textfmt -i $(COVER)/system -o $(COVER)/system.out
	@cat $(COVER)/tests.out > $(COVER)/total.out
	@tail -n +2 $(COVER)/system.out >> $(COVER)/total.out
	@go tool cover -func $(COVER)/total.out > $(COVER)/functions.txt
	@awk '/^total:/ { print "coverage of the Go code: " $$NF }' $(COVER)/functions.txt

# It takes a null in the place of a text for one that is absent: so does the contract's reader.
.PHONY: schemathesis
schemathesis: ## the contract against the gad dev that runs in .gad, by Schemathesis (ARGS go to it)
	@ops/local/schemathesis.sh $(TOOLS)/schemathesis $(GAD) $(ARGS)

.PHONY: fuzz
fuzz: setup-test ## nonsense at every operation of the contract: GAD_TEST_FUZZ_CASES and GAD_TEST_FUZZ_SEED say how much
	GAD_TEST_FUZZ_CASES=$${GAD_TEST_FUZZ_CASES:-50} go test ./cmd/gad -run TestContractUnderNonsense -count 1 -timeout 60m -v

## Checking

.PHONY: check
check: setup-test tidy lint generated check-ui ## what CI runs: tidy, lint, generated files, front end, then make test
	@$(MAKE) test

.PHONY: tidy
tidy:
	go mod tidy -diff

.PHONY: lint
lint: $(GOLANGCI) ## the rules of ops/golangci.yml, import layers among them
	$(EAGER) $(GOLANGCI) run --config ops/golangci.yml ./...

$(GOLANGCI):
	@echo "building golangci-lint $(GOLANGCI_VERSION), once" >&2
	@mkdir -p $(TOOLS)
	@GOFLAGS= GOBIN=$(TOOLS)/lint go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v$(GOLANGCI_VERSION)
	@mv $(TOOLS)/lint/golangci-lint $@

# Tests that compare with files which they can also write; built as test-go builds them, once for both.
GOLDEN = $(shell grep -rl --include='*_test.go' '[*]\(update\|rewrite\)' api cmd commands domain eventstore ops projections)

.PHONY: golden
golden: ## write again what tests compare with: payloads, schemas, contract, sentences
	@$(GOTEST) $(addprefix ./,$(sort $(dir $(GOLDEN)))) \
		-run "^($$(sed -n 's/^func \(Test[A-Za-z]*\).*/\1/p' $(GOLDEN) | paste -sd '|'))$$" -update

.PHONY: generated
generated:
	@git status --porcelain > $(GAD)/before.txt
	@git diff > $(GAD)/before.diff
	@$(MAKE) golden
	@git status --porcelain | cmp -s - $(GAD)/before.txt && git diff | cmp -s - $(GAD)/before.diff || { \
		git status --short; echo "generated files were stale: commit what make golden wrote"; exit 1; }

.PHONY: check-ui
check-ui: setup $(GAD)/ui-deps.stamp
	cd $(UI) && npm run check

## Measuring

.PHONY: bench
bench: build ## durable appends beside what PostgreSQL does bare (gad bench --help for the others)
	@$(GAD)/bin/gad bench append

.PHONY: docker
docker: ## the image of the program
	docker build -f ops/docker/Dockerfile -t gad .

.PHONY: clean
clean: ## what was built; the data of make run stays (rm -rf .gad removes that too)
	rm -rf $(GAD)/bin $(GAD)/cover $(GAD)/ui.stamp $(GAD)/ui-deps.stamp $(UI)/node_modules
	find $(DIST) -mindepth 1 -not -name .gitignore -delete
