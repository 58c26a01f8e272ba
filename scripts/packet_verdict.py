"""The rollback gate and the verdict of a packet once more; read by `verify_packet.py`, written from docs/evidence.md."""
import re

BASIS = [f"outcome.json#/{key}" for key in
         "packages findings guards negatives mutants attacks access committed ways_back worlds".split()]
BASIS = ["plan.json#/packages", *BASIS, "rollback.json#/proofs"]
LISTED = [f"outcome.json#/{key}" for key in ("packets", "pairs", "bypass", "reads")]
LISTED += [f"{name}.jsonl#" for name in ("accepted", "guards", "hashes", "mutants", "rejections", "reversal")]

# Numbers that are equal and not 0, and numbers that are 0, where the verdict is pass; then those of packets with lists.
EQUAL = [("negatives/tests", "negatives/accepted_twins"), ("negatives/tests", "negatives/rejected"),
         ("negatives/tests", "negatives/sole_cause"), ("mutants/schema/total", "mutants/schema/killed"),
         ("mutants/guards/total", "mutants/guards/killed"), ("attacks/attempts", "attacks/repelled"),
         ("access/cells", "access/agree")]
ZERO = ["negatives/uncovered", "negatives/arrange_failed", "mutants/schema/survivors", "mutants/guards/survivors",
        "mutants/manifest/survivors", "guards/red", "committed/logins/differences"]
EQUAL_LISTED = [("negatives/accepted_rows", "negatives/accepted")]
ZERO_LISTED = ["mutants/schema/weakened/by_accident", "mutants/schema/weakened/survivors"]
PLANNED = [("rehearsal/bypass/", "bypass"), ("rehearsal/scan/", "pairs")]


def at(outcome, path):
    for key in path.split("/"):
        outcome = outcome.get(key) if isinstance(outcome, dict) else None
    return outcome


def number(outcome, path):
    """What was not reached has no number."""
    return at(outcome, path) or 0


def proofs_of(outcome):
    """The proofs that an outcome holds."""
    measured = [one["id"] for one in outcome["packages"] if one["verdict"] in ("pass", "fail")]
    def proof(name, covers, of, ended, *keys):
        states = [at(outcome, f"{of}/{key}") or "" for key in (*keys, "xid_status")]
        return dict(zip("id covers before after_apply after_rollback xid_status xid_expected".split(),
                        [name, covers, *states, ended]))
    kept = "committed" if outcome["shape"] == "committed" else "aborted"
    proofs = [proof("rehearsal", measured, "rollback", kept, "before", "after_apply", "after_rollback")]
    if at(outcome, "committed/verdict") in ("pass", "fail"):
        proofs.append(proof("committed", [], "committed", "committed", "before", "applied", "after_way_back"))
    return proofs


def gate(plan, outcome, rollback):
    proofs = rollback["proofs"]
    covered = {package for proof in proofs for package in proof["covers"]}
    for name in ["rehearsal"] + ["committed"] * plan["committed"]:
        if name not in [proof["id"] for proof in proofs]:
            yield f"ROLLBACK_PROOF_MISSING: {name}"
    for package in outcome["packages"]:
        planned = not plan["asked"] and package["id"] in plan["packages"]
        due = package["verdict"] != "not_applicable" and (planned or package["verdict"] != "not_measured")
        if due and package["id"] not in covered:
            yield f"ROLLBACK_PROOF_MISSING: {package['id']!r}"
    for proof in proofs:
        states = [proof[key] for key in ("before", "after_apply", "after_rollback")]
        if not all(re.fullmatch("[0-9a-f]{64}", state) for state in states):
            yield f"ROLLBACK_PROOF_MISSING: {proof['id']!r} lacks a fingerprint"
        if states[1] == states[0]:
            yield f"ROLLBACK_APPLY_DID_NOT_MUTATE: {proof['id']!r}"
        if states[2] != states[0]:
            yield f"ROLLBACK_DID_NOT_RESTORE: {proof['id']!r}"
        if proof["xid_status"] != proof["xid_expected"]:
            yield f"ROLLBACK_XID_STATUS: {proof['id']!r}"


def shows(package):
    """A package that no rehearsal applies by itself passes by guards, all green, and by all that it rests on."""
    cells = [cell["verdict"] for cell in package["validation"]]
    return set(cells) == {"pass"} and {one["verdict"] for one in package.get("rests_on", [])} <= {"pass"}


def against_pass(plan, outcome, rollback, lists):
    """What speaks against `pass`, the gate first."""
    yield from gate(plan, outcome, rollback)
    packages, planned = outcome["packages"], len(plan["packages"])
    # What comes after the plan's packages no rehearsal applies by itself; each says what its pass rests on.
    cells = [[cell["verdict"] for cell in one["validation"]] for one in packages[:planned]]
    holds = {
        "/findings": outcome["findings"] == [],
        "/packages": [one["id"] for one in packages[:planned]] == plan["packages"] and packages != []
        and all(one["verdict"] == "pass" for one in packages[:planned])
        and all(one["verdict"] != "fail" for one in packages[planned:])
        and all(shows(one) for one in packages[planned:] if one["verdict"] == "pass")
        and all(of and set(of) == {"pass"} for of in cells),
        "/packets": all(one["applied"] is one["restored"] is True for one in outcome.get("packets", [])),
        "/guards/runs": outcome["guards"]["runs"] != []
        and {run.get("verdict") for run in outcome["guards"]["runs"]} <= {"pass", "not_measured", "not_applicable"},
        "/ways_back": {way["verdict"] for way in outcome["ways_back"]} == {"pass"},
        "/worlds": outcome["worlds"] != [] and all(one["expected"] == one["realized"] for one in outcome["worlds"]),
        "/committed": at(outcome, "committed/verdict") == ("pass" if plan["committed"] else "not_measured"),
        "/reads": number(outcome, "reads/tried") == number(outcome, "reads/preserved"),
    }
    for one, other in EQUAL + EQUAL_LISTED * lists:
        holds[f"/{other}"] = holds.get(f"/{other}", True) and at(outcome, one) == at(outcome, other) and number(outcome, one) > 0
    for path in ZERO + ZERO_LISTED * lists:
        holds[f"/{path}"] = at(outcome, path) == 0
    for folder, key in PLANNED:
        due = any(one["path"].startswith(folder) for one in plan["files"]) and not plan["asked"] and not plan["estate"]
        holds[f"/{key}, which is planned"] = key in outcome or not due
    if "bypass" in outcome:
        attempts = number(outcome, "bypass/attempts")
        ended = number(outcome, "bypass/repelled") + number(outcome, "bypass/noticed")
        holds["/bypass"] = ended == attempts == number(outcome, "bypass/red_on_fault") > 0
    if "pairs" in outcome:
        pairs = outcome["pairs"]
        stale = [one for one in pairs["schedule"] if one["verdict"] is not None and (one["verdict"], one["fresh"]) != ("pass", True)]
        holds["/pairs"] = pairs["verified"] == pairs["executed"] > 0 and not stale and pairs["readiness"] == "BLOCKED"
    yield from (f"VERDICT_DIFFERS: pass, and {place} does not show it" for place in holds if not holds[place])
