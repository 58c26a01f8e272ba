//! The tree: which files it has, its canonical text, its digest, and `RERUN.sh`.
//!
//! Not for: the environment. The one fact to know: the tree's text is CP-06 as everything that is hashed, so
//! another language recomputes it from `packet.json` with a JSON writer and SHA-256 alone.

use crate::document::{Packet, Plan};
use crate::exhibit::LISTS;
use canonical::{EncodeError, Node, TreeDigest, artifact};

pub(crate) const OUTCOME: &str = "outcome.json";
pub(crate) const PLAN: &str = "plan.json";
pub(crate) const RERUN: &str = "RERUN.sh";
pub(crate) const ROLLBACK: &str = "rollback.json";
pub(crate) const PACKET: &str = "packet.json";
pub(crate) const ENVIRONMENT: &str = "environment.json";
pub(crate) const ENVIRONMENT_SHA256: &str = "environment.sha256";

pub(crate) const REHEARSAL_STATEMENT: &str = "migration-rehearsal.intoto.json";
pub(crate) const TEST_STATEMENT: &str = "test-result.intoto.json";

/// The version without lists and statements; still read. Versions 2 and 3 were never released: 2 lacks accepted
/// rows, and a verdict of 3 does not rest on pairs, ways around and reads.
pub(crate) const PLAIN: u32 = 1;
/// The version that is written.
pub(crate) const WITH_EXHIBITS: u32 = 4;

const PLAIN_TREE: &[&str] = &[RERUN, OUTCOME, PLAN, ROLLBACK];
const PLAIN_BESIDE: &[&str] = &[PACKET, ENVIRONMENT, ENVIRONMENT_SHA256];

/// The tree's files in a version of the packet, sorted as bytes.
pub(crate) fn tree_of(version: u32) -> Vec<&'static str> {
    let mut names = PLAIN_TREE.to_vec();
    if version != PLAIN {
        names.extend(LISTS);
        names.sort_unstable();
    }
    names
}

/// Files beside the tree.
pub(crate) fn beside(version: u32) -> Vec<&'static str> {
    let mut names = PLAIN_BESIDE.to_vec();
    if version != PLAIN {
        names.extend([REHEARSAL_STATEMENT, TEST_STATEMENT]);
    }
    names
}

/// Digest of the tree that a packet states: all of `packet.json` but the digest itself.
pub(crate) fn digest(packet: &Packet) -> Result<TreeDigest, EncodeError> {
    let rests_on = packet.verdict.rests_on.iter().map(|text| text.as_str().into());
    let files = packet.files.iter().map(|file| {
        Node::List(vec![
            file.path.as_str().into(),
            file.sha256.as_str().into(),
            Node::Text(file.size.to_string()),
        ])
    });
    let body = Node::List(vec![
        Node::pair("verdict", packet.verdict.value.as_str().into()),
        Node::pair("rests_on", Node::List(rests_on.collect())),
        Node::pair("files", Node::List(files.collect())),
    ]);
    let text = artifact("evidence_tree", &body)?;
    Ok(TreeDigest::of(&format!("{text}\n")))
}

/// `environment.sha256`, in the form of `sha256sum`.
pub(crate) fn environment_line(environment: &[u8]) -> Vec<u8> {
    format!(
        "{}  {ENVIRONMENT}\n",
        canonical::FileDigest::of_bytes(environment)
    )
    .into_bytes()
}

/// Whether a path stays below its root and is nothing else than it looks.
pub fn is_safe(path: &str) -> bool {
    !path.is_empty()
        && path.len() <= 255
        && path
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-/".contains(&byte))
        && path
            .split('/')
            .all(|part| !part.is_empty() && part != "." && part != "..")
}

/// The server's major, out of the environment's file: digits, whatever else somebody wrote there.
const MAJOR: &str = "major() { sed -n 's/.*\"major\": \\([0-9]*\\).*/\\1/p' \"$1/environment.json\"; }\n";
/// What whoever rehearsed on another server must know.
const OTHERWISE: &str = " || {\n        \
    echo \"the rerun gave another tree, on PostgreSQL $(major \"$again/packet\"); \
    the packet is of $(major \"$packet\"), which --postgres-version asks for\" >&2\n        \
    exit 1\n    }";

/// The script that rehearses the same again and compares the trees.
pub(crate) fn rerun(plan: &Plan, version: u32) -> String {
    let compared: Vec<&str> = match version {
        PLAIN => vec![PACKET, RERUN, OUTCOME, PLAN, ROLLBACK],
        _ => [PACKET].into_iter().chain(tree_of(version)).collect(),
    };
    let compared = compared.join(" ");
    let mut arguments = String::new();
    if plan.shape != "auto" {
        arguments.push_str(&format!(" --shape {}", plan.shape));
    }
    if plan.committed {
        arguments.push_str(" --committed");
    }
    for package in &plan.asked {
        arguments.push_str(&format!(" {package}"));
    }
    let estate = if plan.estate {
        "# It was rehearsed on a dump: add `--estate FILE` and what names its roles.\n"
    } else {
        ""
    };
    let (major, otherwise) = match version {
        PLAIN => ("", ""),
        _ => (MAJOR, OTHERWISE),
    };
    format!(
        "#!/bin/sh\n\
         # Rehearses the same bytes again and compares the two trees, byte for byte.\n\
         # Usage: sh RERUN.sh CHECKOUT [ARGUMENT…]; arguments go to `cargo xtask rehearse`, `--postgres` for one.\n\
         {estate}\
         set -eu\n\
         test $# -ge 1 || {{ echo 'usage: sh RERUN.sh CHECKOUT [ARGUMENT…]' >&2; exit 2; }}\n\
         packet=$(cd \"$(dirname \"$0\")\" && pwd)\n\
         again=$(mktemp -d)\n\
         trap 'rm -rf \"$again\"' EXIT\n\
         cd \"$1\"\n\
         shift\n\
         cargo xtask evidence verify \"$packet\" --this-checkout\n\
         cargo xtask rehearse{arguments} \"$@\" --evidence \"$again/packet\" || test $? = 1\n\
         {major}for file in {compared}; do\n\
         \x20   cmp \"$packet/$file\" \"$again/packet/$file\"{otherwise}\n\
         done\n\
         echo 'the rerun gave the same tree'\n"
    )
}
