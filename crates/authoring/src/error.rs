//! Why nothing was authored.

use std::fmt;
use std::path::PathBuf;

use manifest_model::validate::Problem;

/// An object whose definition is not the approved one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesignChange {
    /// `table readiness_gate_manifest`.
    pub object: String,
    /// File that defines it.
    pub source: String,
    /// Digest in `migrations/design.lock`, if it has one.
    pub approved: Option<String>,
    /// Digest of the definition as it is, if there still is one.
    pub found: Option<String>,
}

/// A surface whose keys are not the accepted ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetChange {
    /// Table of the surface.
    pub surface: String,
    /// Keys that are new.
    pub added: Vec<String>,
    /// Keys that are gone.
    pub removed: Vec<String>,
}

/// Why nothing was authored.
#[derive(Debug, thiserror::Error)]
pub enum AuthorError {
    /// A body or a guard that the parser can't read: nothing is said of it in part.
    #[error("`{path}` does not parse: {}", errors.join("; "))]
    Unparsed {
        /// Relative path.
        path: String,
        /// What the parser says.
        errors: Vec<String>,
    },
    /// Definitions that can't be authored.
    #[error("{}", list("definitions can't be authored", .0))]
    Invalid(Vec<Problem>),
    /// Designs that nobody approved.
    #[error("{}", designs(.0))]
    UnapprovedDesigns(Vec<DesignChange>),
    /// Sets that nobody accepted.
    #[error("{}", sets(.0))]
    UnacceptedSets(Vec<SetChange>),
    /// Guard files, or files of their faults, that no guard of the registry has: nothing would ever run them.
    #[error("{}", strays(.found, .missing))]
    StrayGuardFiles {
        /// Relative paths.
        found: Vec<String>,
        /// Files of guards that are not there.
        missing: Vec<String>,
    },
    /// A guard's file that is none, or another guard's.
    #[error(
        "`{path}` is not the file of guard `{expected}`: {found}\n\nhint: each guard has the file of its name"
    )]
    NotTheGuard {
        /// Relative path.
        path: String,
        /// The guard that the registry has there.
        expected: String,
        /// What stands there.
        found: String,
    },
    /// Files of surfaces that the list of surfaces does not name, so that nothing would be made of them.
    #[error(
        "no surface of the control plane has the file `{}`\n\nhint: enter it into the list of surfaces, or take it away", .found.join("`, `")
    )]
    UnlistedSurfaces {
        /// Relative paths.
        found: Vec<String>,
    },
    /// A guard, or its cases, in which a person has still to decide something.
    #[error(
        "`{path}` waits for a person\n  UNKNOWN_REQUIRES_REVIEW: {}\n\nhint: decide it in that file, then author again", .questions.join("\n  UNKNOWN_REQUIRES_REVIEW: ")
    )]
    Undecided {
        /// Relative path.
        path: String,
        /// What is open.
        questions: Vec<String>,
    },
    /// The capture is missing.
    #[error(
        "no capture: the read contract, the authority scope, the gateway and the repoint are authored from a captured database\n\nhint: run `cargo xtask capture URL --name NAME` on it, review and commit `rehearsal/captures/NAME/`"
    )]
    NoCapture,
    /// The capture does not hold something that a manifest names.
    #[error("the capture does not hold {kind} `{identity}`, which {wanted_by} names\n\nhint: {hint}")]
    NotInCapture {
        /// `routine` or `relation`.
        kind: &'static str,
        /// Its identity.
        identity: String,
        /// Who names it.
        wanted_by: String,
        /// What to do.
        hint: String,
    },
    /// A name given for approval that fits nothing.
    #[error("nothing to approve for `{name}`: expected one of {}", .known.iter().map(|k| format!("`{k}`")).collect::<Vec<_>>().join(", "))]
    UnknownApproval {
        /// What was given.
        name: String,
        /// What could be given.
        known: Vec<String>,
    },
    /// A value that has no canonical encoding.
    #[error("`{surface}` item `{item}`: {source}")]
    Encode {
        /// Table of the surface.
        surface: String,
        /// Key of the item.
        item: String,
        /// Why.
        source: canonical::EncodeError,
    },
    /// A file that can't be read or written.
    #[error("`{}`: {source}", .path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A record of decisions that can't be taken as one.
    #[error("`{}`: {why}", .path.display())]
    BadDecision {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A lock file that does not parse.
    #[error("`{}` line {line}: expected {expected}, found `{found}`", .path.display())]
    BadLock {
        /// Which.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// What a line must be.
        expected: &'static str,
        /// What it is.
        found: String,
    },
}

fn list<T: fmt::Display>(title: &str, items: &[T]) -> String {
    let mut text = format!("{} {title}", items.len());
    for item in items {
        text.push_str(&format!("\n  {item}"));
    }
    text
}

fn strays(found: &[String], missing: &[String]) -> String {
    let hint = if missing.is_empty() {
        "take them away, or enter their guard into the registry".to_owned()
    } else {
        format!(
            "not there: `{}`; give them their names back",
            missing.join("`, `")
        )
    };
    format!(
        "no guard of the registry has the file `{}`, so nothing would run it\n\nhint: {hint}",
        found.join("`, `")
    )
}

fn designs(changes: &[DesignChange]) -> String {
    let mut text = format!("{} definitions differ from their approved design", changes.len());
    for change in changes {
        let none = || "none".to_owned();
        text.push_str(&format!(
            "\n  `{}` ({})\n    approved: {}\n    found:    {}",
            change.object,
            change.source,
            change.approved.clone().unwrap_or_else(none),
            change.found.clone().unwrap_or_else(none)
        ));
    }
    text.push_str("\n\nhint: review the change, then run `cargo xtask author --approve-design OBJECT` and commit the lock on its own");
    text
}

fn sets(changes: &[SetChange]) -> String {
    let mut text = format!("{} surfaces have other keys than their exact set", changes.len());
    for change in changes {
        text.push_str(&format!("\n  `{}`", change.surface));
        for key in &change.added {
            text.push_str(&format!("\n    + {key}"));
        }
        for key in &change.removed {
            text.push_str(&format!("\n    - {key}"));
        }
    }
    text.push_str("\n\nhint: review the change, then run `cargo xtask author --accept-set SURFACE` and commit the lock on its own");
    text
}
