#!/bin/sh
# Makes the archive of one platform: the tree of `make install`, built by the zig compiler against the oldest glibc we support, against musl
# or for macOS, and by mingw for Windows (a zip). The same commit and tools give the same bytes on any machine.
#
# usage: dist.sh TRIPLE GLIBC OUT       the environment is the Makefile's: VERSION, DATE, TARGET, PACKAGE, ZIG (a folder of
#                                     programs), CARGO_ENCODED_RUSTFLAGS, PARTS (library, emulator, program)
set -eu
triple=$1 glibc=$2 out=$3
cd "$(dirname "$0")/../../.."
machine=${triple%%-*}
PATH=$ZIG:$PATH
export PATH
build=cargo-zigbuild target=$triple SYSTEM=linux
# Between two flags for rustc; a blank may be in one of them.
and=$(printf '\037')
case $triple in
*-linux-gnu) name=linux-$machine-glibc$glibc target=$triple.$glibc ;;
*-linux-musl)
    name=linux-$machine-musl
    # Rust links whole programs by default there, which no shared library can be. The unwinder goes into the archive, so that it can be
    # linked into a program without any shared library too.
    shared="${and}-C${and}target-feature=-crt-static"
    UNWINDER=$(rustc --print sysroot)/lib/rustlib/$triple/lib/self-contained/libunwind.a NATIVE_LIBS=-lc
    export UNWINDER
    ;;
universal-apple-darwin) name=macos-universal SYSTEM=macos NATIVE_LIBS= ;;
*-apple-darwin) name=macos-$(echo "$machine" | sed s/aarch64/arm64/) SYSTEM=macos NATIVE_LIBS= ;;
x86_64-pc-windows-gnu)
    name=windows-$machine build=cargo SYSTEM=windows NATIVE_LIBS='-lws2_32 -luserenv -lntdll -lbcrypt -ladvapi32 -lkernel32 -ldbghelp'
    CARGO_ENCODED_RUSTFLAGS="$CARGO_ENCODED_RUSTFLAGS${and}-C${and}link-arg=-Wl,--no-insert-timestamp"
    ;;
*) echo "dist.sh: no archive is made for $triple" >&2; exit 1 ;;
esac
if [ $SYSTEM = macos ]; then
    # By Rust's own lld, since zig's linker exports whatever is global. Of the SDK it needs the system's library alone, which zig tells of, in words
    # that are too new for lld; of libiconv, which a dependency names, nothing is taken.
    sdk=$TARGET/macos-sdk/usr/lib
    mkdir -p "$sdk"
    sed 's/arm64e\.x1-/arm64-/g' "$("$ZIG/python" -c 'import ziglang; print(*ziglang.__path__)')/lib/libc/darwin/libSystem.tbd" >"$sdk/libSystem.tbd"
    cp "$sdk/libSystem.tbd" "$sdk/libc.tbd" && cp "$sdk/libSystem.tbd" "$sdk/libm.tbd"
    printf -- "--- !tapi-tbd\ntbd-version: 4\ntargets: [ x86_64-macos, arm64-macos ]\ninstall-name: '/usr/lib/libiconv.2.dylib'\n...\n" >"$sdk/libiconv.tbd"
    for flag in linker=rust-lld linker-flavor=ld64.lld link-arg=-syslibroot "link-arg=${sdk%/usr/lib}" link-arg=-dead_strip_dylibs; do
        CARGO_ENCODED_RUSTFLAGS="$CARGO_ENCODED_RUSTFLAGS${and}-C${and}$flag"
    done
fi
name=tencent-chat-$VERSION-$name
# The oldest macOS that the wheels and the README name.
MACOSX_DEPLOYMENT_TARGET=11.0
export CARGO_ENCODED_RUSTFLAGS NATIVE_LIBS SYSTEM MACOSX_DEPLOYMENT_TARGET

for file in man3/tencent_chat.3 man1/chat-emulator.1 THIRD-PARTY-LICENSES.txt tencent-chat.cdx.json; do
    [ -f "$PACKAGE/$file" ] || { echo "dist.sh: $PACKAGE/$file was not made, and a release lacks nothing (\`make deps\` installs the tools)" >&2; exit 1; }
done
if [ $SYSTEM = linux ]; then
    [ "$machine" = "$(uname -m)" ] || export CROSS="$machine-linux-gnu-"
    command -v "${CROSS-}objcopy" >/dev/null || { echo "dist.sh: ${CROSS-}objcopy is missing (binutils for $machine; \`make deps\` installs it)" >&2; exit 1; }
fi

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
# What is linked in differs from platform to platform.
cp -R "$PACKAGE" "$root/package"
PACKAGE=$root/package
export PACKAGE PREFIX="/$name" LIBDIR="/$name/lib" INCLUDEDIR="/$name/include" BINDIR="/$name/bin" MANDIR="/$name/share/man" DOCDIR="/$name/share/doc/tencent-chat"

halves=$triple
[ "$triple" != universal-apple-darwin ] || halves='aarch64-apple-darwin x86_64-apple-darwin'
programs=
case " $PARTS " in *" emulator "*) programs="$programs -p chat-emulator --bin chat-emulator" ;; esac
case " $PARTS " in *" program "*) programs="$programs -p tencent-chat-program --bin tencent-chat" ;; esac
for half in $halves; do
    [ "$half" = "$triple" ] || target=$half
    # Beside the library, whose link-time optimisation keeps one processor busy for long, and in another profile's folder, or it would get the features
    # of the programs. Each with its own scripts by which cargo-zigbuild calls zig, since it writes them anew at every start.
    # shellcheck disable=SC2086 # several words
    [ -z "$programs" ] || CARGO_ZIGBUILD_CACHE_DIR=$TARGET/zig-programs $build build --locked --profile tool $programs --target "$target" & building=$!
    CARGO_ZIGBUILD_CACHE_DIR=$TARGET/zig-library CARGO_ENCODED_RUSTFLAGS="$CARGO_ENCODED_RUSTFLAGS${shared-}" \
        $build rustc --locked --release --lib --crate-type cdylib,staticlib --target "$target"
    wait "$building"
    python3 bindings/c/packaging/components.py "$PACKAGE" "$half"
    # shellcheck disable=SC2086
    DESTDIR="$root/$half" LIBRARY="$TARGET/$half/release" EMULATOR="$TARGET/$half/tool/chat-emulator" PROGRAM="$TARGET/$half/tool/tencent-chat" \
        bindings/c/packaging/install.sh install $PARTS
done
tree=$root/$half
# Joined as they are installed: stripped, which an older LLVM can read.
[ "$halves" = "$triple" ] || for file in lib/libtencent_chat.$VERSION.dylib lib/libtencent_chat.a bin/chat-emulator bin/tencent-chat; do
    [ -f "$tree/$name/$file" ] || continue
    "$(llvm-config --bindir)/llvm-lipo" -create "$root"/*-apple-darwin/"$name/$file" -output "$root/joined"
    cat "$root/joined" >"$tree/$name/$file"
done

mkdir -p "$out"
if [ $SYSTEM = windows ]; then
    archive=$name.zip
    python3 bindings/c/packaging/zip.py "$tree" "$name" "$root/archive" "$DATE"
else
    archive=$name.tar.gz
    tar -C "$tree" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$DATE" --mode=u+rwX,go+rX,go-w --format=gnu -cf - "$name" |
        gzip -9n >"$root/archive"
fi
mv "$root/archive" "$out/$archive"
(cd "$out" && sha256sum "$archive" >"$archive.sha256")
echo "$out/$archive"
