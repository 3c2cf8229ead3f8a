# flowverify: "make help" lists the targets and the variables.

## BUILD=debug    Also release (the default), asan, tsan, coverage, fuzz
## CC=clang       The compiler; gcc if not given
## CFLAGS=...     Likewise CPPFLAGS and LDFLAGS: they come last and so win
## PREFIX=/usr    Where "install" puts things; /usr/local if not given
## DESTDIR=/tmp/x The root under which "install" does so
## PORT=16864     Where "run" serves the example; 16863 if not given
## V=1            Show the commands
BUILD  ?= release
CC     := $(if $(filter default,$(origin CC)),gcc,$(CC))
PREFIX ?= /usr/local
V      ?= 0

version  := $(shell cat VERSION)
# A release brings it along, and may lie inside another project's tree.
revision := $(shell cat REVISION 2>/dev/null \
              || git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
out      := build/$(BUILD)-$(notdir $(CC))
q        := $(if $(filter 1,$(V)),,@)

.DELETE_ON_ERROR:
.SUFFIXES:
.DEFAULT_GOAL := all

# --- What is built from what -------------------------------------------------

engine_sources   := $(sort $(wildcard engine/*/*.c))
config_sources   := $(sort $(wildcard config/*.c))
tool_sources     := $(sort $(wildcard exporter/tool/*.c))
exporter_sources := $(filter-out exporter/main.c $(tool_sources), \
                      $(sort $(wildcard exporter/*.c exporter/*/*.c)))
oracle_sources   := $(filter-out tests/oracle/test_%.c, \
                      $(sort $(wildcard tests/oracle/*.c)))
support_sources  := $(sort $(wildcard tests/support/*.c))
bench_sources    := $(sort $(wildcard tests/bench/*.c))
assets           := $(sort $(wildcard exporter/web/assets/*))

objects = $(patsubst %.c,$(out)/%.o,$(1))

engine_lib   := $(out)/libengine.a
config_lib   := $(out)/libconfig_flowverify.a
exporter_lib := $(out)/libexporter.a
support_lib  := $(out)/libsupport.a
programs     := $(out)/flowverify_exporter $(out)/flowverify

engine_tests := $(sort $(wildcard tests/unit/engine/test_*.c \
                                  tests/oracle/test_*.c))
other_tests  := $(filter-out $(engine_tests), $(sort $(wildcard \
                  tests/unit/*/test_*.c tests/scenario/test_*.c \
                  tests/golden/test_*.c tests/simulator/test_*.c)))
