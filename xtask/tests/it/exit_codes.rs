//! 0 pass, 1 a finding or no-go, 2 usage, 3 the environment.

use crate::{stderr, xtask};

#[test]
fn an_argument_that_nobody_knows_is_usage() {
    let output = xtask(&["rehearse", "--sideways"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
}

#[test]
fn a_package_that_the_plan_lacks_is_usage_and_the_allowed_set_is_named() {
    let output = xtask(&["rehearse", "--postgres", "local", "PKG-Z"]);
    assert_eq!(output.status.code(), Some(2));
    let text = stderr(&output);
    assert!(text.contains("`PKG-Z`") && text.contains("PKG-A"), "{text}");
}

#[test]
fn a_size_that_is_no_multiple_of_a_plane_is_usage() {
    for size in ["28", "0"] {
        let output = xtask(&["bench", "--scale", size]);
        assert_eq!(output.status.code(), Some(2));
        let text = stderr(&output);
        assert!(text.contains(size) && text.contains("has 27"), "{text}");
    }
}

#[test]
fn a_part_of_the_packages_is_never_committed() {
    let output = xtask(&["rehearse", "--postgres", "local", "--shape", "committed", "PKG-A"]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    let output = xtask(&["rehearse", "--postgres", "local", "--committed", "PKG-A"]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
}

#[test]
fn a_folder_without_a_server_is_the_environment() {
    let empty = tempfile::tempdir().unwrap();
    let folder = empty.path().to_str().unwrap();
    let output = xtask(&["rehearse", "--postgres", "local", "--pg-bin", folder]);
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    assert!(stderr(&output).contains("error: "));
    assert!(output.stdout.is_empty());
}

#[test]
fn a_sweep_passes_and_says_how_much_it_found() {
    let output = xtask(&["sweep"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(String::from_utf8_lossy(&output.stdout).contains("swept"));
}
