//! PKG-B's own validation: four guards over its committed files, without a server [doc 07, PKG-B].
//!
//! Not for: reading a database. The one fact to know: nothing is asked of the manifests but which columns a
//! surface has; rows, counts and digests are read from the committed SQL and lock files and recomputed, so
//! that a file edited by hand is seen.

mod recomputed;
mod seed_rows;

use std::collections::BTreeSet;

use canonical::{ItemLine, h02, h03, h05};
use fix7_manifest::FIX7;
use guards::{CommittedFiles, Fixture, ProbeRow};

use recomputed::{constraint_sets, count, count_of, expected_items, inventory, item_digest};
use seed_rows::{Row, bytea, column, integer, is_seed, outside_texts, read, rows_of, text};

/// In the order of doc 07.
pub(crate) const FIXTURES: &[Fixture] = &[
    Fixture {
        id: "G-GATES-14",
        probes: &[
            "gates_counted",
            "gates_digest",
            "gates_contiguous",
            "no_gate_schema",
        ],
        measure: gates,
    },
    Fixture {
        id: "G-HASH-7",
        probes: &["contracts_counted", "contracts_digest", "components_contiguous"],
        measure: hash_contracts,
    },
    Fixture {
        id: "G-HASHDET",
        probes: &["h01_rows", "h02_payloads", "h03_envelopes", "h05_sets"],
        measure: determinism,
    },
    Fixture {
        id: "G-EXACTSET-20",
        probes: &["items_exact", "expected_exact", "constraint_sets"],
        measure: exact_sets,
    },
];

/// G-GATES-14: "exactly 14 sealed gate rows; 0 new gate schema".
fn gates(files: &CommittedFiles) -> Result<Vec<ProbeRow>, String> {
    let tables = read(files)?;
    let rows = rows_of(&tables, "readiness_gate_manifest")?;
    let keys = column(rows, "gate_key");
    let mut numbers: Vec<i64> = column(rows, "gate_no")
        .iter()
        .filter_map(|n| n.parse().ok())
        .collect();
    numbers.sort_unstable();
    let broken: Vec<String> = numbers
        .iter()
        .zip(1_i64..)
        .filter(|(found, expected)| *found != expected)
        .map(|(found, expected)| format!("expected gate {expected}, found {found}"))
        .collect();
    // Data files hold data: a gate that brings its own schema would stand in one as DDL.
    let seeds: Vec<&String> = files.keys().filter(|path| is_seed(path)).collect();
    let mut ddl = Vec::new();
    for path in &seeds {
        let text = std::str::from_utf8(&files[*path]).map_err(|error| format!("`{path}`: {error}"))?;
        let outside = outside_texts(text);
        if ["create ", "alter ", "drop "]
            .iter()
            .any(|verb| outside.lines().any(|line| line.trim_start().starts_with(verb)))
        {
            ddl.push((*path).clone());
        }
    }
    let mut probes = inventory(&tables, "readiness_gates", "gates", &keys)?;
    probes.push(ProbeRow::new(
        "gates_contiguous",
        count(&keys),
        count(&numbers) - count(&broken),
        count(&keys),
        broken,
    ));
    probes.push(ProbeRow::new(
        "no_gate_schema",
        0,
        count(&ddl),
        count(&seeds),
        ddl,
    ));
    Ok(probes)
}

/// G-HASH-7: "exactly 7 (H01..H07); 0 new top-level contracts".
fn hash_contracts(files: &CommittedFiles) -> Result<Vec<ProbeRow>, String> {
    let tables = read(files)?;
    let rows = rows_of(&tables, "hash_component_manifest")?;
    let contracts: BTreeSet<String> = column(rows, "contract").into_iter().collect();
    let mut broken = Vec::new();
    for contract in &contracts {
        let mut numbers: Vec<i64> = rows
            .iter()
            .filter(|row| text(row, "contract") == *contract)
            .filter_map(|row| text(row, "component_no").parse().ok())
            .collect();
        numbers.sort_unstable();
        if !numbers
            .iter()
            .zip(1_i64..)
            .all(|(found, expected)| *found == expected)
        {
            broken.push(contract.clone());
        }
    }
    let contracts: Vec<String> = contracts.into_iter().collect();
    let mut probes = inventory(&tables, "hash_contracts", "contracts", &contracts)?;
    probes.push(ProbeRow::new(
        "components_contiguous",
        count(&contracts),
        count(&contracts) - count(&broken),
        count(rows),
        broken,
    ));
    Ok(probes)
}

