#!/usr/bin/env python3
"""Recomputes the packet of a no-production lane with nothing but the standard library, and shares no line with the Rust.

  verify_lane.py PACKET

It recomputes the tree of the lane (every file of it and of its rehearsal, by name, digest and size), the form of every
document, `RERUN.sh`, the packet of the rehearsal (`verify_packet.py`) and what binds it to this lane; then it judges
the documents by each other, PER by PER, and the status by that judgement. What the design alone knows, the words of
its lists, `cargo xtask lane verify` compares.
Written from docs/lane.md. Exit code 0 if all of it holds, 1 if something does not, 2 if it can't be read.
"""
import argparse
import json
import os
import re
import stat
import sys

sys.dont_write_bytecode = True
import verify_packet
from packet_follows import printed
from verify_packet import files_of, in_order, read, sha256

DOCUMENTS = {
    "delegation-and-authority-lock": "format_version lane gate delegation authority delegated_by delegation_sha256 "
                                     "authorizes_production asks",
    "execution-plan": "format_version stages mutations not_attempted",
    "forbidden-surface-proof": "format_version observed surfaces any_forbidden_surface_attempted",
    "governance-addendum": "format_version status apply_now ceiling objects compared_with collisions canonical",
    "post-execution-review": "format_version status checks",
    "preflight": "format_version inputs pins prior_verdicts",
    "probes": "format_version classes controls findings",
    "production-readiness-blocker-map": "format_version production default lane_gate blockers",
    "rollback-gate": "format_version gate mutations mutations_fabricated production_rollback_status",
    "scope-lock": "format_version lane target writes forbidden",
}
TEXTS = ["RERUN.sh", "operative-document.md", "owner-operator-note.md"]
LIST = "format_version lane status files tree_sha256"
ENVIRONMENT = "format_version connections statements programs network elapsed_ms"
BESIDE = ["environment.json", "environment.sha256"]
CLEAN = "NO_PRODUCTION_EXECUTION_CLEAN"
RERUN = """#!/bin/sh
# Runs the lane again on the same bytes and compares the two trees.
# Usage: sh RERUN.sh CHECKOUT [ARGUMENT…]; arguments go to `cargo xtask lane`, `--postgres` for one.
set -eu
test $# -ge 1 || { echo 'usage: sh RERUN.sh CHECKOUT [ARGUMENT…]' >&2; exit 2; }
packet=$(cd "$(dirname "$0")" && pwd)
again=$(mktemp -d)
trap 'rm -rf "$again"' EXIT
cd "$1"
shift
cargo xtask lane verify "$packet" --this-checkout
cargo xtask lane "$@" --packet "$again/packet"
major() { sed -n 's/.*"major": \\([0-9]*\\).*/\\1/p' "$1/rehearsal/environment.json"; }
cmp "$packet/lane.json" "$again/packet/lane.json" || {
    echo "the rerun gave another tree, on PostgreSQL $(major "$again/packet"); the packet is of $(major "$packet"), which --postgres-version asks for" >&2
    exit 1
}
echo 'the rerun gave the same tree'
"""


def folder(path, but=()):
    """Its regular files, after what speaks against any other entry."""
    *wrong, files = files_of(path)
    return [line for line in wrong if not line.endswith(tuple(f": {name!r}" for name in but))], files


def tree(own, below, listed):
    found = {**own, **{f"rehearsal/{name}": content for name, content in below.items()}}
    beside = {"lane.json", *BESIDE, *(f"rehearsal/{name}" for name in BESIDE)}
    yield from in_order("lane.json", listed["files"])
    entries = {entry["path"]: entry for entry in listed["files"]}
    for name in sorted(set(entries) ^ (set(found) - beside)):
        yield f"{'FILE_MISSING' if name in entries else 'FILE_ADDED'}: {name!r}"
    for name, entry in entries.items():
        if name in found and (len(found[name]), sha256(found[name])) != (entry["size"], entry["sha256"]):
            yield f"FILE_DIGEST: {name!r}"
    body = [["lane", listed["lane"]], ["status", listed["status"]],
            ["files", [[entry["path"], entry["sha256"], str(entry["size"])] for entry in listed["files"]]]]
    text = json.dumps(["lane_tree", "v1", body], ensure_ascii=False, separators=(",", ":")) + "\n"
    if sha256(text.encode()) != listed["tree_sha256"]:
        yield f"TREE_DIGEST: {listed['tree_sha256']!r}"
    if own.get("environment.sha256") != (sha256(own.get("environment.json", b"")) + "  environment.json\n").encode():
        yield "ENVIRONMENT_DIGEST: environment.json"


