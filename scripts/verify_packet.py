#!/usr/bin/env python3
"""Recomputes an evidence packet with nothing but the standard library, and shares no line with the Rust.

  verify_packet.py PACKET
  verify_packet.py PACKET --signed FILE --allowed-signers FILE    and the signatures of FILE.PRINCIPAL.sig

It recomputes the packet's tree, every digest of H01 to H07 from what it was made of, that payloads are made of the
listed items and envelopes of the payloads, the numbers of tests, rows and mutants and what told each of them, and the
rollback gate; signatures are left to `ssh-keygen -Y verify`.
Written from docs/evidence.md. Exit code 0 if all of it holds, 1 if something does not, 2 if it can't be read.
"""
import argparse
import glob
import hashlib
import json
import os
import stat
import subprocess
import sys

sys.dont_write_bytecode = True
from recompute_hashes import CONTRACTS, digest

NAMESPACES = {"reaudit": "fix7-reaudit", "operator_authorization": "fix7-operator-authorization"}
BESIDE = {1: set(), 3: {"migration-rehearsal.intoto.json", "test-result.intoto.json"}}
BYTES_MAX = 16 * 1024 * 1024


def files_of(folder):
    """Regular files by name; nothing is followed, and nothing is read above the limit."""
    files = {}
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        found = os.lstat(path)
        if not stat.S_ISREG(found.st_mode) or found.st_size > BYTES_MAX:
            yield f"FILE_NOT_REGULAR or FILE_TOO_LARGE: {name!r}"
            continue
        with open(path, "rb") as file:
            files[name] = file.read()
    yield files


def no_key_twice(pairs):
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)


def read(text):
    return json.loads(text, object_pairs_hook=no_key_twice)


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def tree(files, packet):
    listed = {entry["path"]: entry for entry in packet["files"]}
    if [entry["path"] for entry in packet["files"]] != sorted(listed):
        yield "LIST_ORDER: packet.json"
    beside = BESIDE[packet["format_version"]] | {"packet.json", "environment.json", "environment.sha256"}
    for name in sorted(set(files) ^ (set(listed) | beside)):
        yield f"{'FILE_ADDED' if name in files else 'FILE_MISSING'}: {name!r}"
    for name, entry in listed.items():
        content = files.get(name, b"")
        if (len(content), sha256(content)) != (entry["size"], entry["sha256"]):
            yield f"FILE_DIGEST: {name!r}"
    body = [["verdict", packet["verdict"]["value"]], ["rests_on", packet["verdict"]["rests_on"]],
            ["files", [[entry["path"], entry["sha256"], str(entry["size"])] for entry in packet["files"]]]]
    text = json.dumps(["evidence_tree", "v1", body], ensure_ascii=False, separators=(",", ":")) + "\n"
    if sha256(text.encode()) != packet["tree_sha256"]:
        yield f"TREE_DIGEST: {packet['tree_sha256']}"
    line = sha256(files.get("environment.json", b"")) + "  environment.json\n"
    if files.get("environment.sha256", b"") != line.encode():
        yield "ENVIRONMENT_DIGEST: environment.json"


def hashes(lines):
    """Each digest from its input; then what one digest says of another."""
    known = {(line["contract"], line["subject"]): line["sha256"] for line in lines}
    for line in lines:
        contract, given, subject = line["contract"], line["input"], line["subject"]
        if contract == "H06":
            contract, given = f"H06 {given[0]}", given[1:]
        if digest(CONTRACTS[contract](*given)) != line["sha256"]:
            yield f"HASH_DIFFERS: {contract} {subject!r}"
        surface, bound = subject.split(" ")[0], []
        if contract == "H02":
            bound = [("H01", f"{surface} {key}", sha) for _, key, sha in given[0]]
        if contract == "H03":
            bound = [("H02", f"{surface} payload", given[3]), ("H05", f"{surface} expected items", given[4])]
        for of, name, sha in bound:
            if known.get((of, name)) != sha:
                yield f"HASH_DIFFERS: {subject!r} binds another {of} of {name!r}"


