//! Who may do what in the control plane: the matrix that a reviewer reads, and faults made by hand.
//!
//! Not for: the ways in which three answers part, which the toy of `rehearsal` tries one by one. The one
//! fact to know: that all cells agree is asserted here; the snapshot only shows what they agree on.

use crate::rig::Repository;
use crate::tidy::root;
use rehearsal::Outcome;

/// Every cell agrees, and the realized privileges are the reviewed ones.
pub(crate) fn demand_reviewed_matrix(outcome: &Outcome) {
    let access = &outcome.access;
    assert!(access.cells > 10_000, "{access:?}");
    assert_eq!(access.agree, access.cells);
    assert!(access.attempted > access.cells * 8 / 10, "{access:?}");
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(root().join("snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let matrix = rehearsal::render_matrix(access);
    settings.bind(|| insta::assert_snapshot!("authorization_matrix", matrix));
}

#[test]
fn faults_made_by_hand_are_named_by_role_object_and_privilege() {
    let repository = Repository::copy();
    let epoch = "qt001_cp.control_epoch";
    let [grant, revoke] = ["grant", "revoke"].map(|verb| format!("{verb} select on {epoch}"));
    let end = "reset role;";
    repository.edit_migration("08008_grants", "up", end, &format!("{grant} to public;\n{end}"));
    repository.edit_migration(
        "08008_grants",
        "down",
        end,
        &format!("{revoke} from public;\n{end}"),
    );
    let revoked = "revoke usage on type qt001_cp.principal from public;";
    repository.edit_migration("04001_principal", "up", revoked, "");
    let first = "create role qt001_cp_owner";
    let granted = format!("grant pg_write_all_data to directus;\n{first}");
    repository.edit_migration("01001_roles", "up", first, &granted);
    let last = "drop role qt001_cp_owner;";
    let taken = format!("{last}\nrevoke pg_write_all_data from directus;");
    repository.edit_migration("01001_roles", "down", last, &taken);
    let made =
        "create role qt001_cp_signer nologin noinherit nocreatedb nocreaterole noreplication nobypassrls;";
    repository.edit_migration(
        "01001_roles",
        "up",
        made,
        &made.replace("nobypassrls", "bypassrls"),
    );

    let ended = repository.run(&["rehearse", "--postgres", "local", "--format", "json"]);
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    let json = ended.json();
    let red = "declared denied, predicted allowed, attempted: allowed";
    let unexplained = "; no privilege that was granted and no membership explains it";
    for (message, details) in [
        (
            format!("`public`, SELECT on relation `{epoch}`: {red}"),
            "SELECT granted to PUBLIC by qt001_cp_owner",
        ),
        (
            format!("`fix7_outsider`, USAGE on type `qt001_cp.principal`: {red}"),
            "USAGE granted to PUBLIC by qt001_cp_owner",
        ),
        (
            format!("`directus`, DELETE on relation `qt001_cp.manifest_envelope`: {red}{unexplained}"),
            "member of pg_write_all_data",
        ),
        (
            format!("`qt001_cp_signer`, BYPASSRLS on attribute `cluster`: {red}"),
            "",
        ),
    ] {
        let finding = json["findings"]
            .as_array()
            .unwrap()
            .iter()
            .find(|finding| finding["message"] == message.as_str())
            .unwrap_or_else(|| panic!("no finding `{message}`: {}", json["findings"]));
        assert_eq!(finding["code"], "ACCESS_DISAGREES");
        assert_eq!(finding["details"][0].as_str().unwrap_or_default(), details);
    }
    assert!(json["access"]["agree"].as_u64() < json["access"]["cells"].as_u64());
}
