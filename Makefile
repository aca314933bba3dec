# What a newcomer types: `make demo` (the main job in four languages against the emulator), `make test` (everything, except what is slow).
# `make deps` is the only target that installs system packages; it prints them first.

CARGO ?= cargo
# Where an installation goes. DESTDIR is a packager's staging root; the other places follow PREFIX unless given.
PREFIX ?= /usr/local
DESTDIR ?=
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
BINDIR ?= $(PREFIX)/bin
MANDIR ?= $(PREFIX)/share/man
DOCDIR ?= $(PREFIX)/share/doc/tencent-chat
# A path may have a blank in it, which make takes for two: paths are relative where they can be, whole without `abspath`, and quoted.
empty :=
space := $(empty) $(empty)
absolute = $(if $(filter /%,$(1)),$(1),$(CURDIR)/$(1))
TARGET := $(subst $(CURDIR)/,,$(or $(CARGO_TARGET_DIR),target))
STAGE := $(call absolute,$(TARGET))/stage
VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)

# The date on everything generated: the last commit's, so that two builds of one commit are equal byte for byte.
# Not exported: build scripts of C code watch SOURCE_DATE_EPOCH, and every commit would build everything anew.
DATE = $(or $(SOURCE_DATE_EPOCH),$(shell git log -1 --format=%ct 2>/dev/null),0)

# What cargo tells a test of its own must not reach the cargo below that test: build scripts would run again, and all that hangs on them.
unexport $(filter CARGO_PKG_% CARGO_MANIFEST_% OUT_DIR,$(.VARIABLES))

.PHONY: all build build-library build-emulator build-notices build-program native-libs install install-library install-emulator install-program uninstall uninstall-program package package-program reference site stage dist unpacked wheels reproducible platforms go-module go-tag \
	demo test test-missed check fuzz soak bench fleet live lint lints lock header errors faces abi-baseline format deps clean

all: build

build: build-library build-emulator build-program

# No path of the builder's machine stays in a binary.
FLAG := $(shell printf '\037')
REMAP = $(foreach flag,$(RUSTFLAGS),$(flag)$(FLAG))--remap-path-prefix=$(CURDIR)=tencent-chat$(FLAG)--remap-path-prefix=$(call absolute,$(TARGET))=target$(FLAG)--remap-path-prefix=$(or $(CARGO_HOME),$(HOME)/.cargo)=cargo$(FLAG)--remap-path-prefix=$(shell rustc --print sysroot)/lib/rustlib/src/rust=rust
QUIET_ABOUT_PATHS = CARGO_ENCODED_RUSTFLAGS='$(subst $(FLAG) ,$(FLAG),$(REMAP))'

# Without the Rust library among the crate types, or cargo would leave out the link-time optimisation of the whole. With FEATURES=redis the library has
# the limit that processes share through Redis or Valkey.
FEATURES ?=
build-library:
	$(QUIET_ABOUT_PATHS) $(CARGO) rustc --locked --release --lib --crate-type cdylib,staticlib $(if $(FEATURES),--features $(FEATURES))

build-emulator:
	$(QUIET_ABOUT_PATHS) $(CARGO) build --locked --profile tool -p chat-emulator --bin chat-emulator

# What `rustc --print native-static-libs` says on Linux with glibc; a test asks it.
NATIVE_LIBS ?= -lgcc_s -lutil -lrt -lpthread -lm -ldl -lc
native-libs:
	@echo "$(NATIVE_LIBS)"
# Where the build's results are.
LIBRARY ?= $(TARGET)/release
EMULATOR ?= $(TARGET)/tool/chat-emulator
PROGRAM ?= $(TARGET)/tool/tencent-chat
PACKAGE ?= $(TARGET)/package
IN_PACKAGE = $(subst $(space),\ ,$(PACKAGE))
INSTALL = $(foreach name,VERSION NATIVE_LIBS DESTDIR PREFIX LIBDIR INCLUDEDIR BINDIR MANDIR DOCDIR,$(name)='$($(name))') \
	$(foreach name,LIBRARY EMULATOR PROGRAM PACKAGE,$(name)='$(call absolute,$($(name)))') bindings/c/packaging/install.sh

# Builds for this machine: the result asks for a libc at least as new as the one here. `make dist` builds for older ones.
install: install-emulator install-program
install-program: package-program
	$(INSTALL) install program
install-emulator: install-library build-emulator package
	$(INSTALL) install emulator