def lists(outcome, tests, rows, mutants, attacks):
    """The outcome's numbers from the lists, and that what told a mutant is listed as well."""
    def ended(kind, *ends):
        return sum(one["of"] == kind and one["end"] in ends for one in mutants)
    numbers, counts = outcome["negatives"], outcome["mutants"]
    pairs = [(numbers, "tests", len(tests)), (numbers, "sole_cause", sum(test["sole_cause"] for test in tests)),
             (numbers, "accepted_rows", len(rows)), (numbers, "accepted", sum(row["accepted"] for row in rows)),
             (outcome["attacks"], "attempts", len(attacks)), (counts["guards"], "killed", ended("guards", "killed")),
             (counts["schema"], "killed", ended("schema", "killed"))]
    pairs += [(counts["manifest"], "killed", ended("manifest", "killed", "refused"))]
    weak = (counts["schema"] or {}).get("weakened")
    for key, end in (("killed",) * 2, ("catalog_alone",) * 2, ("by_accident",) * 2, ("survivors", "survived")):
        pairs.append((weak, key, ended("weakened", end)))
    for told, key, found in pairs:
        # What was not reached has no number, and no line.
        if (told or {}).get(key, 0) != found:
            yield f"EXHIBIT_DIFFERS: {key} is {(told or {}).get(key, 0)!r}, the list comes to {found}"
    causes = sorted(one["id"] for one in mutants if one["of"] == "schema")
    if causes and causes != sorted({test["cause"] for test in tests}):
        yield "EXHIBIT_DIFFERS: what was taken away is not what the tests have as their causes"
    known = {test["id"] for test in tests if test["sole_cause"]} | {row["id"] for row in rows if row["accepted"]}
    weakened = [one for one in mutants if one["of"] == "weakened"]
    for one in weakened:
        if one["end"] == "killed" and one["by"] not in known:
            yield f"EXHIBIT_DIFFERS: {one['id']!r} is told by {one['by']!r}, which is not listed"
    if len({one["id"] for one in weakened}) != len(weakened):
        yield "EXHIBIT_DIFFERS: a weakened object stands twice"


def gate(packet, plan, rollback, outcome):
    if (packet["verdict"]["value"], bool(rollback["proofs"])) != (outcome["verdict"], True):
        yield "VERDICT_DIFFERS: packet.json, or no proof of a rollback"
    if packet["verdict"]["value"] != "pass":
        return
    packages, planned = outcome["packages"], len(plan["packages"])
    # What comes after the plan's packages only operators apply.
    unfit = [one for one in packages[:planned] if one["verdict"] != "pass"]
    unfit += [one for one in packages[planned:] if one["verdict"] == "fail"]
    weakened = (outcome["mutants"]["schema"] or {}).get("weakened", {})
    if outcome["findings"] or unfit or weakened.get("survivors") or weakened.get("by_accident"):
        yield "VERDICT_DIFFERS: pass with findings, or with a package that did not pass"
    for proof in rollback["proofs"]:
        if proof["after_apply"] == proof["before"]:
            yield f"ROLLBACK_APPLY_DID_NOT_MUTATE: {proof['id']!r}"
        if proof["after_rollback"] != proof["before"]:
            yield f"ROLLBACK_DID_NOT_RESTORE: {proof['id']!r}"
        if proof["xid_status"] != proof["xid_expected"]:
            yield f"ROLLBACK_XID_STATUS: {proof['id']!r}"


def signatures(signed, signers):
    with open(signed, "rb") as file:
        content = file.read()
    namespace = NAMESPACES[read(content)[0]]
    found = sorted(glob.glob(glob.escape(signed) + ".*.sig"))
    if not found:
        yield f"SIGNATURE_MISSING: {signed!r}"
    for path in found:
        principal = path[len(signed) + 1:-len(".sig")]
        command = ["ssh-keygen", "-Y", "verify", "-f", signers, "-I", principal, "-n", namespace, "-s", path]
        if subprocess.run(command, input=content, capture_output=True, check=False).returncode:
            yield f"SIGNATURE_REFUSED: {principal!r} on {signed!r}"


def verify(arguments):
    *wrong, files = files_of(arguments.packet)
    packet = read(files["packet.json"])
    if packet["format_version"] not in BESIDE:
        raise ValueError(f"FORMAT_UNKNOWN: {packet['format_version']!r}")
    wrong += tree(files, packet)
    def listed(name):
        return [read(line) for line in files.get(f"{name}.jsonl", b"").split(b"\n") if line]
    lines = listed("hashes")
    if not wrong:
        plan, rollback, outcome = (read(files[f"{name}.json"]) for name in ("plan", "rollback", "outcome"))
        if packet["format_version"] > 1:
            wrong += lists(outcome, *map(listed, ("rejections", "accepted", "mutants", "attacks")))
        wrong += [*hashes(lines), *gate(packet, plan, rollback, outcome)]
    if arguments.signed:
        wrong += signatures(arguments.signed, arguments.allowed_signers)
    # What is refused may be hostile: it is shown as `repr` and ASCII.
    for line in wrong:
        print(ascii(line)[1:-1], file=sys.stderr)
    if not wrong:
        contracts = sorted({line["contract"] for line in lines})
        print(f"tree {packet['tree_sha256']}, verdict {packet['verdict']['value']}")
        print(f"recomputed {len(files)} files and {len(lines)} digests of {' '.join(contracts) or 'no contract'}")
    return 1 if wrong else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("packet")
    parser.add_argument("--signed")
    parser.add_argument("--allowed-signers")
    given = parser.parse_args()
    if bool(given.signed) != bool(given.allowed_signers):
        parser.error("--signed and --allowed-signers belong together")
    try:
        sys.exit(verify(given))
    except (OSError, ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
        print(f"{ascii(given.packet)} can't be recomputed: {ascii(error)}", file=sys.stderr)
        sys.exit(2)
