//! What `cargo metadata` says, as much of it as these tests ask.
//!
//! Not `cargo_metadata`: it asks more of two crates than the tool does, which would build both, and half of the
//! workspace above them, a second time for the tests.

use super::root;
use serde::Deserialize;
use std::path::PathBuf;
use std::process::Command;

#[derive(Deserialize)]
pub(super) struct Package {
    pub(super) name: String,
    pub(super) license: Option<String>,
    /// Registries that it may go to; `None` is any.
    pub(super) publish: Option<Vec<String>>,
    pub(super) dependencies: Vec<Dependency>,
    pub(super) targets: Vec<Target>,
    pub(super) manifest_path: PathBuf,
}

#[derive(Deserialize)]
pub(super) struct Dependency {
    pub(super) name: String,
    pub(super) kind: Option<Kind>,
}

/// `None` is a library's.
#[derive(Clone, Copy, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    Build,
    Dev,
}

#[derive(Deserialize)]
pub(super) struct Target {
    kind: Vec<String>,
}

impl Target {
    pub(super) fn is_test(&self) -> bool {
        self.kind == ["test"]
    }
}

/// Packages of the workspace; with these arguments more than them.
pub(super) fn packages(args: &[&str]) -> Vec<Package> {
    #[derive(Deserialize)]
    struct Metadata {
        packages: Vec<Package>,
    }
    let metadata: Metadata =
        serde_json::from_str(&cargo("metadata", &[&["--format-version=1"], args].concat()))
            .expect("`cargo metadata` is as documented");
    metadata.packages
}

/// What cargo prints in this workspace.
pub(super) fn cargo(command: &str, args: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .arg(command)
        .args(args)
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "cargo {command} {args:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("cargo prints text")
}
