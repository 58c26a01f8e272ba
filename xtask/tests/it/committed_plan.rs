//! The committed plan's first package: it applies, comes back step by step, and leaves nothing.

use crate::rig::Running;

#[test]
fn the_first_package_is_rehearsed_and_one_json_object_says_so() {
    let ended = Running::start(&["rehearse", "--postgres", "local", "--format", "json", "PKG-A"]).end();
    let json = ended.json();
    assert_eq!(json["format_version"], 1);
    for key in [
        "verdict",
        "postgres",
        "counts",
        "packages",
        "rollback",
        "negatives",
        "attacks",
        "elapsed_ms",
        "worlds",
    ] {
        assert!(!json[key].is_null(), "`{key}` is absent");
    }
    let rollback = &json["rollback"];
    assert_eq!(
        rollback["before"], rollback["after_rollback"],
        "{}",
        rollback["residue"]
    );
    assert_ne!(rollback["before"], rollback["after_apply"]);
    assert_eq!(rollback["xid_status"], "aborted");
    // Nobody asked for it.
    assert_eq!(json["committed"]["verdict"], "not_measured");
    assert_eq!(json["committed"]["xid_status"], "not_measured");
    assert_eq!(json["ways_back"][0]["kind"], "draft");
    assert_eq!(json["ways_back"][0]["verdict"], "pass", "{}", json["findings"]);
    assert!(
        ended.stderr.is_empty(),
        "progress off a terminal: {}",
        ended.stderr
    );
    let pass = json["verdict"] == "pass";
    assert_eq!(ended.code, Some(i32::from(!pass)));
}
