#!/usr/bin/env python3
"""Recomputes an evidence packet with nothing but the standard library, and shares no line with the Rust.

  verify_packet.py PACKET
  verify_packet.py PACKET --signed FILE --allowed-signers FILE    and the signatures of FILE.PRINCIPAL.sig

It recomputes the packet's tree, the form of every document, what follows from others (`RERUN.sh`, the proofs of
`rollback.json`, both statements), the lists (`packet_lists.py`: every digest of H01 to H07 among them), the rollback
gate and the verdict; signatures are left to `ssh-keygen -Y verify`.
Written from docs/evidence.md. Exit code 0 if all of it holds, 1 if something does not, 2 if it can't be read.
"""
import argparse
import glob
import hashlib
import json
import os
import re
import stat
import subprocess
import sys

sys.dont_write_bytecode = True
from packet_follows import LISTS, PLAIN, STATEMENTS, TREE, printed, script, statements
from packet_lists import LINES, recount
from packet_verdict import BASIS, LISTED, against_pass, proofs_of

NAMESPACES = {"reaudit": "fix7-reaudit", "operator_authorization": "fix7-operator-authorization"}
BYTES_MAX = 16 * 1024 * 1024
BESIDE = ["packet.json", "environment.json", "environment.sha256"]
# A document's keys in their order; a list's elements stand under its key.
PACKET = "format_version verdict files tree_sha256"
FILE, STATED = "path sha256 size", "value rests_on"
PLAN = "format_version packages asked shape committed estate plan files"
ROLLBACK = "format_version proofs"
PROOF = "id covers before after_apply after_rollback xid_status xid_expected"
ENVIRONMENT = "format_version postgres dump_observer elapsed_ms committed_elapsed_ms"
SERVERS = ["provider version major reason", "provider version major reason build"]
OUTCOME = """format_version verdict shape estate authored_for_server counts packages guards rollback negatives mutants
applied_as access pairs bypass reads attacks packets authorization repoint scale_runs committed ways_back worlds findings""".split()
OF_ENVIRONMENT = re.compile(r"postgres|observer|host|provider|environment|.*(_ms|_at|_seconds|_time)")
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


def is_safe(path):
    parts = path.split("/")
    return re.fullmatch(r"[A-Za-z0-9._/-]{1,255}", path) and not {"", ".", ".."} & set(parts)


def in_order(name, entries):
    paths = [entry["path"] for entry in entries]
    if not all(map(is_safe, paths)):
        yield f"NAME_UNSAFE: {name}"
    if paths != sorted(set(paths)):
        yield f"LIST_ORDER: {name}"


def tree(files, packet):
    listed = {entry["path"]: entry for entry in packet["files"]}
    yield from in_order("packet.json", packet["files"])
    lists = packet["format_version"] == LISTS
    names = set(TREE) | ({f"{name}.jsonl" for name in LINES} if lists else set())
    for name in sorted(set(listed) ^ names):
        yield f"{'FILE_UNKNOWN' if name in listed else 'FILE_NOT_LISTED'}: {name!r}"
    beside = set(BESIDE) | (set(STATEMENTS) if lists else set())
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


