#!/bin/sh
# Rehearses the same bytes again and compares the two trees, byte for byte.
# Usage: sh RERUN.sh CHECKOUT [ARGUMENT…]; arguments go to `cargo xtask rehearse`, `--postgres` for one.
set -eu
test $# -ge 1 || { echo 'usage: sh RERUN.sh CHECKOUT [ARGUMENT…]' >&2; exit 2; }
packet=$(cd "$(dirname "$0")" && pwd)
again=$(mktemp -d)
trap 'rm -rf "$again"' EXIT
cd "$1"
shift
cargo xtask evidence verify "$packet" --this-checkout
cargo xtask rehearse --committed "$@" --evidence "$again/packet" || test $? = 1
for file in packet.json RERUN.sh outcome.json plan.json rollback.json; do
    cmp "$packet/$file" "$again/packet/$file"
done
echo 'the rerun gave the same tree'
