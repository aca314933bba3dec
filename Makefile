# What a newcomer types: `make demo` (the main job in four languages against the emulator), `make test` (everything, except what is slow).
# `make deps` is the only target that installs system packages; it prints them first.

CARGO ?= cargo
PREFIX ?= /usr/local
DESTDIR ?=
TARGET := $(or $(CARGO_TARGET_DIR),target)
STAGE := $(abspath $(TARGET))/stage
VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
SONAME := libtencent_chat.so.$(basename $(VERSION))

.PHONY: all build install uninstall stage demo test check fuzz soak bench fleet live lint header abi-baseline format deps clean

all: build

# `make install FEATURES=redis` adds the limit that processes share through Redis or Valkey.
# Without the Rust library that our tests link: beside it cargo leaves the link-time optimisation of the whole out.
FEATURES ?=
build:
	$(CARGO) rustc --release --lib --crate-type cdylib,staticlib $(if $(FEATURES),--features $(FEATURES))
	$(CARGO) build --profile tool -p chat-emulator --bin chat-emulator

install: build
	install -d $(DESTDIR)$(PREFIX)/lib $(DESTDIR)$(PREFIX)/include/tencent_chat $(DESTDIR)$(PREFIX)/bin
	install -m 755 $(TARGET)/release/libtencent_chat.so $(DESTDIR)$(PREFIX)/lib/libtencent_chat.so.$(VERSION)
	ln -sf libtencent_chat.so.$(VERSION) $(DESTDIR)$(PREFIX)/lib/$(SONAME)
	ln -sf $(SONAME) $(DESTDIR)$(PREFIX)/lib/libtencent_chat.so
	install -m 644 $(TARGET)/release/libtencent_chat.a $(DESTDIR)$(PREFIX)/lib/
	install -m 644 include/tencent_chat.h include/tencent_chat.hpp $(DESTDIR)$(PREFIX)/include/
	install -m 644 include/tencent_chat/*.hpp $(DESTDIR)$(PREFIX)/include/tencent_chat/
	install -m 755 $(TARGET)/tool/chat-emulator $(DESTDIR)$(PREFIX)/bin/

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/lib/libtencent_chat.so $(DESTDIR)$(PREFIX)/lib/$(SONAME) $(DESTDIR)$(PREFIX)/lib/libtencent_chat.so.$(VERSION)
	rm -f $(DESTDIR)$(PREFIX)/lib/libtencent_chat.a $(DESTDIR)$(PREFIX)/bin/chat-emulator
	rm -f $(DESTDIR)$(PREFIX)/include/tencent_chat.h $(DESTDIR)$(PREFIX)/include/tencent_chat.hpp
	rm -rf $(DESTDIR)$(PREFIX)/include/tencent_chat

# An installation inside the target directory: what demo, tests and faces are built against, never target/release itself.
stage:
	@$(MAKE) --no-print-directory -s install PREFIX=$(STAGE) DESTDIR= FEATURES=

demo: stage
	@python3 tests/demo/demo.py $(STAGE) $(TARGET)/demo

# Everything a user needs to trust the library, in under ten minutes. What a missing tool kept from running is said at the end.
test:
	@mkdir -p $(TARGET) && rm -f $(TARGET)/missing-tools.txt
	$(CARGO) test --workspace --locked --no-fail-fast --features redis
	@if [ -s $(TARGET)/missing-tools.txt ]; then sort -u $(TARGET)/missing-tools.txt; fi

# What is too slow for `make test`: all C and C++ programs under AddressSanitizer, UndefinedBehaviorSanitizer, LeakSanitizer and
# ThreadSanitizer, every fuzzer for 10 seconds, the soak for 20, memory over a million calls. One test at a time: each has its own threads.
check:
	@mkdir -p $(TARGET) && rm -f $(TARGET)/missing-tools.txt
	CHAT_FUZZ_SECONDS=10 CHAT_SOAK_SECONDS=20 $(CARGO) test --locked --no-fail-fast --features checks \
		--test sanitizers --test fuzz --test soak --test memory -- --test-threads=1
	@if [ -s $(TARGET)/missing-tools.txt ]; then sort -u $(TARGET)/missing-tools.txt; fi

# The fuzzers alone, for longer: `make fuzz SECONDS=600`. What they find on the way stays in the target directory.
fuzz:
	CHAT_FUZZ_SECONDS=$(or $(SECONDS),60) $(CARGO) test --locked --features checks --test fuzz -- --test-threads=1

# Everything at once for two minutes, or as long as you say: `make soak SECONDS=3600`. Ends with the totals.
soak:
	CHAT_SOAK_SECONDS=$(or $(SECONDS),120) $(CARGO) test --locked --features checks --test soak every_call

# Speed and cost beside other clients: a table, a line of JSON a figure, and tests/perf/ratios.svg. tests/perf/README.md explains each.
bench: stage
	@python3 tests/perf/bench.py $(STAGE) $(abspath $(TARGET))/bench

# A thousand machines on one shared limit, in simulated time; `SCALE="machines callers calls-a-second seconds"` for another size.
fleet:
	@$(CARGO) run --quiet --release --locked --manifest-path tests/perf/fleet/Cargo.toml --target-dir $(TARGET)/fleet -- $(SCALE)

# Opt-in: asks the real service, beside the emulator, everything that the vendor's pages leave open.
live:
	@$(CARGO) run --quiet --example live -- "$(CREDENTIALS)"

format:
	$(CARGO) fmt --all
	$(CARGO) fmt --manifest-path tests/fuzz/Cargo.toml
	$(CARGO) fmt --manifest-path tests/perf/fleet/Cargo.toml

# Formatter and lints, warnings denied.
lint:
	$(CARGO) fmt --all --check
	$(CARGO) fmt --manifest-path tests/fuzz/Cargo.toml --check
	$(CARGO) fmt --manifest-path tests/perf/fleet/Cargo.toml --check
	$(CARGO) clippy --workspace --all-targets --features checks,redis --locked -- -D warnings
	$(CARGO) clippy --manifest-path tests/fuzz/Cargo.toml --lib --locked -- -D warnings
	$(CARGO) clippy --lib --features panic-injection --locked -- -D warnings

header:
	CHAT_WRITE_HEADER=1 $(CARGO) test --quiet --test header

# Makes the header of now the released ABI that tests/abi.rs compares with. Only at a release.
abi-baseline:
	CHAT_WRITE_ABI=1 $(CARGO) test --quiet --locked --test abi no_released

# System packages that the full test uses. Prints them, then installs those that are missing (Debian and Ubuntu).
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
PACKAGES := gcc g++ make binutils python3 python3-venv valgrind golang-1.19-go abigail-tools libcurl4-openssl-dev libssl-dev pkg-config redis-server
deps:
	@echo "system packages: $(PACKAGES)"
	@missing=$$(for p in $(PACKAGES); do dpkg -s $$p >/dev/null 2>&1 || echo $$p; done); \
	if [ -n "$$missing" ]; then echo "installing:" $$missing; $(SUDO) apt-get update -qq && $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing; fi
	@# ThreadSanitizer needs the standard library's source.
	@if command -v rustup >/dev/null; then rustup component add rust-src; fi

clean:
	$(CARGO) clean
