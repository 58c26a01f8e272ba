//! Records that a rehearsal's packages are done: what it came to, over which bytes.
//!
//! Not for: operators' packages, of which no rehearsal is evidence. The one fact to know: the bytes are digested
//! before the run and after it, so a record is of what was rehearsed or there is none.

use crate::exit::CommandError;
use crate::leave::files::of_package;
use crate::leave::{TOOL_VERSION, now, plane};
use canonical::{ArtifactDigest, PackageDigest};
use fix7_manifest::FIX7;
use operator_authorization::{Evidence, Person, Runner};
use rehearsal::Outcome;
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
        if !folder.is_dir() {
            return Err(CommandError::Usage(format!(
                "`{}` is no folder: make the one where evidence is to lie",
                folder.display()
            )));
        }
        let ran_by = plane::people().person(principal).ok_or_else(|| {
            CommandError::Usage(format!(
                "`{principal}` is no principal of #02: expected one of its rows"
            ))
        })?;
        Ok(Some(Self {
            folder,
            ran_by,
            bytes: digests(root)?,
        }))
    }

    /// Writes a record a package.
    pub(crate) fn after(self, outcome: &Outcome, root: &Path) -> Result<(), CommandError> {
        if digests(root)? != self.bytes {
            return Err(CommandError::Environment(
                "files changed while they were rehearsed, so nothing was recorded: rehearse again".to_owned(),
            ));
        }
        let mut before: Option<ArtifactDigest> = None;
        for package in &outcome.packages {
            let Some((id, digest)) = self.bytes.get_key_value(package.id.as_str()) else {
                continue;
            };
            let verdict = serde_json::to_value(package.verdict)
                .ok()
                .and_then(|word| word.as_str().map(str::to_owned))
                .filter(|word| ["pass", "fail"].contains(&word.as_str()))
                .unwrap_or_else(|| "not_measured".to_owned());
            let record = Evidence {
                package: (*id).to_owned(),
                verdict,
                package_sha256: *digest,
                predecessor_evidence_sha256: before,
                authorization_sha256: None,
                target: None,
                tool_version: TOOL_VERSION.to_owned(),
                runner: Runner::T1,
                ran_by: self.ran_by.clone(),
                ended_at: now()?,
            };
            let written = record.to_file().and_then(|text| Ok((text, record.digest()?)));
            let (text, digest) = written.map_err(|refusal| CommandError::Environment(refusal.to_string()))?;
            let folder = self.folder.join(id);
            footprint::files::create_dir_all(&folder)?;
            authoring::atomic_write(&folder.join("evidence.json"), &text)
                .map_err(|error| CommandError::Environment(format!("can't write the record: {error}")))?;
            before = Some(digest);
        }
        Ok(())
    }
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
