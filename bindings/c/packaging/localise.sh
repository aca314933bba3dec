#!/bin/sh
# Makes of the static archive that rustc writes one that can stand beside any other archive: a single object that shows the functions of
# the header and hides everything else, so that a second Rust archive in the same program meets no symbol twice.
# Promises that a program may own a function with the name of one of ours (the program's own wins, as it does with the shared library),
# and that the environment is as empty for it as for the shared library (see the Makefile).
# Knows nothing of what the functions do; which they are it reads from the shared library of the same build.
#
# usage: localise.sh libtencent_chat.so libtencent_chat.a OUT.a       CROSS=aarch64-linux-gnu- names binutils for another machine;
#                                                               UNWINDER=libunwind.a goes in as well
set -eu
shared=$1 archive=$2 out=$3
cross=${CROSS-}
here=$(dirname "$0")

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"${cross}readelf" --dyn-syms -W "$shared" | awk '$7 != "UND" && $5 == "GLOBAL" && $8 ~ /^chat_/ { print $8 }' | sort -u >"$work/functions"
[ -s "$work/functions" ] || { echo "localise.sh: $shared exports no chat_ function" >&2; exit 1; }
# The one symbol that has to stay: exception tables reach the personality routine through it, and linkers merge it by its name.
{ cat "$work/functions"; echo DW.ref.rust_eh_personality; } >"$work/kept"

# shellcheck disable=SC2046 # one argument each
"${cross}ld" -r --gc-sections --wrap=getenv -T "$here/archive.lds" $(sed 's/^/-u /' "$work/functions") "$archive" ${UNWINDER-} -o "$work/linked.o"
# Without .llvmbc: the compiler's own notes for a later link-time optimisation, most of the size. Weak: see above.
"${cross}objcopy" --strip-debug --strip-unneeded --remove-section=.llvmbc --remove-section=.llvmcmd --remove-section=.comment \
    --keep-global-symbols="$work/kept" --weaken-symbols="$work/functions" "$work/linked.o" "$work/tencent_chat.o"
(cd "$work" && "${cross}ar" Dcr out.a tencent_chat.o)
mv -f "$work/out.a" "$out"
chmod 644 "$out"