/// G-HASHDET: H01, H02, H03 and H05 recomputed from the rows as they are written.
fn determinism(files: &CommittedFiles) -> Result<Vec<ProbeRow>, String> {
    let tables = read(files)?;
    let (mut items, mut wrong_items) = (0_i64, Vec::new());
    let (mut wrong_payloads, mut wrong_envelopes) = (Vec::new(), Vec::new());
    let envelopes = rows_of(&tables, "manifest_envelope")?;
    for surface in FIX7.surfaces {
        let rows = rows_of(&tables, surface.table)?;
        let mut lines = Vec::new();
        for row in rows {
            items += 1;
            let digest = item_digest(surface, row)?;
            if bytea(row, "item_sha256") != digest.to_string() {
                wrong_items.push(format!("#{} {}", surface.number, text(row, "item_key")));
            }
            lines.push((integer(row, "ordinal")?, text(row, "item_key"), digest));
        }
        let lines: Vec<ItemLine<'_>> = lines
            .iter()
            .map(|(ordinal, item_key, digest)| ItemLine {
                ordinal: *ordinal,
                item_key,
                digest: *digest,
            })
            .collect();
        let name = format!("#{}", surface.number);
        let payload = h02(&lines).map_err(|error| format!("{name}: {error}"))?;
        let own: Vec<&Row> = envelopes
            .iter()
            .filter(|row| text(row, "surface_no") == surface.number.to_string())
            .collect();
        let [envelope] = own.as_slice() else {
            return Err(format!("{name}: expected one envelope, found {}", own.len()));
        };
        if bytea(envelope, "payload_sha256") != payload.to_string() {
            wrong_payloads.push(name.clone());
        }
        let expected = h05(&expected_items(&tables, surface)?).map_err(|error| format!("{name}: {error}"))?;
        let again = h03(
            i32::from(surface.number),
            integer(envelope, "version")?,
            integer(envelope, "item_count")?,
            payload,
            expected,
        )
        .map_err(|error| format!("{name}: {error}"))?;
        if bytea(envelope, "envelope_sha256") != again.to_string()
            || text(envelope, "manifest_id") != again.manifest_id().to_string()
        {
            wrong_envelopes.push(name);
        }
    }
    let surfaces = count(FIX7.surfaces);
    let sets = constraint_sets(&tables)?;
    Ok(vec![
        ProbeRow::new("h01_rows", items, items - count(&wrong_items), items, wrong_items),
        ProbeRow::new(
            "h02_payloads",
            surfaces,
            surfaces - count(&wrong_payloads),
            surfaces,
            wrong_payloads,
        ),
        ProbeRow::new(
            "h03_envelopes",
            surfaces,
            surfaces - count(&wrong_envelopes),
            surfaces,
            wrong_envelopes,
        ),
        sets.probe("h05_sets"),
    ])
}

/// G-EXACTSET-20: rows, expected keys and lock files are the same set, in both directions, for every surface.
fn exact_sets(files: &CommittedFiles) -> Result<Vec<ProbeRow>, String> {
    let tables = read(files)?;
    let (mut locked_count, mut row_count, mut expected_count) = (0, 0, 0);
    let (mut item_drift, mut expected_drift) = (Vec::new(), Vec::new());
    for surface in FIX7.surfaces {
        let path = format!("seeds/exact-set/{:02}_{}.lock", surface.number, surface.table);
        let bytes = files
            .get(&path)
            .ok_or_else(|| format!("`{path}` is not committed"))?;
        let lock = std::str::from_utf8(bytes).map_err(|error| format!("`{path}`: {error}"))?;
        let locked: BTreeSet<String> = lock
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(str::to_owned)
            .collect();
        let rows: BTreeSet<String> = column(rows_of(&tables, surface.table)?, "item_key")
            .into_iter()
            .collect();
        let expected: BTreeSet<String> = expected_items(&tables, surface)?.into_iter().collect();
        locked_count += count_of(locked.len());
        row_count += count_of(rows.len());
        expected_count += count_of(expected.len());
        for (found, drift) in [(&rows, &mut item_drift), (&expected, &mut expected_drift)] {
            drift.extend(
                locked
                    .difference(found)
                    .map(|key| format!("missing #{} {key}", surface.number)),
            );
            drift.extend(
                found
                    .difference(&locked)
                    .map(|key| format!("unexpected #{} {key}", surface.number)),
            );
        }
    }
    Ok(vec![
        ProbeRow::new("items_exact", locked_count, row_count, locked_count, item_drift),
        ProbeRow::new(
            "expected_exact",
            locked_count,
            expected_count,
            locked_count,
            expected_drift,
        ),
        constraint_sets(&tables)?.probe("constraint_sets"),
    ])
}

#[cfg(test)]
mod tests {
    use super::FIXTURES;
    use guards::{CommittedFiles, Verdict};
    use std::path::Path;

    fn committed() -> CommittedFiles {
        let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
        let mut files = CommittedFiles::new();
        for folder in ["seeds", "seeds/exact-set"] {
            for entry in std::fs::read_dir(root.join(folder)).unwrap() {
                let entry = entry.unwrap();
                if entry.file_type().unwrap().is_file() {
                    let name = entry.file_name().into_string().unwrap();
                    files.insert(format!("{folder}/{name}"), std::fs::read(entry.path()).unwrap());
                }
            }
        }
        files
    }