fuzzers      := $(sort $(wildcard tests/fuzz/fuzz_*.c))
engine_test_programs := $(patsubst %.c,$(out)/%,$(engine_tests))
other_test_programs  := $(patsubst %.c,$(out)/%,$(other_tests))
replay_programs      := $(patsubst %.c,$(out)/%,$(fuzzers))
lint_scripts         := $(sort $(wildcard tests/lint/*.sh))
oracle_scripts       := $(sort $(wildcard tests/oracle/*.sh))

# --- Flags -------------------------------------------------------------------

packages := libmicrohttpd libcjson libconfig zlib gnutls
# Curl is loaded when a source first needs it (exporter/source/http_curl*).
packages_loaded := libcurl
package_cflags := $(shell pkg-config --cflags $(packages) $(packages_loaded) \
  2>/dev/null)
library_versions := $(foreach p,$(packages) $(packages_loaded),$(shell echo $(p) \
  | tr a-z A-Z) '$(shell pkg-config --modversion $(p) 2>/dev/null)')
package_libs   := $(shell pkg-config --libs $(packages) 2>/dev/null) -lm -ldl

warnings := -std=c11 -Wall -Wextra -Wpedantic -Wformat=2 -Wconversion \
  -Wsign-conversion -Wshadow -Wundef -Wvla -Wcast-qual -Wpointer-arith \
  -Wwrite-strings -Wstrict-prototypes -Wmissing-prototypes \
  -Wold-style-definition -Wdouble-promotion -Wimplicit-fallthrough \
  -Wnull-dereference -Wswitch-enum -Wdate-time -fno-common

is_clang := $(findstring clang,$(shell $(CC) --version 2>/dev/null))
ifeq ($(is_clang),)
warnings += -Wlogical-op -Wduplicated-cond -Wduplicated-branches \
  -Wformat-overflow=2 -Wjump-misses-init -Walloc-zero -Warith-conversion \
  -Wcast-align=strict -Wtrampolines
gcc_hardening := -ftrivial-auto-var-init=zero -fzero-call-used-regs=used-gpr
else
# Long words in tables are wrapped, which clang takes for a missing comma.
warnings += -Wno-string-concatenation
warnings += -Wcast-align -Wcomma -Wthread-safety -Wconditional-uninitialized \
  -Wmissing-variable-declarations -Wunreachable-code-aggressive \
  -Wloop-analysis
endif

comma := ,
# A flag that this compiler takes, or nothing.
probe = $(shell $(CC) $(1) -Werror -x c -c /dev/null -o /dev/null 2>/dev/null \
          && echo '$(1)')
machine := $(shell $(CC) -dumpmachine 2>/dev/null)
branch_protection := $(if $(filter x86_64%,$(machine)), \
  -fcf-protection=full,$(if $(filter aarch64%,$(machine)), \
  -mbranch-protection=standard))

hardening := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong \
  -fstack-clash-protection $(branch_protection) \
  -fno-delete-null-pointer-checks \
  $(foreach flag,$(gcc_hardening),$(call probe,$(flag)))
sanitize := -O1 -g3 -fno-omit-frame-pointer -fno-sanitize-recover=all

ifeq ($(BUILD),release)
mode := -O2 -g $(hardening)
else ifeq ($(BUILD),debug)
mode := -O1 -g3 -Werror
else ifeq ($(BUILD),asan)
mode := $(sanitize) -Werror -fsanitize=address,undefined
else ifeq ($(BUILD),tsan)
mode := $(sanitize) -Werror -fsanitize=thread
else ifeq ($(BUILD),coverage)
mode := -O0 -g3 --coverage
else ifeq ($(BUILD),fuzz)
mode := $(sanitize) -fsanitize=fuzzer-no-link,address,undefined
else
$(error BUILD is one of release debug asan tsan coverage fuzz, not '$(BUILD)')
endif

# For what is compared with curl itself.
loaded_libs := $(shell pkg-config --libs $(packages_loaded) 2>/dev/null)

# The sanitizers' own crypt_r() calls that of the library, which the linker
# would otherwise leave out as not needed.
package_libs += $(if $(filter -fsanitize=%,$(mode)),-Wl$(comma)--no-as-needed \
  -lcrypt -Wl$(comma)--as-needed,-lcrypt)

cppflags := -I. -I$(out) -D_DEFAULT_SOURCE -D_POSIX_C_SOURCE=200809L \
  $(package_cflags)
cflags   := $(warnings) $(mode) -fPIE -pthread -ffile-prefix-map=$(CURDIR)=.
ldflags  := -pie -pthread -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack \
  -Wl,--as-needed $(filter -fsanitize=% --coverage,$(mode))
compile   = $(CC) $(cppflags) $(CPPFLAGS) $(cflags) $(CFLAGS)
link      = $(CC) $(filter -O% -g%,$(mode)) $(ldflags) $(LDFLAGS) -o $@

# --- Building ----------------------------------------------------------------

all: $(programs) ## Build both programs
	$(q)ln -sfn $(BUILD)-$(notdir $(CC))/flowverify_exporter build/flowverify_exporter
	$(q)ln -sfn $(BUILD)-$(notdir $(CC))/flowverify build/flowverify

# Objects are made anew when the flags change.
$(out)/flags: FORCE
	$(q)mkdir -p $(@D)
	$(q)echo '$(compile) $(ldflags) $(LDFLAGS)' | cmp -s - $@ \
	  || echo '$(compile) $(ldflags) $(LDFLAGS)' > $@

$(out)/version.h: FORCE
	$(q)mkdir -p $(@D)
	$(q)printf '#define FLOWVERIFY_%s "%s"\n' VERSION '$(version)' \
	  REVISION '$(revision)' $(library_versions) > $@.new
	$(q)cmp -s $@.new $@ && rm $@.new || mv $@.new $@

# cmocka's assertions do not tell the compiler that they end the test.
$(out)/tests/%.o: private CFLAGS += -Wno-null-dereference

$(out)/%.o: %.c $(out)/flags | $(out)/version.h
	$(q)mkdir -p $(@D)
	$(if $(q),@echo '  CC    $<')
	$(q)$(compile) -MMD -MP -c -o $@ $<

$(out)/assets.c: $(assets) exporter/web/embed.sh
	$(q)mkdir -p $(@D)
	$(q)sh exporter/web/embed.sh $(assets) > $@
$(out)/assets.o: $(out)/assets.c
	$(q)$(compile) -c -o $@ $<

archive = $(q)rm -f $@ && ar Drcs $@ $^
$(engine_lib): $(call objects,$(engine_sources))
	$(archive)
$(config_lib): $(call objects,$(config_sources))
	$(archive)
$(exporter_lib): $(call objects,$(exporter_sources)) \
                 $(if $(assets),$(out)/assets.o)
	$(archive)
$(support_lib): $(call objects,$(support_sources) $(oracle_sources))
	$(archive)

libraries := $(exporter_lib) $(config_lib) $(engine_lib)

$(out)/flowverify_exporter: $(out)/exporter/main.o $(libraries)
	$(if $(q),@echo '  LINK  $@')
	$(q)$(link) $(filter %.o %.a,$^) $(package_libs)
$(out)/flowverify: $(call objects,$(tool_sources)) $(libraries)
	$(if $(q),@echo '  LINK  $@')
	$(q)$(link) $(filter %.o %.a,$^) $(package_libs)

# The engine's tests link the engine alone: the linker proves its purity.
$(engine_test_programs): $(out)/%: $(out)/%.o $(support_lib) $(engine_lib)
	$(q)$(link) $(filter %.o %.a,$^) -lcmocka -lm
$(other_test_programs): $(out)/%: $(out)/%.o $(support_lib) $(libraries)
	$(q)$(link) $(filter %.o %.a,$^) $(package_libs) -lcmocka -lm
$(replay_programs): $(out)/%: $(out)/%.o $(support_lib) $(libraries) \
                    $(if $(filter-out fuzz,$(BUILD)),$(out)/tests/fuzz/replay.o)
	$(q)$(link) $(if $(filter fuzz,$(BUILD)),-fsanitize=fuzzer) \
	  $(filter %.o %.a,$^) $(package_libs) $(loaded_libs) \
	  -lcmocka -lm
$(out)/bench: $(call objects,$(bench_sources)) $(support_lib) $(libraries)
	$(q)$(link) $(filter %.o %.a,$^) $(package_libs) -lm

# --- Using -------------------------------------------------------------------

deps: ## Install the packages that are missing (apt, dnf or apk)
	$(q)sh packaging/install-deps.sh

run: ## Install what is missing, build, serve the example on port 16863
	$(q)sh packaging/install-deps.sh
	$(q)$(MAKE) --no-print-directory all
	$(q)sh config/example/run.sh build/flowverify_exporter

test: ## Install what is missing, build, run the tests that need no network
	$(q)sh packaging/install-deps.sh
	$(q)$(MAKE) --no-print-directory all tests
	$(q)OUT=$(out) CC='$(CC)' sh tests/run.sh $(lint_scripts) \
	  $(oracle_scripts) $(engine_test_programs) $(other_test_programs) $(replay_programs)

tests: $(engine_test_programs) $(other_test_programs) $(replay_programs) ## Build the tests

bench: all ## Measure speed and memory next to peers; writes build/bench.json
	$(q)OUT=$(out) sh tests/bench/run.sh

fuzz: ## Build the fuzzers (clang); see tests/fuzz/run.sh
	$(q)$(MAKE) --no-print-directory BUILD=fuzz CC=clang tests

demo: all ## Show an alert arriving with real Prometheus and Alertmanager
	$(q)sh tests/e2e/demo.sh

e2e: all ## End-to-end tests with the real programs
	$(q)sh tests/e2e/run.sh

format: ## Format the C sources
	$(q)git ls-files '*.c' '*.h' | xargs clang-format -i

lint: ## Check formatting, layers, purity and (slow) clang-tidy
	$(q)OUT=$(out) CC='$(CC)' sh tests/run.sh $(lint_scripts)
	$(q)sh tests/lint/format
	$(q)sh tests/lint/tidy

include packaging/packaging.mk

clean: ## Remove all that was built
	rm -rf build

help: ## Show this list
	@grep -hE '^[a-z0-9]+:.*##' $(MAKEFILE_LIST) | sort \
	  | sed -E 's/^([a-z0-9]+):[^#]*## (.*)/  \1|\2/' | column -t -s '|'
	@echo 'Variables:' && sed -n 's/^## /  /p' Makefile

.PHONY: all deps run test tests bench fuzz demo e2e format lint clean help \
  install uninstall FORCE
FORCE:

-include $(shell find $(out) -name '*.d' 2>/dev/null)