# The same without the emulator, for those who build the library into a project of theirs.
install-library: build-library $(IN_PACKAGE)/man3/tencent_chat.3 $(IN_PACKAGE)/tencent-chat.cdx.json
	$(INSTALL) install library

uninstall: uninstall-program
	$(INSTALL) uninstall library emulator
uninstall-program:
	$(INSTALL) uninstall program

# What tells of the code of others inside library and programs.
build-notices: $(IN_PACKAGE)/tencent-chat.cdx.json

# What an installation holds besides what cargo builds.
package: $(IN_PACKAGE)/man1/chat-emulator.1 $(IN_PACKAGE)/completions/chat-emulator $(IN_PACKAGE)/man3/tencent_chat.3 $(IN_PACKAGE)/tencent-chat.cdx.json

$(IN_PACKAGE)/man3/tencent_chat.3: include/tencent_chat.h bindings/c/packaging/Doxyfile bindings/c/packaging/pages.awk bindings/c/packaging/manual.sh
	SOURCE_DATE_EPOCH=$(DATE) bindings/c/packaging/manual.sh library '$(PACKAGE)' $(VERSION)

# What the program says of itself, for man and the shells. Made aside, since others may be installing meanwhile.
COMPLETIONS = bash:tencent-chat zsh:_tencent-chat fish:tencent-chat.fish
package-program: $(subst $(space),\ ,$(PROGRAM))
	@mkdir -p '$(PACKAGE)/man1' '$(PACKAGE)/completions'
	@aside=$$(mktemp -d '$(PACKAGE)/aside.XXXXXX') && '$(PROGRAM)' man "$$aside" && mv "$$aside"/*.1 '$(PACKAGE)/man1/' && \
	for shell in $(COMPLETIONS); do '$(PROGRAM)' completions $${shell%:*} >"$$aside/$${shell#*:}" || exit 1; done && \
	mv "$$aside"/* '$(PACKAGE)/completions/' && rmdir "$$aside"

$(IN_PACKAGE)/man1/chat-emulator.1: $(subst $(space),\ ,$(EMULATOR)) bindings/c/packaging/manual.sh
	SOURCE_DATE_EPOCH=$(DATE) bindings/c/packaging/manual.sh emulator '$(PACKAGE)' '$(EMULATOR)'

# Bash's is the last to get its name, and by it make knows that all are there.
$(IN_PACKAGE)/completions/chat-emulator: $(subst $(space),\ ,$(EMULATOR))
	@mkdir -p '$(PACKAGE)/completions'
	@cd '$(PACKAGE)/completions' && for shell in zsh:_chat-emulator fish:chat-emulator.fish bash:chat-emulator; do \
	'$(call absolute,$(EMULATOR))' --completions $${shell%:*} >".$${shell#*:}.$$$$" && mv ".$${shell#*:}.$$$$" "$${shell#*:}" || exit 1; done

$(subst $(space),\ ,$(TARGET))/tool/chat-emulator: build-emulator ;
$(subst $(space),\ ,$(TARGET))/tool/tencent-chat: build-program ;

$(IN_PACKAGE)/tencent-chat.cdx.json: Cargo.lock Cargo.toml bindings/program/Cargo.toml tests/emulator/Cargo.toml bindings/c/packaging/components.py
	@if command -v python3 >/dev/null; then python3 bindings/c/packaging/components.py '$(PACKAGE)'; \
	else echo "python3 is not installed, so the bill of materials and the licences of others are left out" >&2; fi

# The API reference as HTML (and as manual pages); ends with an error at the first gap or mistake in the header's words.
reference:
	STRICT=1 COMPLETE=1 HTML=YES bindings/c/packaging/manual.sh library '$(TARGET)/reference' $(VERSION)
	@echo "$(TARGET)/reference/html/index.html"

# README, guides and the languages' pages as a web site with search, beside the API reference of each language. A broken link fails.
SITE ?= $(TARGET)/site
SITE_TOOLS := $(TARGET)/site-tools
IN_SITE_TOOLS := $(subst $(space),\ ,$(SITE_TOOLS))
site: stage $(IN_SITE_TOOLS)/bin/mkdocs
	TENCENT_CHAT_LIBRARY='$(STAGE)/lib/libtencent_chat.so' '$(SITE_TOOLS)/bin/python' bindings/guides/site.py '$(SITE)'

$(IN_SITE_TOOLS)/bin/mkdocs: bindings/guides/site.txt
	python3 -m venv --clear '$(SITE_TOOLS)'
	'$(SITE_TOOLS)/bin/python' -m pip install --quiet --disable-pip-version-check --require-hashes -r bindings/guides/site.txt
	touch $@

# An archive for every platform named, with the tree of an installation: for machines with this glibc or a newer one, for musl, macOS from 11 on and
# Windows. Needs the platform's Rust (`rustup target add`), mingw for Windows, llvm-lipo for the universal one and, once, the package index for
# the zig compiler.
PLATFORMS ?= x86_64-unknown-linux-gnu aarch64-unknown-linux-gnu x86_64-unknown-linux-musl aarch64-unknown-linux-musl \
	x86_64-apple-darwin aarch64-apple-darwin universal-apple-darwin x86_64-pc-windows-gnu
GLIBC := 2.17
DIST ?= $(TARGET)/dist
ZIG ?= $(TARGET)/zig
IN_ZIG := $(subst $(space),\ ,$(ZIG))
# An archive without the programs is PARTS=library.
PARTS ?= library emulator program
dist: $(IN_ZIG)/bin/cargo-zigbuild
	rm -rf '$(TARGET)/dist-package'
	$(MAKE) --no-print-directory package $(if $(filter program,$(PARTS)),package-program) PACKAGE='$(TARGET)/dist-package'
	export $(QUIET_ABOUT_PATHS) DATE=$(DATE) VERSION=$(VERSION) NATIVE_LIBS='$(NATIVE_LIBS)' PACKAGE='$(call absolute,$(TARGET))/dist-package' \
	TARGET='$(call absolute,$(TARGET))' CARGO_TARGET_DIR='$(call absolute,$(TARGET))' ZIG='$(call absolute,$(ZIG))/bin' PARTS='$(PARTS)'; \
	for platform in $(PLATFORMS); do bindings/c/packaging/dist.sh $$platform $(GLIBC) '$(DIST)' || exit 1; done

$(IN_ZIG)/bin/cargo-zigbuild: bindings/c/packaging/zig.txt
	python3 -m venv --clear '$(ZIG)'
	'$(ZIG)/bin/python' -m pip install --quiet --disable-pip-version-check --require-hashes -r bindings/c/packaging/zig.txt
	touch '$@'

# Builds everything twice: the archive from a copy of the sources in another place has to be the same, byte for byte.
AGAIN := $(TARGET)/again
reproducible: dist
	rm -rf '$(AGAIN)' && mkdir -p '$(AGAIN)/sources'
	git ls-files -z --cached --others --exclude-standard | tar --null --files-from=- -cf - | tar -C '$(AGAIN)/sources' -xf -
	$(MAKE) -C '$(AGAIN)/sources' dist SOURCE_DATE_EPOCH=$(DATE) CARGO_TARGET_DIR='$(call absolute,$(AGAIN))/target' \
		ZIG='$(call absolute,$(ZIG))' EMULATOR='$(call absolute,$(EMULATOR))' PROGRAM='$(call absolute,$(PROGRAM))' DIST='$(call absolute,$(AGAIN))/dist'
	@cd '$(AGAIN)/dist' && for archive in *; do cmp "$$archive" '$(call absolute,$(DIST))'/"$$archive" || exit 1; echo "equal: $$archive"; done
	rm -rf '$(AGAIN)'

# Archives of `make dist`, unpacked under the names that Go has for platforms: what wheels and Go module are made from. Of each: that name, the archive's,
# the wheel's tag.
AS_x86_64-unknown-linux-gnu = linux_amd64 linux-x86_64-glibc$(GLIBC).tar.gz manylinux_2_17_x86_64.manylinux2014_x86_64
AS_aarch64-unknown-linux-gnu = linux_arm64 linux-aarch64-glibc$(GLIBC).tar.gz manylinux_2_17_aarch64.manylinux2014_aarch64
AS_x86_64-unknown-linux-musl = linux_musl_amd64 linux-x86_64-musl.tar.gz musllinux_1_2_x86_64
AS_aarch64-unknown-linux-musl = linux_musl_arm64 linux-aarch64-musl.tar.gz musllinux_1_2_aarch64
AS_x86_64-apple-darwin = darwin_amd64 macos-x86_64.tar.gz macosx_11_0_x86_64
AS_aarch64-apple-darwin = darwin_arm64 macos-arm64.tar.gz macosx_11_0_arm64
AS_x86_64-pc-windows-gnu = windows_amd64 windows-x86_64.zip win_amd64
CARRIED = $(filter-out universal-%,$(PLATFORMS))
UNPACKED ?= $(TARGET)/unpacked
unpacked: dist
	rm -rf $(foreach each,$(CARRIED),'$(UNPACKED)/$(word 1,$(AS_$(each)))') && mkdir -p '$(UNPACKED)'
	python3 bindings/c/packaging/unpack.py '$(UNPACKED)' $(foreach each,$(CARRIED),$(word 1,$(AS_$(each)))='$(DIST)/tencent-chat-$(VERSION)-$(word 2,$(AS_$(each)))')

# The Go module as it is released, with the header and the libraries and emulators of seven platforms inside: $(GO_MODULE)/tree is the module,
# $(GO_MODULE)/proxy is for `GOPROXY=file://`. `make go-tag` then makes the tag that `go get` looks for, in this repository and not beyond it.
GO_MODULE ?= $(TARGET)/go-module
go-module: unpacked
	python3 bindings/go/packaging/module.py '$(UNPACKED)/linux_amd64' '$(GO_MODULE)' $(DATE) \
		$(foreach each,$(filter-out x86_64-unknown-linux-gnu,$(CARRIED)),$(word 1,$(AS_$(each)))='$(UNPACKED)/$(word 1,$(AS_$(each)))')

# A wheel for each of the seven.
wheels: unpacked python-tools
	for wheel in $(foreach each,$(CARRIED),$(word 1,$(AS_$(each))):$(word 3,$(AS_$(each)))); do \
		TENCENT_CHAT_PREFIX='$(call absolute,$(UNPACKED))'/$${wheel%:*} TENCENT_CHAT_PLATFORM=$${wheel#*:} SOURCE_DATE_EPOCH=$(DATE) PYTHONDONTWRITEBYTECODE=1 \
		'$(PYTHON_TOOLS)/bin/python' -m build --wheel --no-isolation --outdir '$(WHEELS)' bindings/python || exit 1; done

go-tag: go-module
	bindings/go/packaging/tag.sh '$(GO_MODULE)/tree' $(VERSION)

build-program:
	$(QUIET_ABOUT_PATHS) $(CARGO) build --locked --profile tool -p tencent-chat-program --bin tencent-chat

# An installation inside the target directory: what demo, tests and faces are built against, never target/release itself.
# The library's link-time optimisation keeps one processor busy for long, so the emulator is built beside it.
stage:
	@$(MAKE) --no-print-directory -s build-emulator & emulator=$$!; \
	$(MAKE) --no-print-directory -s build-library FEATURES=; library=$$?; \
	wait $$emulator && [ $$library -eq 0 ] && $(MAKE) --no-print-directory -s install-emulator PREFIX='$(STAGE)' DESTDIR= FEATURES=

# The Python package for others, in WHEELS: its source distribution, and a wheel of the installation FROM. For machines with older libcs:
# TENCENT_CHAT_PLATFORM=manylinux_2_17_x86_64.manylinux2014_x86_64 make wheel FROM=<unpacked release>
FROM := $(STAGE)
WHEELS := $(TARGET)/wheels
# An environment with what builds and tests the package, and a folder with the wheels of it, for environments of the tests' own; both from the lock.
PYTHON_TOOLS := $(TARGET)/python
PYTHON_WHEELS := $(TARGET)/python-wheels
.PHONY: wheel python-tools
wheel: python-tools $(if $(filter $(STAGE),$(FROM)),stage)
	TENCENT_CHAT_PREFIX='$(call absolute,$(FROM))' PYTHONDONTWRITEBYTECODE=1 \
	'$(PYTHON_TOOLS)/bin/python' -m build --no-isolation --outdir '$(WHEELS)' bindings/python

PIP = '$(PYTHON_TOOLS)/bin/python' -m pip --quiet --disable-pip-version-check
IN_PYTHON_TOOLS := $(subst $(space),\ ,$(PYTHON_TOOLS))
python-tools: $(IN_PYTHON_TOOLS)/bin/pytest
$(IN_PYTHON_TOOLS)/bin/pytest: bindings/python/tests/build.txt bindings/python/tests/requirements.txt
	python3 -m venv --clear '$(PYTHON_TOOLS)'
	@# The first list builds what the second has as sources.
	for list in $^; do $(PIP) download --require-hashes --no-build-isolation --dest '$(PYTHON_WHEELS)' -r $$list && \
		$(PIP) install --require-hashes --no-build-isolation --no-index --find-links '$(subst $(space),%20,file://$(call absolute,$(PYTHON_WHEELS)))' -r $$list || exit 1; done
	touch '$@'

# Emulator and program are half as long in the making without optimisation. The library is as users get it.
demo test test-missed platforms: export CARGO_PROFILE_TOOL_OPT_LEVEL ?= 0
demo: stage
	@python3 tests/demo/demo.py '$(STAGE)' '$(TARGET)/demo'

# Tests note the tools they miss in a folder, a file a tool; after them a table of those, from tests/tools.txt.
export CHAT_MISSING_TOOLS := $(call absolute,$(TARGET))/missing-tools
MISSING_TOOLS = ls "$$CHAT_MISSING_TOOLS" 2>/dev/null | awk -F ' [|] ' -v row='%-34s %-88s %s\n' 'FILENAME == "-" { missing[$$0] } \
	FILENAME != "-" && $$1 in missing { if (!any++) printf "\n" row, "missing", "so this is not proven", "how to get it"; printf row, $$1, $$2, $$3 }' - tests/tools.txt
define with-missing-tools
@rm -rf "$$CHAT_MISSING_TOOLS"
@$(1); status=$$?; $(MISSING_TOOLS); exit $$status
endef

# Everything a user needs to trust the library. Most tests wait, so there are more of them at a time than processors. Groups side by side were tried:
# on two processors they take as long, and what is measured by the clock fails.
TEST_THREADS ?= 8
TESTS = RUST_TEST_THREADS=$(TEST_THREADS) $(CARGO) test --workspace --locked --no-fail-fast
test:
	$(call with-missing-tools,$(TESTS))

# The tests that missed a tool in the last `make test`, once it is there.
test-missed:
	@[ -d "$$CHAT_MISSING_TOOLS" ] || { echo "the last make test missed no tool"; exit 1; }
	CHAT_REQUIRE_ALL=1 $(TESTS) -- --exact $$(sort -u "$$CHAT_MISSING_TOOLS"/*)

# What is too slow for `make test`: all C and C++ programs under AddressSanitizer, UndefinedBehaviorSanitizer, LeakSanitizer and
# ThreadSanitizer, the Go module's tests under the race detector, every fuzzer for 10 seconds, the soak for 20, memory over a million calls and ten
# million items of a list, the Python package compiled from its source distribution. One test at a time: each has its own threads.
check:
	$(call with-missing-tools,CHAT_FUZZ_SECONDS=10 CHAT_SOAK_SECONDS=20 $(CARGO) test --locked --no-fail-fast --features checks --test check -- --test-threads=1)

# Archives, wheels and the Go module for all seven platforms, read, linked with, and run where they can be.
platforms:
	$(call with-missing-tools,$(CARGO) test --locked --no-fail-fast --features checks --test platforms -- --test-threads=4)

# The fuzzers alone, for longer: `make fuzz SECONDS=600`. What they find on the way stays in the target directory.
fuzz:
	CHAT_FUZZ_SECONDS=$(or $(SECONDS),60) $(CARGO) test --locked --features checks --test check fuzz:: -- --test-threads=1

# Everything at once for two minutes, or as long as you say: `make soak SECONDS=3600`. Ends with the totals.
soak:
	CHAT_SOAK_SECONDS=$(or $(SECONDS),120) $(CARGO) test --locked --features checks --test check soak::every_call

# Speed and cost beside other clients: a table, a line of JSON a figure, and tests/perf/ratios.svg. tests/perf/README.md explains each.
bench: stage
	@python3 tests/perf/bench.py '$(STAGE)' '$(call absolute,$(TARGET))/bench'

# A thousand machines on one shared limit, in simulated time; `SCALE="machines callers calls-a-second seconds"` for another size.
fleet:
	@$(CARGO) run --quiet --release --locked --manifest-path tests/perf/fleet/Cargo.toml --target-dir '$(TARGET)/fleet' -- $(SCALE)

# Opt-in: asks the real service, beside the emulator, everything that the vendor's pages leave open.
live:
	@$(CARGO) run --quiet --locked --example live -- "$(CREDENTIALS)"

format:
	$(CARGO) fmt --all
	$(CARGO) fmt --manifest-path tests/fuzz/Cargo.toml
	$(CARGO) fmt --manifest-path tests/perf/fleet/Cargo.toml

# Formatter and lints, warnings denied. By one Rust, whatever is installed beside it: a lint that is new in the next one turns nobody red. Where there
# is no rustup, or it lacks that one (`make deps` gets it), by the Rust that is there.
LINT_RUST := 1.95.0
lint:
	@! rustup run $(LINT_RUST) cargo clippy --version >/dev/null 2>&1 || export RUSTUP_TOOLCHAIN=$(LINT_RUST); $(MAKE) --no-print-directory lints
lints:
	@$(CARGO) clippy --version | sed 's/^/lints of /'
	$(CARGO) fmt --all --check
	$(CARGO) fmt --manifest-path tests/fuzz/Cargo.toml --check
	$(CARGO) fmt --manifest-path tests/perf/fleet/Cargo.toml --check
	$(CARGO) clippy --workspace --all-targets --features checks --locked -- -D warnings
	$(CARGO) clippy --manifest-path tests/fuzz/Cargo.toml --target-dir '$(TARGET)' --lib --locked -- -D warnings
	$(CARGO) clippy --lib --features panic-injection --locked -- -D warnings

# Renews everything that a build or a test takes from a registry: the newest versions that the manifests allow, locked whole with their hashes. A
# Python lock holds for the Python named before it and all later ones. The Go module chatotel names the oldest OpenTelemetry that it works with,
# so that it asks no more of a program than it must, and is not renewed.
LOCKS := 3.9:bindings/python/tests/build 3.9:bindings/python/tests/requirements 3.9:bindings/c/packaging/zig 3.10:tests/perf/python/requirements 3.10:bindings/guides/site 3.10:tests/emulator/browser/requirements 3.9:tests/platforms/python 3.9:tests/lock
LOCK_TOOLS := $(TARGET)/lock
lock:
	python3 -m venv --clear '$(LOCK_TOOLS)'
	'$(LOCK_TOOLS)/bin/python' -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/lock.txt
	for lock in $(LOCKS); do '$(LOCK_TOOLS)/bin/uv' pip compile --quiet --no-config --upgrade --universal --fork-strategy fewest \
		--generate-hashes --no-annotate --custom-compile-command 'make lock' --python-version $${lock%%:*} $${lock#*:}.in -o $${lock#*:}.txt || exit 1; done
	for manifest in Cargo.toml tests/fuzz/Cargo.toml tests/perf/fleet/Cargo.toml tests/perf/peers/Cargo.toml; do $(CARGO) update --manifest-path $$manifest || exit 1; done

header:
	CHAT_WRITE_HEADER=1 $(CARGO) test --quiet --locked --test abi header::the_header_is

# Whatever is made from the code table and the C functions: the header, the page of results, and what the faces would otherwise type again.
faces: header errors
	CHAT_WRITE_FACES=1 $(CARGO) test --quiet --locked --test faces generated::

errors:
	CHAT_WRITE_ERRORS=1 $(CARGO) test --quiet --locked --test documents errors::

# Makes the header of now the released ABI that tests/abi/released.rs compares with. Only at a release.
abi-baseline:
	CHAT_WRITE_ABI=1 $(CARGO) test --quiet --locked --test abi released::no_released

# System packages that the full test uses. Prints them, then installs those that are missing (Debian and Ubuntu).
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
PACKAGES = gcc g++ make binutils libcurl4-openssl-dev libssl-dev $(shell sed -n 's/.* | apt install //p' tests/tools.txt)
deps:
	@echo "system packages: $(PACKAGES)"
	@missing=$$(for p in $(PACKAGES); do dpkg -s $$p >/dev/null 2>&1 || echo $$p; done); \
	if [ -n "$$missing" ]; then echo "installing:" $$missing; $(SUDO) apt-get update -qq && $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing; fi
	@if command -v rustup >/dev/null; then sed -n 's/.* | rustup/rustup/p' tests/tools.txt | sh -e; \
	{ rustup run $(LINT_RUST) cargo clippy --version && rustup run $(LINT_RUST) cargo fmt --version; } >/dev/null 2>&1 || \
	rustup toolchain install $(LINT_RUST) --no-self-update --profile minimal --component clippy,rustfmt; fi

clean:
	$(CARGO) clean