def forms(files, documents):
    """Each document as it is printed, with the keys of its format and no other."""
    packet, plan, rollback, outcome, environment = (documents[name] for name in
                                                    ("packet", "plan", "rollback", "outcome", "environment"))
    for name, document in documents.items():
        if files[f"{name}.json"] != printed(document):
            yield f"NOT_CANONICAL: {name}.json"
        if name != "packet" and document["format_version"] != 1:
            yield f"FORMAT_UNKNOWN: {name}.json"
    shapes = [(packet, PACKET), (packet["verdict"], STATED), (plan, PLAN), (rollback, ROLLBACK), (environment, ENVIRONMENT)]
    shapes += [(entry, FILE) for entry in packet["files"] + plan["files"]] + [(proof, PROOF) for proof in rollback["proofs"]]
    for document, keys in shapes:
        if list(document) != keys.split():
            yield f"KEY_UNKNOWN or DOCUMENT_MALFORMED: expected {keys!r}, found {' '.join(document)!r}"
    if not set(outcome) <= set(OUTCOME) or " ".join(environment["postgres"]) not in SERVERS:
        yield "KEY_UNKNOWN: outcome.json or environment.json"
    places = [("", outcome)]
    while places:
        at, value = places.pop()
        for key, below in value.items() if isinstance(value, dict) else enumerate(value):
            if isinstance(key, str) and OF_ENVIRONMENT.fullmatch(key):
                yield f"ENVIRONMENT_IN_TREE: outcome.json{at}/{key}"
            if isinstance(below, (dict, list)):
                places.append((f"{at}/{key}", below))
    words = [re.fullmatch(r"[A-Za-z0-9._][A-Za-z0-9._-]*", word) for word in plan["packages"]]
    if not all(words) or not set(plan["asked"]) <= set(plan["packages"]) or {plan["committed"], plan["estate"]} - {True, False} \
            or plan["shape"] not in ("auto", "one-transaction", "committed") or plan["plan"] not in [one["path"] for one in plan["files"]]:
        yield "DOCUMENT_MALFORMED: plan.json is none that a script follows from"
    yield from in_order("plan.json", plan["files"])


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


def documents_of(files, packet):
    """What speaks against what the documents say, stage by stage, and how many digests were recomputed."""
    names = ("packet", "plan", "rollback", "outcome", "environment")
    documents = {name: read(files[f"{name}.json"]) for name in names}
    plan, rollback, outcome, version = *(documents[name] for name in names[1:4]), packet["format_version"]
    wrong = list(forms(files, documents))
    if wrong:
        return wrong, 0
    if files["RERUN.sh"] != script(plan, version):
        wrong.append("RERUN_DIFFERS: RERUN.sh does not follow from plan.json; do not run it")
    wrong += [f"ROLLBACK_DIFFERS_FROM_OUTCOME: {proof['id']!r}" for proof in rollback["proofs"] if proof not in proofs_of(outcome)]
    lists = {}
    if version == LISTS:
        wrong += [f"STATEMENT_DIFFERS: {name}" for name, text in statements(packet, plan, outcome) if files[name] != text]
        lists = {name: [read(line) for line in files[f"{name}.jsonl"].split(b"\n") if line] for name in LINES}
        wrong += recount(files, plan, outcome, rollback, lists)
    if packet["verdict"]["rests_on"] != BASIS + (LISTED if version == LISTS else []):
        wrong.append("VERDICT_BASIS or VERDICT_RESTS_ON_BELIEVED: packet.json")
    if packet["verdict"]["value"] != outcome["verdict"] or outcome["verdict"] not in ("pass", "fail", "not_measured"):
        wrong.append("VERDICT_DIFFERS: packet.json")
    if packet["verdict"]["value"] == "pass":
        wrong += against_pass(plan, outcome, rollback, version == LISTS)
    return wrong, len(lists.get("hashes", []))


def verify(arguments):
    *wrong, files = files_of(arguments.packet)
    packet, digests = read(files["packet.json"]), 0
    if packet["format_version"] not in (PLAIN, LISTS):
        raise ValueError(f"FORMAT_UNKNOWN: {packet['format_version']!r}")
    wrong += tree(files, packet)
    if not wrong:
        wrong, digests = documents_of(files, packet)
    if arguments.signed:
        wrong += signatures(arguments.signed, arguments.allowed_signers)
    # What is refused may be hostile: it is shown as `repr` and ASCII.
    for line in wrong:
        print(ascii(line)[1:-1], file=sys.stderr)
    if not wrong:
        print(f"tree {packet['tree_sha256']}, verdict {packet['verdict']['value']}")
        print(f"recomputed {len(files)} files and {digests} digests of H01 to H07")
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
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        print(f"{ascii(given.packet)} can't be recomputed: {ascii(error)}", file=sys.stderr)
        sys.exit(2)
