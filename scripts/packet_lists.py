"""The lists of a packet against its outcome, and every digest again; read by `verify_packet.py`, written from docs/evidence.md."""
import json
import re
from collections import Counter

from packet_verdict import number
from recompute_hashes import CONTRACTS, digest

# Keys of a line, in their order; lists are sorted by name.
LINES = {name: keys.split() for name, keys in {
    "accepted": "table id row shows accepted why",
    "attacks": "family id personas ended shield",
    "blockers": "id title resolver evidence",
    "chain": "id title runner steps waits_for",
    "closure": "from to kind depth class",
    "guards": "guard step moment verdict probes reasons",
    "hashes": "contract subject input sha256",
    "mutants": "of id change end by",
    "privileges": "moment role schema kind privilege held of",
    "rejections": "table surface_no id mutation cause twin_accepted rejected sole_cause fingerprint reasons",
    "reversal": "way package step does files state expected",
    "tables": "name surface_no about columns rows refers_to",
}.items()}
PROBE = "probe expected realized population offenders".split()
FINGERPRINT = "sqlstate phase schema table column constraint data_type reason".split()
CODE = re.compile("[A-Z_]+")
NOTICED = "accepted, and noticed"


def forms(files, lists):
    for name, lines in lists.items():
        text = "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines)
        if files[f"{name}.jsonl"] != text.encode() or any(list(line) != LINES[name] for line in lines):
            yield f"NOT_CANONICAL or KEY_UNKNOWN: {name}.jsonl"
    below = [(probe, PROBE) for line in lists["guards"] for probe in line["probes"]]
    below += [(line["fingerprint"], FINGERPRINT) for line in lists["rejections"] if line["fingerprint"] is not None]
    if any(list(found) != keys for found, keys in below):
        yield "KEY_UNKNOWN: guards.jsonl or rejections.jsonl"


def hashes(outcome, lines):
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
    contracts = outcome["counts"].get("hash_contracts")
    if outcome["verdict"] == "pass" and contracts is not None and contracts != len({of for of, _ in known}):
        yield f"EXHIBIT_DIFFERS: hashes.jsonl has not {contracts} contracts"


def counts(outcome, lists):
    """Numbers of the outcome from the lists, and those of its own pairs and ways around from their lines."""
    tests, rows, facts = lists["rejections"], lists["accepted"], (outcome.get("bypass") or {}).get("facts", [])
    pairs = (outcome.get("pairs") or {}).get("of", [])
    ends = Counter((one["of"], one["end"]) for one in lists["mutants"])
    made = Counter(one["of"] for one in lists["mutants"])
    found = {
        "negatives/tests": len(tests), "negatives/accepted_twins": sum(test["twin_accepted"] for test in tests),
        "negatives/rejected": sum(test["rejected"] and test["fingerprint"] is not None for test in tests),
        "negatives/sole_cause": sum(test["sole_cause"] for test in tests), "negatives/accepted_rows": len(rows),
        "negatives/accepted": sum(row["accepted"] and row["why"] is None for row in rows),
        "attacks/attempts": len(lists["attacks"]),
        "attacks/repelled": sum(not CODE.fullmatch(one["ended"]) for one in lists["attacks"]),
        "mutants/schema/total": made["schema"], "mutants/manifest/total": made["manifest"],
        "mutants/schema/weakened/total": made["weakened"],
        "bypass/vectors": len({fact["vector"] for fact in facts}), "bypass/attempts": len(facts),
        "bypass/red_on_fault": sum(fact["seen"] for fact in facts),
        "bypass/noticed": sum(fact["ended"] == NOTICED and fact["seen"] for fact in facts),
        "bypass/repelled": sum(fact["ended"] != NOTICED and not CODE.fullmatch(fact["ended"]) for fact in facts),
        "pairs/entrypoints": len(pairs), "pairs/executed": sum(pair["executed"] for pair in pairs),
        "pairs/verified": sum(pair["verified"] for pair in pairs),
    }
    found |= {f"mutants/{of}/killed": ends[of, "killed"] + ends[of, "refused"] for of in ("schema", "guards", "manifest")}
    found |= {f"mutants/schema/weakened/{key}": ends["weakened", end] for key, end in
              (("killed",) * 2, ("catalog_alone",) * 2, ("by_accident",) * 2, ("survivors", "survived"))}
    for path, come_to in found.items():
        if number(outcome, path) != come_to:
            yield f"EXHIBIT_DIFFERS: {path} is {number(outcome, path)!r}, the list comes to {come_to}"
    if not all(pair["verified"] <= pair["fresh"] <= pair["executed"] for pair in pairs):
        yield "EXHIBIT_DIFFERS: pairs: more is verified than is fresh, or was executed"


def told(tests, rows, mutants):
    """What was taken away is the tests' causes, and what told a weakened object is listed as well."""
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


def guards(outcome, lines):
    """The outcome's cells, and no green one that its probes don't show."""
    def cells(runs):
        return [[run[key] for key in ("guard", "step", "moment", "verdict")] for run in runs]
    if cells(outcome["guards"]["runs"]) != cells(lines):
        yield "EXHIBIT_DIFFERS: guards.jsonl has other cells than outcome.json"
    for line in lines:
        probes = line["probes"]
        sound = all(None not in (one["probe"], one["expected"]) and one["expected"] == one["realized"]
                    and (one["population"] or 0) > 0 and one["offenders"] == [] for one in probes)
        if line["verdict"] == "pass" and not (probes and sound and len({one["probe"] for one in probes}) == len(probes)):
            yield f"EXHIBIT_DIFFERS: {line['guard']!r} at {line['step']!r} is called green, and its probes are not"


def reversal(rollback, lines):
    """A way back is the way up, backwards, state by state."""
    def steps(way, *does):
        return [(line["package"], line["step"]) for of in does for line in lines if (line["way"], line["does"]) == (way, of)]
    up, back = steps("apply", "up"), steps("sealed", "refused", "down")
    if not up or up != steps("draft", "down")[::-1] or back and back[::-1] != up:
        yield "EXHIBIT_DIFFERS: reversal.jsonl: a way back is not the way up, backwards"
    if any(line["expected"] is not None and line["expected"] != line["state"] for line in lines):
        yield "EXHIBIT_DIFFERS: reversal.jsonl: a step came to another state"
    applied = [line["state"] for line in lines if line["way"] == "apply"]
    if any(proof["id"] == "rehearsal" and applied[-1:] != [proof["after_apply"]] for proof in rollback["proofs"]):
        yield "EXHIBIT_DIFFERS: reversal.jsonl: the last step up is not the applied state"


def recount(files, plan, outcome, rollback, lists):
    yield from forms(files, lists)
    yield from counts(outcome, lists)
    yield from told(*(lists[name] for name in ("rejections", "accepted", "mutants")))
    yield from guards(outcome, lists["guards"])
    yield from hashes(outcome, lists["hashes"])
    if outcome["verdict"] == "pass":
        yield from reversal(rollback, lists["reversal"])
    if not set(plan["packages"]) <= {line["id"] for line in lists["chain"]}:
        yield "EXHIBIT_DIFFERS: chain.jsonl lacks a package of the plan"