def forms(own, documents, listed):
    """Each document as it is printed, with the keys of its format and no other; and no file but these."""
    wanted = {f"{name}.json" for name in DOCUMENTS} | {*TEXTS, *BESIDE, "lane.json"}
    for name in sorted(wanted ^ set(own)):
        yield f"{'FILE_MISSING' if name in wanted else 'FILE_UNKNOWN'}: {name!r}"
    keys = {**DOCUMENTS, "lane": LIST, "environment": ENVIRONMENT}
    for name, document in [*documents.items(), ("lane", listed)]:
        if list(document) != keys[name].split() or document["format_version"] != 1:
            yield f"KEY_UNKNOWN or FORMAT_UNKNOWN: {name}.json"
        elif own[f"{name}.json"] != printed(document):
            yield f"NOT_CANONICAL: {name}.json"
    if own.get("RERUN.sh") != RERUN.encode():
        yield "LANE_DOCUMENT_DIFFERS: RERUN.sh is another script; do not run it"


def bound(documents, below):
    """The rehearsal passed, is whole, and is of the bytes that the preflight saw."""
    plan, inputs = read(below["plan.json"]), documents["preflight"]["inputs"]
    rehearsed = {entry["path"]: entry["sha256"] for entry in plan["files"]}
    if read(below["packet.json"])["verdict"]["value"] != "pass" or plan["asked"] or plan["estate"] or not plan["committed"]:
        yield "LANE_REHEARSAL_UNFIT: it did not pass, or not with everything"
    if plan["plan"] not in [one["path"] for one in inputs]:
        yield "LANE_REHEARSAL_UNFIT: the preflight did not see its plan"
    for one in inputs:
        if rehearsed.get(one["path"], one["sha256"]) != one["sha256"]:
            yield f"LANE_REHEARSAL_UNFIT: other bytes of {one['path']!r}"


def unrestored(one):
    """Whether nothing was applied, or something is left."""
    states = one["before"], one["after_apply"], one["after_rollback"]
    return not all(states) or states[0] == states[1] or states[0] != states[2]


