//! Records that packages of T1 are done: what a rehearsal, or PKG-D's proof, came to, over which bytes.
//!
//! Not for: operators' packages (`operated`), of which no rehearsal is evidence. The one fact to know: the bytes are digested
//! before the run and after it, so a record is of what was rehearsed or there is none.

use crate::exit::CommandError;
use crate::leave::files::of_package;
use crate::leave::{TOOL_VERSION, now, plane};
use canonical::{ArtifactDigest, PackageDigest};
use fix7_manifest::FIX7;
use operator_authorization::{Evidence, Person, Runner};
use rehearsal::{Outcome, Status};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Where to, and by whom.
#[derive(Debug, clap::Args)]
pub(crate) struct RecordArgs {
    /// Folder in which `status` looks for evidence: records there what the rehearsed packages came to
    #[arg(long, value_name = "DIR", requires = "ran_by", conflicts_with_all = ["estate", "packages"])]
    record: Option<PathBuf>,
    /// Principal who rehearses, for the record
    #[arg(long, value_name = "PRINCIPAL", requires = "record")]
    ran_by: Option<String>,
}

/// What will be recorded, if anything.
pub(crate) struct Recorder<'a> {
    folder: &'a Path,
    ran_by: Person,
    bytes: BTreeMap<&'static str, PackageDigest>,
}

impl<'a> Recorder<'a> {
    /// Digests the packages before they are rehearsed.
    pub(crate) fn before(args: &'a RecordArgs, root: &Path) -> Result<Option<Self>, CommandError> {
        let (Some(folder), Some(principal)) = (&args.record, &args.ran_by) else {
            return Ok(None);
        };
        Ok(Some(Self {
            ran_by: recorder(folder, principal)?,
            folder,
            bytes: digests(root)?,
        }))
    }

    /// Writes a record a package.
    pub(crate) fn after(self, outcome: &Outcome, root: &Path) -> Result<(), CommandError> {
        if digests(root)? != self.bytes {
            return Err(changed());
        }
        let mut before: Option<ArtifactDigest> = None;
        for package in &outcome.packages {
            let Some((id, digest)) = self.bytes.get_key_value(package.id.as_str()) else {
                continue;
            };
            let written = write(self.folder, id, package.verdict, *digest, before, &self.ran_by)?;
            before = Some(written);
        }
        Ok(())
    }
}

/// What was measured is no longer what lies there.
pub(super) fn changed() -> CommandError {
    CommandError::Environment("files changed meanwhile, so nothing was recorded: measure again".to_owned())
}

/// Who records, into a folder that is there.
pub(super) fn recorder(folder: &Path, principal: &str) -> Result<Person, CommandError> {
    if !folder.is_dir() {
        return Err(CommandError::Usage(format!(
            "`{}` is no folder: make the one where evidence is to lie",
            folder.display()
        )));
    }
    plane::people().person(principal).ok_or_else(|| {
        CommandError::Usage(format!(
            "`{principal}` is no principal of #02: expected one of its rows"
        ))
    })
}

/// Writes the record of one package; its digest.
pub(super) fn write(
    folder: &Path,
    id: &str,
    verdict: Status,
    package_sha256: PackageDigest,
    before: Option<ArtifactDigest>,
    ran_by: &Person,
) -> Result<ArtifactDigest, CommandError> {
    let record = Evidence {
        package: id.to_owned(),
        verdict: match verdict {
            Status::Pass => "pass",
            Status::Fail => "fail",
            Status::NotMeasured | Status::NotApplicable => "not_measured",
        }
        .to_owned(),
        package_sha256,
        predecessor_evidence_sha256: before,
        authorization_sha256: None,
        target: None,
        tool_version: TOOL_VERSION.to_owned(),
        runner: Runner::T1,
        ran_by: ran_by.clone(),
        ended_at: now()?,
    };
    let written = record.to_file().and_then(|text| Ok((text, record.digest()?)));
    let (text, digest) = written.map_err(|refusal| CommandError::Environment(refusal.to_string()))?;
    let folder = folder.join(id);
    footprint::files::create_dir_all(&folder)?;
    authoring::atomic_write(&folder.join("evidence.json"), &text)
        .map_err(|error| CommandError::Environment(format!("can't write the record: {error}")))?;
    Ok(digest)
}

/// Of the packages that a rehearsal runs.
fn digests(root: &Path) -> Result<BTreeMap<&'static str, PackageDigest>, CommandError> {
    let mut digests = BTreeMap::new();
    for package in FIX7.packages {
        if FIX7.rehearsal.packages.contains(&package.id)
            && let Some(digest) = of_package(root, package)?.digest().good()
        {
            digests.insert(package.id, *digest);
        }
    }
    Ok(digests)
}
