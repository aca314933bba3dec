#!/bin/sh
# Publishes the released Go module in a git repository, for `go get` to find: a commit on top of the given one with the module's folder in
# the place of its sources, under the tag that the go command looks for. The tag alone reaches it; no branch carries the binaries, and
# the work tree stays as it is. The module chatotel carries none: its tag is put on the given commit itself. Pushes nothing.
#
# usage: tag.sh TREE VERSION [COMMIT]        TREE is what module.py wrote; run it inside the repository
set -eu
tree=$(realpath "$1") version=$2 commit=$(git rev-parse --verify "${3:-HEAD}^{commit}")
cd "$(git rev-parse --show-toplevel)"
tag=bindings/go/v$version spans=bindings/go/chatotel/v$version
for name in "$tag" "$spans"; do
    git check-ref-format "refs/tags/$name"
    if git rev-parse --verify --quiet "refs/tags/$name" >/dev/null; then
        echo "tag.sh: $name is there already, and a published version never changes: delete the tag if nobody has it, or release another version" >&2
        exit 1
    fi
done
git show "$commit:bindings/go/chatotel/go.mod" | grep -q "/bindings/go v$version\$" || {
    echo "tag.sh: bindings/go/chatotel/go.mod asks for another version of the module than $version, which is released" >&2
    exit 1
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export GIT_INDEX_FILE="$scratch/index"
git read-tree "$commit"
git rm -r -q --cached bindings/go
(cd "$tree" && find . -type f -printf '%P\n') | LC_ALL=C sort | while read -r file; do
    # A stand-in's attributes or an ignore rule must not keep a binary out, nor change its bytes.
    printf '100644 %s\tbindings/go/%s\n' "$(git hash-object -w --no-filters "$tree/$file")" "$file"
done | git update-index --index-info
made=$(git commit-tree "$(git write-tree)" -p "$commit" -m "Go module v$version with its library")
git tag "$tag" "$made"
git tag "$spans" "$commit"
echo "$tag and $spans are made: publish them with \`git push REMOTE $tag $spans\`"