def checks(documents):
    """What speaks against each of PER-1 to PER-10, from the other documents."""
    lock, plan, proof, addendum = (documents[name] for name in list(DOCUMENTS)[:4])
    preflight, probes, blockers, gate, scope = (documents[name] for name in list(DOCUMENTS)[5:])
    observed, surfaces = proof["observed"], proof["surfaces"]
    parts, shown = gate["gate"], {one["id"]: one for one in gate["mutations"]}
    touched = {key: value for key, value in observed.items()
               if key not in ("statements_counted", "own_server_recorded", "foreign_statements_naming") and value}
    yield [scope["lane"] != lock["lane"], scope["target"] != "throwaway", scope["writes"] != "the packet",
           not scope["forbidden"], not plan["not_attempted"], [one["id"] for one in plan["stages"]] != [f"S{number}" for number in range(8)]]
    yield [not observed["own_server_recorded"], not observed["statements_counted"], touched,
           any(observed["foreign_statements_naming"].values()), proof["any_forbidden_surface_attempted"],
           [one["id"] for one in surfaces] != [one["id"] for one in scope["forbidden"]],
           [one for one in surfaces if one["status"] not in ("UNTOUCHED", "NOT_REQUESTED")]]
    yield [parts["verdict"] != "pass", parts["frozen"], parts["packet"], not parts["proofs"], *(
        not any(line.startswith(f"ROLLBACK_APPLY_DID_NOT_MUTATE:{name}") for line in parts[of])
        for name in parts["proofs"] for of in ("fabricated", "frozen_fabricated"))]
    controls = {one["door"]: one for one in probes["controls"]}
    asked = [probe for one in probes["classes"] for probe in one["probes"]]
    yield [probes["findings"], not asked, [one for one in probes["classes"] if len(one["probes"]) < 2],
           [probe for probe in asked if not probe["refused"] or not probe["expects"]],
           [probe for probe in asked if not controls[probe["door"]]["accepted"] or not controls[probe["door"]]["noticed"]]]
    yield [not plan["mutations"], *(
        one["id"] not in shown or unrestored(shown[one["id"]]) or f"ROLLBACK_APPLY_DID_NOT_MUTATE:{one['id']}" not in gate["mutations_fabricated"]
        for one in plan["mutations"] if one["id"] in shown or one["id"] not in parts["proofs"])]
    yield [gate["production_rollback_status"] != "NOT_APPLICABLE",
           [one for one in plan["mutations"] if one["target"] not in ("packet", "throwaway")]]
    yield [not preflight["pins"], [one for one in preflight["pins"] if len({one["pinned"], one["before"], one["after"]}) != 1]]
    yield [not preflight["prior_verdicts"],
           [one for one in preflight["prior_verdicts"] if (one["before"], one["after"]) != ("pass", "pass")]]
    numbers = [int(re.search("[0-9]+$", one["id"])[0]) for one in addendum["objects"]]
    yield [addendum["collisions"], not addendum["compared_with"], not addendum["canonical"], not numbers,
           numbers != list(range(addendum["ceiling"] + 1, addendum["ceiling"] + 1 + len(numbers))),
           [one for one in addendum["objects"] + [addendum] if (one["status"], one["apply_now"]) != ("PROPOSED", "NO")],
           [one for one in addendum["canonical"] if not one["before"] or one["before"] != one["after"]]]
    delegated = [one["sha256"] for one in preflight["inputs"] if one["id"] == "delegation"]
    passed = blockers["lane_gate"]
    yield [lock["authorizes_production"], lock["asks"], delegated != [lock["delegation_sha256"]],
           [one for one in preflight["inputs"] if one["verdict"] != "pass"], not blockers["blockers"],
           (blockers["production"], blockers["default"]) != ("BLOCKED", "HOLD"),
           [one for one in blockers["blockers"] if one["status"] != "OPEN"],
           (passed["id"], passed["satisfied_by"]) != (lock["gate"], lock["delegation"])]


def judged(documents, listed):
    review = documents["post-execution-review"]
    found = [f"PER-{number}" for number, against in enumerate(checks(documents), 1) if any(against)]
    for name in found:
        yield f"REVIEW_FAILED: {name}"
    stated = [(one["id"], one["verdict"], one["found"]) for one in review["checks"]]
    if not found and (review["status"] != CLEAN or stated != [(f"PER-{number}", "PASS", []) for number in range(1, 11)]):
        yield "REVIEW_DIFFERS: post-execution-review.json"
    if (listed["status"] == "STOPPED") is (review["status"] == CLEAN) or listed["lane"] != documents["scope-lock"]["lane"]:
        yield "LANE_STATUS_DIFFERS: lane.json"


def verify(packet):
    wrong, own = folder(packet, ["rehearsal"])
    path = os.path.join(packet, "rehearsal")
    if not stat.S_ISDIR(os.lstat(path).st_mode):
        raise ValueError("`rehearsal` is no folder of this packet")
    more, below = folder(path)
    listed = read(own["lane.json"])
    wrong += more + list(tree(own, below, listed))
    if not wrong:
        documents = {name: read(own[f"{name}.json"]) for name in [*DOCUMENTS, "environment"]}
        wrong += forms(own, documents, listed)
    if not wrong and verify_packet.verify(argparse.Namespace(packet=path, signed=None)):
        wrong.append("LANE_REHEARSAL_UNFIT: its packet does not recompute")
    if not wrong:
        wrong += bound(documents, below)
    if not wrong:
        wrong += judged(documents, listed)
    for line in wrong:
        print(ascii(line)[1:-1], file=sys.stderr)
    if not wrong:
        print(f"lane tree {listed['tree_sha256']}, {listed['status']}")
        print(f"recomputed {len(listed['files'])} files and PER-1 to PER-10")
    return 1 if wrong else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("packet")
    given = parser.parse_args()
    try:
        sys.exit(verify(given.packet))
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        print(f"{ascii(given.packet)} can't be recomputed: {ascii(error)}", file=sys.stderr)
        sys.exit(2)
