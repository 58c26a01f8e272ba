#!/usr/bin/env python3
"""Recomputes digests of the canonical encoding (CP-06) with nothing but the standard library.

  recompute_hashes.py vectors FILE    every vector of crates/canonical/vectors/vectors.json
  recompute_hashes.py surface FILE    H01, H02, H03 of a surface exported as JSON:
    {"surface_no": 9, "version": 1, "expected_items": ["k"], "h02": "hex", "h03": "hex", "manifest_id": "uuid",
     "items": [{"ordinal": 1, "item_key": "k", "item_sha256": "hex",
                "columns": [["item_key", "text", "k"], ["n", "integer", 3], ["x", "bytea", null]]}]}

The encoding is specified at the top of crates/canonical/src/lib.rs. Written from that page, not from the
code. Exit code 0 if all agree, 1 if a digest differs, 2 if the input can't be read.
"""
import hashlib
import json
import sys
import uuid


def days_to_civil(days):
    """Days since 2000-01-01, proleptic Gregorian, with a year 0."""
    year, days = 2000 + days // 146097 * 400, days % 146097
    leap = lambda y: y % 4 == 0 and (y % 100 != 0 or y % 400 == 0)
    while days >= 365 + leap(year):
        days, year = days - 365 - leap(year), year + 1
    month = 1
    for length in (31, 28 + leap(year), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31):
        if days < length:
            return year, month, days + 1
        days, month = days - length, month + 1


def timestamp(value):
    if value in ("infinity", "-infinity"):
        return value
    days, micros = divmod(int(value), 86_400_000_000)
    (year, month, day), (seconds, micros) = days_to_civil(days), divmod(micros, 1_000_000)
    year, era = (1 - year, " BC") if year < 1 else (year, "")
    clock = (seconds // 3600, seconds // 60 % 60, seconds % 60, micros)
    return "%04d-%02d-%02dT" % (year, month, day) + "%02d:%02d:%02d.%06dZ" % clock + era


def numeric(value):
    if value in ("NaN", "Infinity", "-Infinity"):
        return value
    sign, digits = ("-", value[1:]) if value[0] == "-" else ("", value.lstrip("+"))
    whole, _, fraction = digits.partition(".")
    whole, fraction = whole.lstrip("0") or "0", fraction.rstrip("0")
    text = whole + ("." + fraction if fraction else "")
    return text if text == "0" else sign + text


ENCODE = {
    "boolean": bool,
    "integer": str,
    "numeric": numeric,
    "text": str,
    "bytea": str.lower,
    "uuid": lambda value: str(uuid.UUID(value)),
    "timestamptz": timestamp,
    "text[]": list,
}


def value(kind, given):
    return None if given is None else ENCODE[kind](given)


def text_of(array):
    return json.dumps(array, ensure_ascii=False, separators=(",", ":"))


def digest(array):
    return hashlib.sha256(text_of(array).encode("utf-8")).hexdigest()


def by_bytes(identity):
    return identity.encode("utf-8")


def h01(surface_no, columns):
    return ["H01", "v1", surface_no, [[name, value(kind, given)] for name, kind, given in columns]]


def h02(lines):
    return ["H02", "v1", sorted(lines)]


def h03(surface_no, version, item_count, payload, expected):
    return ["H03", "v1", surface_no, version, item_count, payload, expected]


def h04(scope):
    return ["H04", "v1", [[name, value(kind, given)] for name, kind, given in scope]]


def h05(identities):
    return ["H05", "v1", sorted(identities, key=by_bytes)]


def h06_routine(fields):
    body = lambda name, given: given.replace("\r\n", "\n") if name == "body" else given
    return ["H06", "v1", "routine", [[name, body(name, given)] for name, given in fields]]


def h06_view(major, definition):
    return ["H06", "v1", "view", major, definition]


def h07(of_class, owner, items):
    key = lambda i: (by_bytes(i[0]), by_bytes(i[1]), by_bytes(i[2]), i[4] is not None, by_bytes(i[4] or ""))
    return ["H07", "v1", of_class, owner, sorted(items, key=key)]


def manifest_id(envelope):
    raw = bytearray(bytes.fromhex(envelope)[:16])
    raw[6], raw[8] = raw[6] & 15 | 128, raw[8] & 63 | 128
    return str(uuid.UUID(bytes=bytes(raw)))


CONTRACTS = {"H01": h01, "H02": h02, "H03": h03, "H04": h04, "H05": h05,
             "H06 routine": h06_routine, "H06 view": h06_view, "H07": h07}


def vectors(document):
    for vector in document["values"]:
        yield vector["name"], vector["encoded"], text_of(value(vector["kind"], vector["input"]))
    for vector in document["contracts"]:
        array = CONTRACTS[vector["contract"]](*vector["input"])
        yield vector["name"] + ", text", vector["text"], text_of(array)
        yield vector["name"] + ", digest", vector["sha256"], digest(array)
        if "manifest_id" in vector:
            yield vector["name"] + ", manifest_id", vector["manifest_id"], manifest_id(vector["sha256"])


def surface(document):
    number, items = document["surface_no"], document["items"]
    lines = []
    for item in items:
        computed = digest(h01(number, item["columns"]))
        lines.append([item["ordinal"], item["item_key"], computed])
        yield "H01 of " + item["item_key"], item.get("item_sha256", computed), computed
    payload, expected = digest(h02(lines)), digest(h05(document["expected_items"]))
    envelope = digest(h03(number, document["version"], len(items), payload, expected))
    yield "H02", document.get("h02", payload), payload
    yield "H03", document.get("h03", envelope), envelope
    yield "manifest_id", document.get("manifest_id", manifest_id(envelope)), manifest_id(envelope)


def main(arguments):
    modes = {"vectors": vectors, "surface": surface}
    if len(arguments) != 2 or arguments[0] not in modes:
        sys.exit(__doc__)
    try:
        with open(arguments[1], encoding="utf-8", newline="") as file:
            results = list(modes[arguments[0]](json.load(file)))
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"{arguments[1]} can't be recomputed: {error!r}", file=sys.stderr)
        return 2
    wrong = [result for result in results if result[1] != result[2]]
    for name, given, computed in wrong:
        print(f"{name}\n  given      {given}\n  recomputed {computed}", file=sys.stderr)
    print(f"{len(results)} recomputed, {len(wrong)} differ")
    return 1 if wrong or not results else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
