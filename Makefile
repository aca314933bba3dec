# What a newcomer types: `make demo` (the main job in four languages against the emulator), `make test` (everything, except what is slow).
# `make deps` is the only target that installs system packages; it prints them first.

CARGO ?= cargo
PREFIX ?= /usr/local
DESTDIR ?=
TARGET := $(or $(CARGO_TARGET_DIR),target)
STAGE := $(abspath $(TARGET))/stage
VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
SONAME := libtencent_chat.so.$(basename $(VERSION))

.PHONY: all build install uninstall stage demo test check header format deps clean

all: build

build:
	$(CARGO) build --release --lib
	$(CARGO) build --profile tool -p chat-emulator --bin chat-emulator

install: build
	install -d $(DESTDIR)$(PREFIX)/lib $(DESTDIR)$(PREFIX)/include $(DESTDIR)$(PREFIX)/bin
	install -m 755 $(TARGET)/release/libtencent_chat.so $(DESTDIR)$(PREFIX)/lib/libtencent_chat.so.$(VERSION)
	ln -sf libtencent_chat.so.$(VERSION) $(DESTDIR)$(PREFIX)/lib/$(SONAME)
	ln -sf $(SONAME) $(DESTDIR)$(PREFIX)/lib/libtencent_chat.so
	install -m 644 $(TARGET)/release/libtencent_chat.a $(DESTDIR)$(PREFIX)/lib/
	install -m 644 include/tencent_chat.h include/tencent_chat.hpp $(DESTDIR)$(PREFIX)/include/
	install -m 755 $(TARGET)/tool/chat-emulator $(DESTDIR)$(PREFIX)/bin/

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/lib/libtencent_chat.so $(DESTDIR)$(PREFIX)/lib/$(SONAME) $(DESTDIR)$(PREFIX)/lib/libtencent_chat.so.$(VERSION)
	rm -f $(DESTDIR)$(PREFIX)/lib/libtencent_chat.a $(DESTDIR)$(PREFIX)/bin/chat-emulator
	rm -f $(DESTDIR)$(PREFIX)/include/tencent_chat.h $(DESTDIR)$(PREFIX)/include/tencent_chat.hpp

# An installation inside the target directory: what demo, tests and faces are built against, never target/release itself.
stage:
	@$(MAKE) --no-print-directory -s install PREFIX=$(STAGE) DESTDIR=
