#!/bin/sh
# Makes the tarball of one platform: the tree of `make install`, built by the zig compiler against the oldest glibc we support, or
# against musl. The same commit and tools give the same bytes on any machine.
#
# usage: dist.sh TRIPLE GLIBC OUT       the environment is the Makefile's: VERSION, DATE, TARGET, PACKAGE, RUSTFLAGS, ZIG (a
#                                     folder of programs), PARTS (library, emulator)
set -eu
triple=$1 glibc=$2 out=$3
cd "$(dirname "$0")/../../.."
machine=${triple%%-*}
PATH=$ZIG:$PATH
export PATH
case $triple in
*-gnu) name=tencent-chat-$VERSION-linux-$machine-glibc$glibc target=$triple.$glibc ;;
*-musl)
    name=tencent-chat-$VERSION-linux-$machine-musl target=$triple
    # Rust links whole programs by default there, which no shared library can be. The unwinder goes into the archive, so that it can be
    # linked into a program without any shared library too.
    shared='-C target-feature=-crt-static'
    UNWINDER=$(rustc --print sysroot)/lib/rustlib/$triple/lib/self-contained/libunwind.a NATIVE_LIBS=-lc
    export UNWINDER NATIVE_LIBS
    ;;
*) echo "dist.sh: no tarball is made for $triple" >&2; exit 1 ;;
esac

for file in man3/tencent_chat.3 man1/chat-emulator.1 THIRD-PARTY-LICENSES.txt tencent-chat.cdx.json; do
    [ -f "$PACKAGE/$file" ] || { echo "dist.sh: $PACKAGE/$file was not made, and a release lacks nothing (\`make deps\` installs the tools)" >&2; exit 1; }
done
[ "$machine" = "$(uname -m)" ] || export CROSS="$machine-linux-gnu-"
command -v "${CROSS-}objcopy" >/dev/null || { echo "dist.sh: ${CROSS-}objcopy is missing (binutils for $machine; \`make deps\` installs it)" >&2; exit 1; }

RUSTFLAGS="$RUSTFLAGS ${shared-}" cargo-zigbuild rustc --locked --release --lib --crate-type cdylib,staticlib --target "$target"
case " $PARTS " in *" emulator "*) cargo-zigbuild build --locked --profile tool -p chat-emulator --bin chat-emulator --target "$target" ;; esac

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
export DESTDIR="$root/" PREFIX="/$name"
LIBDIR=$PREFIX/lib INCLUDEDIR=$PREFIX/include BINDIR=$PREFIX/bin MANDIR=$PREFIX/share/man DOCDIR=$PREFIX/share/doc/tencent-chat \
    LIBRARY="$TARGET/$triple/release" EMULATOR="$TARGET/$triple/tool/chat-emulator" bindings/c/packaging/install.sh install $PARTS

mkdir -p "$out"
tar -C "$root" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$DATE" --mode=u+rwX,go+rX,go-w --format=gnu -cf - "$name" |
    gzip -9n >"$root/tarball"
mv "$root/tarball" "$out/$name.tar.gz"
(cd "$out" && sha256sum "$name.tar.gz" >"$name.tar.gz.sha256")
echo "$out/$name.tar.gz"