    fn run(id: &str, files: &CommittedFiles) -> Verdict {
        FIXTURES
            .iter()
            .find(|fixture| fixture.id == id)
            .unwrap()
            .run(files)
    }

    /// The first file whose path ends so, with one text replaced once.
    fn changed(path: &str, from: &str, to: &str) -> CommittedFiles {
        let mut files = committed();
        let bytes = files
            .iter_mut()
            .find(|(known, _)| known.ends_with(path))
            .unwrap()
            .1;
        let text = String::from_utf8(bytes.clone()).unwrap();
        assert!(text.contains(from), "`{from}` is not in {path}");
        *bytes = text.replacen(from, to, 1).into_bytes();
        files
    }

    #[track_caller]
    fn check(id: &str, files: &CommittedFiles, probe: &str) {
        let verdict = run(id, files);
        assert_eq!(verdict.word(), "fail", "{:?}", verdict.reasons());
        assert!(
            verdict
                .reasons()
                .iter()
                .any(|reason| reason.contains(&format!("`{probe}`"))),
            "{:?}",
            verdict.reasons()
        );
    }

    #[test]
    fn committed_files_are_green() {
        let files = committed();
        for fixture in FIXTURES {
            let verdict = fixture.run(&files);
            assert_eq!(verdict.word(), "pass", "{}: {:?}", fixture.id, verdict.reasons());
        }
    }

    #[test]
    fn no_files_are_not_measured() {
        for fixture in FIXTURES {
            assert_eq!(
                fixture.run(&CommittedFiles::new()).word(),
                "not_measured",
                "{}",
                fixture.id
            );
        }
    }

    #[test]
    fn a_gate_renamed_is_another_set() {
        let files = changed(
            "readiness_gate_manifest.up.sql",
            "', 1, 'CATALOG_SEALED'",
            "', 1, 'CATALOG_OPEN'",
        );
        check("G-GATES-14", &files, "gates_digest");
    }

    #[test]
    fn a_sealed_count_of_gates_off_by_one_is_seen() {
        let files = changed(
            "denominator_manifest.up.sql",
            "'readiness_gates', 14,",
            "'readiness_gates', 15,",
        );
        check("G-GATES-14", &files, "gates_counted");
    }

    #[test]
    fn a_gap_in_gate_numbers_is_seen() {
        let files = changed(
            "readiness_gate_manifest.up.sql",
            "', 1, 'CATALOG_SEALED'",
            "', 15, 'CATALOG_SEALED'",
        );
        check("G-GATES-14", &files, "gates_contiguous");
    }

    #[test]
    fn ddl_in_a_seed_is_a_gate_schema() {
        let files = changed(
            "readiness_gate_manifest.up.sql",
            "reset role;",
            "create table qt001_cp.gate_fifteen ();\nreset role;",
        );
        check("G-GATES-14", &files, "no_gate_schema");
    }

    #[test]
    fn an_eighth_contract_is_seen() {
        let files = changed("hash_component_manifest.up.sql", "'H07', 5,", "'H08', 1,");
        check("G-HASH-7", &files, "contracts_counted");
        check("G-HASH-7", &files, "contracts_digest");
    }

    #[test]
    fn a_contract_renamed_is_another_set() {
        let files = changed("hash_component_manifest.up.sql", "'H05', 1,", "'H55', 1,");
        check("G-HASH-7", &files, "contracts_digest");
    }

    #[test]
    fn a_component_out_of_order_is_seen() {
        let files = changed("hash_component_manifest.up.sql", "'H07', 5,", "'H07', 6,");
        check("G-HASH-7", &files, "components_contiguous");
    }

    #[test]
    fn a_value_changed_under_its_digest_is_seen() {
        let files = changed(
            "retention_policy_manifest.up.sql",
            "'signoff_artifact', 3650,",
            "'signoff_artifact', 3651,",
        );
        check("G-HASHDET", &files, "h01_rows");
        check("G-HASHDET", &files, "h02_payloads");
        check("G-HASHDET", &files, "h03_envelopes");
    }

    #[test]
    fn an_expected_definition_changed_under_its_digest_is_seen() {
        let files = changed(
            "authority_scope_manifest.up.sql",
            "'PRIMARY KEY (root_code)'",
            "'PRIMARY KEY (version)'",
        );
        check("G-HASHDET", &files, "h05_sets");
        check("G-EXACTSET-20", &files, "constraint_sets");
    }

    #[test]
    fn an_item_beside_its_lock_is_seen() {
        let files = changed(
            "exact-set/09_readiness_gate_manifest.lock",
            "HASH_DETERMINISM\n",
            "",
        );
        check("G-EXACTSET-20", &files, "items_exact");
        check("G-EXACTSET-20", &files, "expected_exact");
    }
}
