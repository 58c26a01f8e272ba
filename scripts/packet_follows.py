"""What of a packet follows from the rest: `RERUN.sh` from the plan, both statements from the tree.

Read by `verify_packet.py`, written from docs/evidence.md.
"""
import json

from packet_lists import LINES

# Versions of a packet: without lists and statements, and with them.
PLAIN, LISTS = 1, 4
TREE = ["RERUN.sh", "outcome.json", "plan.json", "rollback.json"]
STATEMENTS = ["migration-rehearsal.intoto.json", "test-result.intoto.json"]
RERUN = """#!/bin/sh
# Rehearses the same bytes again and compares the two trees, byte for byte.
# Usage: sh RERUN.sh CHECKOUT [ARGUMENT…]; arguments go to `cargo xtask rehearse`, `--postgres` for one.
{estate}set -eu
test $# -ge 1 || {{ echo 'usage: sh RERUN.sh CHECKOUT [ARGUMENT…]' >&2; exit 2; }}
packet=$(cd "$(dirname "$0")" && pwd)
again=$(mktemp -d)
trap 'rm -rf "$again"' EXIT
cd "$1"
shift
cargo xtask evidence verify "$packet" --this-checkout
cargo xtask rehearse{arguments} "$@" --evidence "$again/packet" || test $? = 1
{major}for file in {compared}; do
    cmp "$packet/$file" "$again/packet/$file"{otherwise}
done
echo 'the rerun gave the same tree'
"""
ON_A_DUMP = "# It was rehearsed on a dump: add `--estate FILE` and what names its roles.\n"
MAJOR = """major() { sed -n 's/.*"major": \\([0-9]*\\).*/\\1/p' "$1/environment.json"; }\n"""
OTHERWISE = """ || {
        echo "the rerun gave another tree, on PostgreSQL $(major "$again/packet"); the packet is of $(major "$packet"), which --postgres-version asks for" >&2
        exit 1
    }"""


def printed(value):
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()


def script(plan, version):
    lists = version == LISTS
    names = TREE + [f"{name}.jsonl" for name in LINES] * lists
    arguments = [f" --shape {plan['shape']}"] * (plan["shape"] != "auto") + [" --committed"] * plan["committed"]
    return RERUN.format(
        estate=ON_A_DUMP * plan["estate"], major=MAJOR * lists, otherwise=OTHERWISE * lists,
        arguments="".join(arguments + [f" {package}" for package in plan["asked"]]),
        compared=" ".join(["packet.json"] + sorted(names))).encode()


def statements(packet, plan, outcome):
    def descriptor(one):
        return {"name": one["path"], "digest": {"sha256": one["sha256"]}}
    worst = {}
    for run in outcome["guards"]["runs"]:
        worst.setdefault(run["guard"], set()).add(run["verdict"])
    worst = {guard: "fail" if "fail" in found else "pass" if found == {"pass"} else "warned" for guard, found in worst.items()}
    verdict = packet["verdict"]
    own = {"name": "packet", "digest": {"sha256": packet["tree_sha256"]}}
    ended = {name: sorted(guard for guard in worst if worst[guard] == end)
             for name, end in (("passedTests", "pass"), ("warnedTests", "warned"), ("failedTests", "fail"))}
    told = [("urn:attestation:migration-rehearsal:v0.1", {
        "packet": {"tree_sha256": packet["tree_sha256"], "format_version": packet["format_version"]},
        "verdict": verdict["value"], "rests_on": verdict["rests_on"], "shape": outcome["shape"],
        "committed": plan["committed"],
        "packages": [{"id": one["id"], "verdict": one["verdict"]} for one in outcome["packages"]],
        "rollback": outcome["rollback"], "negatives": outcome["negatives"], "findings": len(outcome["findings"])})]
    told.append(("https://in-toto.io/attestation/test-result/v0.1", {
        "result": "PASSED" if verdict["value"] == "pass" else "FAILED",
        "configuration": [descriptor(one) for one in plan["files"] if one["path"] == plan["plan"]] + [own], **ended}))
    subjects = [descriptor(one) for one in plan["files"]
                if one["path"] == plan["plan"] or one["path"].endswith("/index.toml")]
    for name, (kind, predicate) in zip(STATEMENTS, told):
        yield name, printed({"_type": "https://in-toto.io/Statement/v1", "subject": subjects,
                             "predicateType": kind, "predicate": predicate})
