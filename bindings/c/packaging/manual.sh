#!/bin/sh
# Writes the manual pages: section 3 from the header by Doxygen (`tencent_chat` and a page for each function), section 1 from what the
# emulator says of itself by help2man. The same sources give the same bytes (SOURCE_DATE_EPOCH is the date on the pages).
# A page whose tool is missing is left out and that is said; COMPLETE=1 makes it an error.
#
# usage: manual.sh library OUT VERSION            HTML=YES writes the reference as HTML too; STRICT=1 fails on any warning of Doxygen
#        manual.sh emulator OUT CHAT-EMULATOR
set -eu
export LC_ALL=C TZ=UTC
what=$1 OUT=$2
packaging=$(dirname "$0")
header=$packaging/../../../include/tencent_chat.h

left_out() {
    echo "$1 is not installed, so $2 is left out (\`make deps\` installs it)" >&2
    [ "${COMPLETE-}" != 1 ]
}

library() {
    command -v doxygen >/dev/null || { left_out doxygen "the manual of the C API"; return; }
    # Made aside and then moved, so that an installation at the same time finds whole pages.
    mkdir -p "$OUT/man3"
    made=$(mktemp -d "$OUT/doxygen.XXXXXX")
    trap 'rm -rf "$made"' EXIT
    VERSION=$1 HEADER=$header OUT=$made HTML=${HTML-NO} WARN_AS_ERROR=${STRICT:+FAIL_ON_WARNINGS} doxygen "$packaging/Doxyfile"
    mkdir "$made/pages"
    awk -v OUT="$made/pages" -f "$packaging/pages.awk" "$made/man/man3/tencent_chat.h.3"
    [ ! -d "$made/html" ] || { rm -rf "$OUT/html"; mv "$made/html" "$OUT/html"; }
    mv "$made/pages"/chat_* "$OUT/man3/"
    mv "$made/pages/tencent_chat.3" "$OUT/man3/"
}

emulator() {
    command -v help2man >/dev/null || { left_out help2man "the manual of chat-emulator"; return; }
    mkdir -p "$OUT/man1"
    # By its name alone: help2man gives it to a shell, which takes a blank in a path for its end.
    PATH=$(dirname "$1"):$PATH help2man --no-info --name="the Tencent Chat REST API on this machine, for tests" \
        --output="$OUT/man1/chat-emulator.1" "$(basename "$1")"
}

"$what" "$3"
