//! Artifacts as files: what is written is read, is shown to people, and has the digest that `sha256sum` prints.
//!
//! The one fact to know: an artifact's bytes are its identity, so they stand here in full.

use crate::authorization::Case;
use crate::reaudit;
use operator_authorization::{Authorization, Evidence, Reaudit};

#[test]
fn an_authorization_is_its_fields_in_order() {
    let case = Case::good();
    let text = case.artifact.to_file().unwrap();
    let packet = case.artifact.approved_package_sha256;
    let objects = case.artifact.proof.object_set_sha256;
    let expected = format!(
        "[\"operator_authorization\",\"v1\",[[\"package\",\"APPLY\"],[\"approved_package_sha256\",\"{packet}\"],\
         [\"tool_version\",\"1.2.3\"],[\"epoch\",\"4\"],[\"not_before\",\"2026-03-01T08:00:00.000000Z\"],\
         [\"expiry\",\"2026-03-01T18:00:00.000000Z\"],[\"nonce\",\"00112233445566778899aabbccddeeff\"],\
         [\"author\",[[\"principal\",\"author\"],[\"human\",\"Ada\"]]],\
         [\"reviewer\",[[\"principal\",\"reviewer\"],[\"human\",\"Rut\"]]],\
         [\"owner\",[[\"principal\",\"owner\"],[\"human\",\"Ole\"]]],\
         [\"operator\",[[\"principal\",\"operator\"],[\"human\",\"Olga\"]]],\
         [\"target\",[[\"system_identifier\",\"7300000000000000001\"],[\"database\",\"shop\"]]],\
         [\"scope\",[[\"package\",\"APPLY\"],[\"objects\",[\"table:a\",\"table:b\"]]]],\
         [\"proof\",[[\"expected\",\"2\"],[\"realized\",\"2\"],[\"missing\",\"0\"],[\"unexpected\",\"0\"],\
         [\"object_set_sha256\",\"{objects}\"],[\"read_back_sha256\",\"{packet}\"]]]]]\n"
    );
    assert_eq!(text, expected);
    assert_eq!(Authorization::read(text.as_bytes()).unwrap(), case.artifact);
    assert_eq!(
        case.artifact.digest().unwrap(),
        canonical::ArtifactDigest::of(&expected)
    );
}

#[test]
fn people_are_shown_toml_with_every_field() {
    let case = Case::good();
    let shown = case.artifact.to_toml();
    for line in [
        "package = \"APPLY\"",
        "epoch = 4",
        "expiry = \"2026-03-01T18:00:00.000000Z\"",
        "[reviewer]",
        "human = \"Rut\"",
        "[target]",
        "database = \"shop\"",
        "[proof]",
    ] {
        assert!(shown.contains(line), "no `{line}`:\n{shown}");
    }
    let shown = shown.matches(" = ").count();
    let written = case.artifact.to_file().unwrap().matches("[\"").count();
    // Each pair is a line, but the seven that hold pairs; the kind and the list of objects are no pairs.
    assert_eq!(shown, written - 7 - 2);
}

#[test]
fn records_are_read_as_they_are_written() {
    let record = reaudit::Case::good().record;
    let text = record.to_file().unwrap();
    assert_eq!(Reaudit::read(text.as_bytes()).unwrap(), record);
    assert!(
        record
            .to_toml()
            .contains("audited_at = \"2026-02-28T12:00:00.000000Z\"")
    );
    assert!(
        Evidence::read(text.as_bytes()).is_err(),
        "one kind is not another"
    );
    assert!(Authorization::read(text.as_bytes()).is_err());
}
