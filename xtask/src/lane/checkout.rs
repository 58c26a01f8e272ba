//! What a lane rests on, read from the checkout: delegation, pins, governance, sealed identities.
//!
//! Not for: running anything. The one fact to know: it only reads, and the same function gives the digests before
//! the lane and those that `lane verify --this-checkout` compares.

use crate::exit::CommandError;
use evidence::PlannedFile;
use fix7_manifest::lane::LANE;
use lane::{Addendum, DelegationLock, Governance, Input, Pin, PriorVerdict, Refusal};
use std::collections::BTreeMap;
use std::path::Path;

/// The governance folder.
const GOVERNANCE: &str = "governance";
const PINS: &str = "governance/pins.toml";
const FROZEN: &str = "crates/evidence/frozen/packet.json";
const EXACT_SETS: &str = "seeds/exact-set";

/// Files that hold what is sealed: what they are, where, and how they are verified.
const SEALED: &[(&str, &str, &str)] = &[
    ("pins", PINS, "each pinned file by its digest"),
    (
        "canonical register",
        "governance/canonical/register.toml",
        "pinned; its ceiling and ids",
    ),
    ("canonical index", "governance/canonical/00-index.md", "pinned"),
    (
        "proposed records",
        "governance/proposed/records.toml",
        "its objects are the design's; authored again in S1",
    ),
    (
        "approved definitions",
        "migrations/design.lock",
        "authored again in S1, every definition approved",
    ),
    (
        "PKG-A",
        "migrations/index.toml",
        "every listed file by its digest in S1",
    ),
    (
        "PKG-B",
        "seeds/index.toml",
        "every listed file by its digest in S1",
    ),
    (
        "plan of rehearsals",
        "rehearsal/plan.toml",
        "every file that it names by its digest in S1",
    ),
    ("declared access", "rehearsal/access.toml", "named by the plan"),
    ("hash vectors", "crates/canonical/vectors/vectors.json", "pinned"),
    (
        "frozen packet",
        FROZEN,
        "pinned; recomputed, and passed by the gate",
    ),
];

/// Why there is nothing to go on with.
pub(crate) enum Stop {
    /// Something speaks against it.
    Refused(Vec<Refusal>),
    /// It could not be looked at.
    Command(CommandError),
}

/// A delegation that was judged good.
pub(crate) struct Given {
    pub(crate) lock: DelegationLock,
    input: Input,
}

/// What the preflight saw.
pub(crate) struct Seen {
    pub(crate) pins: Vec<Pin>,
    pub(crate) prior_verdicts: Vec<PriorVerdict>,
    pub(crate) addendum: Addendum,
    /// The governance folder's files.
    pub(crate) governance: BTreeMap<String, Vec<u8>>,
}

/// Whether a text holds a credential, as captures are looked through.
pub(crate) fn credential(text: &str) -> bool {
    capture::credential_in(text).is_some()
}

/// Reads and judges the delegation.
pub(crate) fn delegated(path: &Path) -> Result<Given, Stop> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => Some(bytes),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(Stop::Command(unreadable(path, &error))),
    };
    let text = bytes.as_deref().map(String::from_utf8_lossy);
    let found = lane::judge_delegation(&LANE, text.as_deref(), &|text| text.lines().any(credential))
        .map_err(Stop::Refused)?;
    let file = PlannedFile::of("delegation.toml", &bytes.unwrap_or_default());
    Ok(Given {
        lock: DelegationLock::of(&found, file.sha256.clone()),
        input: Input {
            id: "delegation".to_owned(),
            path: super::DELEGATION.to_owned(),
            sha256: file.sha256,
            verified_by: "its lane, gate and authority; that it asks for nothing".to_owned(),
            verdict: "pass".to_owned(),
        },
    })
}

/// Looks at pins, governance and prior verdicts.
pub(crate) fn look(root: &Path) -> Result<Seen, Stop> {
    let text = String::from_utf8_lossy(&read(root, PINS)?).into_owned();
    let pins = lane::pins(&text, &|path| std::fs::read(root.join(path)).ok()).map_err(Stop::Refused)?;
    let governance = governance(root)?;
    let of = Governance(&governance);
    let addendum = lane::addendum(&LANE, of, &of.canonical()).map_err(Stop::Refused)?;
    Ok(Seen {
        pins,
        prior_verdicts: vec![frozen()],
        addendum,
        governance,
    })
}

/// The verdict over the packet that is kept with the tool.
pub(crate) fn frozen() -> PriorVerdict {
    let report = evidence::verify(&evidence::frozen());
    let is_pass = report.refusals.is_empty() && report.packet_verdict.as_deref() == Some("pass");
    let verdict = if is_pass { "pass" } else { "fail" }.to_owned();
    PriorVerdict {
        id: "frozen rehearsal".to_owned(),
        sha256: report.tree_sha256.unwrap_or_default(),
        before: verdict.clone(),
        after: verdict,
    }
}

/// The inputs with their digests.
pub(crate) fn inputs(root: &Path, given: &Given) -> Result<Vec<Input>, Stop> {
    let mut inputs = vec![given.input.clone()];
    for (id, path, verified_by) in SEALED {
        inputs.push(input(
            id,
            path,
            PlannedFile::of(path, &read(root, path)?).sha256,
            verified_by,
        ));
    }
    let mut sets = String::new();
    for (path, bytes) in folder(&root.join(EXACT_SETS))? {
        sets.push_str(&format!("{}  {path}\n", PlannedFile::of(&path, &bytes).sha256));
    }
    let digest = PlannedFile::of(EXACT_SETS, sets.as_bytes()).sha256;
    inputs.push(input(
        "exact sets",
        EXACT_SETS,
        digest,
        "the lines of `sha256sum`; authored again in S1",
    ));
    Ok(inputs)
}

fn input(id: &str, path: &str, sha256: String, verified_by: &str) -> Input {
    Input {
        id: id.to_owned(),
        path: path.to_owned(),
        sha256,
        verified_by: verified_by.to_owned(),
        verdict: "pass".to_owned(),
    }
}

/// The governance folder's files, by path below it.
pub(crate) fn governance(root: &Path) -> Result<BTreeMap<String, Vec<u8>>, Stop> {
    folder(&root.join(GOVERNANCE))
}

fn folder(top: &Path) -> Result<BTreeMap<String, Vec<u8>>, Stop> {
    fn collect(top: &Path, at: &Path, found: &mut BTreeMap<String, Vec<u8>>) -> std::io::Result<()> {
        for entry in std::fs::read_dir(at)? {
            let path = entry?.path();
            if std::fs::symlink_metadata(&path)?.is_dir() {
                collect(top, &path, found)?;
            } else if let Ok(below) = path.strip_prefix(top) {
                let name = below.to_string_lossy().replace('\\', "/");
                found.insert(name, std::fs::read(&path)?);
            }
        }
        Ok(())
    }
    let mut found = BTreeMap::new();
    collect(top, top, &mut found).map_err(|error| Stop::Command(unreadable(top, &error)))?;
    Ok(found)
}

fn read(root: &Path, path: &str) -> Result<Vec<u8>, Stop> {
    std::fs::read(root.join(path)).map_err(|error| Stop::Command(unreadable(Path::new(path), &error)))
}

fn unreadable(path: &Path, error: &std::io::Error) -> CommandError {
    CommandError::Usage(format!("can't read `{}`: {error}", path.display()))
}
