#!/bin/sh
# Puts a build where compilers, pkg-config, CMake and man look, or takes exactly the same files away again: one list serves both. The
# installed tree can be moved. It only copies, from the folders that the Makefile names in the environment.
#
# usage: install.sh install|uninstall [library] [emulator] [program]      SYSTEM says whose names and places the files get: linux, macos, windows
set -eu
verb=$1
shift
cd "$(dirname "$0")/../../.."
packaging=bindings/c/packaging
abi=${VERSION%.*}
SYSTEM=${SYSTEM:-linux} suffix=
[ "$SYSTEM" != windows ] || suffix=.exe

# put MODE FILE FOLDER [NAME]
put() {
    place=$DESTDIR$3/${4-$(basename "$2")}
    if [ "$verb" = uninstall ]; then
        rm -f "$place"
    else
        install -d "$DESTDIR$3"
        install -m "$1" "$2" "$place"
    fi
}

# link NAME TARGET FOLDER
link() {
    if [ "$verb" = uninstall ]; then rm -f "$DESTDIR$3/$1"; else ln -sf "$2" "$DESTDIR$3/$1"; fi
}

# fill TEMPLATE FOLDER: a template with its marks filled in, under its name without `.in`
fill() {
    name=$(basename "$1" .in)
    # From an empty root, so that a link on this machine (/lib, say) does not lead astray.
    sed -e "s|@VERSION@|$VERSION|g; s|@ABI@|$abi|g; s|@MAJOR@|${VERSION%%.*}|g; s|@NATIVE_LIBS@|$NATIVE_LIBS|g" \
        -e "s|@SHARED@|$shared|g; s|@SHARED_PROPERTY@|$shared_property|g" \
        -e "s|@TO_PREFIX@|$(realpath -ms --relative-to="$2" "$PREFIX")|g" \
        -e "s|@TO_INCLUDE@|$(realpath -ms --relative-to="$2" "$INCLUDEDIR")|g" "$1" >"$scratch/$name"
    put 644 "$scratch/$name" "$2"
}

# forget FOLDER: ours alone, so nothing of it is left
forget() {
    if [ "$verb" = uninstall ] && [ -d "$DESTDIR$1" ]; then find "$DESTDIR$1" -depth -type d -exec rmdir {} \; 2>/dev/null || true; fi
}

# The shared library under the names of its system, and what CMake is told of it: its place beside LIBDIR, and how programs ask for it.
shared_library() {
    case $SYSTEM in
    linux)
        built=libtencent_chat.so shared=libtencent_chat.so.$VERSION
        shared_property="IMPORTED_SONAME \"libtencent_chat.so.$abi\""
        put 755 "$LIBRARY/$built" "$LIBDIR" "$shared"
        link "libtencent_chat.so.$abi" "$shared" "$LIBDIR"
        link libtencent_chat.so "libtencent_chat.so.$abi" "$LIBDIR"
        ;;
    macos)
        built=libtencent_chat.dylib shared=libtencent_chat.$VERSION.dylib
        shared_property="IMPORTED_SONAME \"@rpath/libtencent_chat.$abi.dylib\""
        put 755 "$LIBRARY/$built" "$LIBDIR" "$shared"
        link "libtencent_chat.$abi.dylib" "$shared" "$LIBDIR"
        link libtencent_chat.dylib "libtencent_chat.$abi.dylib" "$LIBDIR"
        ;;
    windows)
        built=tencent_chat.dll shared=$(realpath -ms --relative-to="$LIBDIR" "$BINDIR")/tencent_chat.dll
        shared_property='IMPORTED_IMPLIB "${_tencent_chat_libdir}/libtencent_chat.dll.a"'
        put 755 "$LIBRARY/$built" "$BINDIR"
        put 644 "$LIBRARY/libtencent_chat.dll.a" "$LIBDIR"
        # The same under the name that Microsoft's linker looks for.
        put 644 "$LIBRARY/libtencent_chat.dll.a" "$LIBDIR" tencent_chat.lib
        ;;
    esac
}

library() {
    shared_library
    if [ "$verb" = install ]; then SYSTEM=$SYSTEM "$packaging/localise.sh" "$LIBRARY/$built" "$LIBRARY/libtencent_chat.a" "$scratch/libtencent_chat.a"; fi
    put 644 "$scratch/libtencent_chat.a" "$LIBDIR"
    put 644 include/tencent_chat.h "$INCLUDEDIR"
    put 644 include/tencent_chat.hpp "$INCLUDEDIR"
    for header in include/tencent_chat/*.hpp; do put 644 "$header" "$INCLUDEDIR/tencent_chat"; done
    fill "$packaging/tencent-chat.pc.in" "$LIBDIR/pkgconfig"
    fill "$packaging/tencent-chat-static.pc.in" "$LIBDIR/pkgconfig"
    fill "$packaging/tencent_chat-config.cmake.in" "$LIBDIR/cmake/tencent_chat"
    fill "$packaging/tencent_chat-config-version.cmake.in" "$LIBDIR/cmake/tencent_chat"
    for file in LICENSE-APACHE LICENSE-MIT bindings/c/tsan.supp bindings/c/valgrind.supp; do put 644 "$file" "$DOCDIR"; done
    # Each page at its place in the tree, so that their links lead somewhere.
    for file in README.md CHANGELOG.md SECURITY.md bindings/c/ABI.md bindings/c/ERRORS.md bindings/*/README.md bindings/guides/*.md bindings/guides/grafana.json bindings/guides/alerts.yml \
        bindings/c/samples/*.c bindings/cpp/samples/*.cpp tests/emulator/README.md; do
        put 644 "$file" "$DOCDIR/$(dirname "$file")"
    done
    generated "$PACKAGE/THIRD-PARTY-LICENSES.txt" "$DOCDIR"
    generated "$PACKAGE/tencent-chat.cdx.json" "$DOCDIR"
    generated "$PACKAGE/man3/tencent_chat.3" "$MANDIR/man3"
    for function in $("$packaging/functions.sh" include/tencent_chat.h); do
        generated "$PACKAGE/man3/$function.3" "$MANDIR/man3"
    done
    forget "$INCLUDEDIR/tencent_chat"
    forget "$LIBDIR/cmake/tencent_chat"
    forget "$DOCDIR"
}

emulator() {
    put 755 "$EMULATOR$suffix" "$BINDIR"
    generated "$PACKAGE/man1/chat-emulator.1" "$MANDIR/man1"
    completions chat-emulator
}

program() {
    put 755 "$PROGRAM$suffix" "$BINDIR"
    if [ "$verb" = uninstall ]; then rm -f "$DESTDIR$MANDIR"/man1/tencent-chat.1 "$DESTDIR$MANDIR"/man1/tencent-chat-*.1
    else for page in "$PACKAGE"/man1/tencent-chat*.1; do put 644 "$page" "$MANDIR/man1"; done; fi
    completions tencent-chat
}

# completions PROGRAM: where bash, zsh and fish look
completions() {
    generated "$PACKAGE/completions/$1" "$PREFIX/share/bash-completion/completions"
    generated "$PACKAGE/completions/_$1" "$PREFIX/share/zsh/site-functions"
    generated "$PACKAGE/completions/$1.fish" "$PREFIX/share/fish/vendor_completions.d"
}

# generated FILE FOLDER: a file whose tool may be missing here; that was said when it was left out
generated() {
    if [ "$verb" = uninstall ] || [ -f "$1" ]; then put 644 "$1" "$2"; fi
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
for part in "${@:-library}"; do "$part"; done
