#!/bin/sh
# Turns the static archive of rustc into a single object that shows only the functions of the header, so that it links beside any other
# Rust archive and beside a function of the program's with one of our names (the program's own wins, as with the shared library). Which
# functions to keep it reads from the shared library of the same build.
#
# usage: localise.sh libtencent_chat.so libtencent_chat.a OUT.a       CROSS=aarch64-linux-gnu- names binutils for another machine;
#                                                               UNWINDER=libunwind.a goes in as well; SYSTEM is macos or windows, whose
#                                                               linkers make no such object: there the archive only loses what weighs
set -eu
shared=$1 archive=$2 out=$3
cross=${CROSS-}
here=$(dirname "$0")

if [ "${SYSTEM:-linux}" != linux ]; then
    sysroot=$(rustc --print sysroot)
    LD_LIBRARY_PATH=$sysroot/lib "$sysroot/lib/rustlib/$(rustc -vV | sed -n 's/^host: //p')/bin/rust-objcopy" --enable-deterministic-archives --strip-debug \
        --remove-section=.llvmbc --remove-section=.llvmcmd --remove-section=__LLVM,__bitcode --remove-section=__LLVM,__cmdline "$archive" "$out"
    chmod 644 "$out"
    exit
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"${cross}readelf" --dyn-syms -W "$shared" | awk '$7 != "UND" && $5 == "GLOBAL" && $8 ~ /^chat_/ { print $8 }' | sort -u >"$work/functions"
[ -s "$work/functions" ] || { echo "localise.sh: $shared exports no chat_ function" >&2; exit 1; }
# The one symbol that has to stay: exception tables reach the personality routine through it, and linkers merge it by its name.
{ cat "$work/functions"; echo DW.ref.rust_eh_personality; } >"$work/kept"

# No section groups: the unwinder's would take the place of those of the program's own unwinder, and be of no use to it, since their names are hidden.
# shellcheck disable=SC2046 # one argument each
"${cross}ld" -r --gc-sections --force-group-allocation --wrap=getenv -T "$here/archive.lds" $(sed 's/^/-u /' "$work/functions") "$archive" ${UNWINDER-} -o "$work/linked.o"
# Without .llvmbc: the compiler's own notes for a later link-time optimisation, most of the size. Weak: see above.
"${cross}objcopy" --strip-debug --strip-unneeded --remove-section=.llvmbc --remove-section=.llvmcmd --remove-section=.comment \
    --keep-global-symbols="$work/kept" --weaken-symbols="$work/functions" "$work/linked.o" "$work/tencent_chat.o"
(cd "$work" && "${cross}ar" Dcr out.a tencent_chat.o)
mv -f "$work/out.a" "$out"
chmod 644 "$out"
