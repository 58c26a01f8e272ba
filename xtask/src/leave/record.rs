//! Records that packages of T1 are done: what a rehearsal, or PKG-D's proof, came to, over which bytes.
//!
//! Not for: operators' packages (`operated`), of which no rehearsal is evidence. The one fact to know: the bytes are digested
//! before the run and after it, so a record is of what was rehearsed or there is none.

use crate::exit::CommandError;
use crate::leave::files::{of_package, read};
use crate::leave::{TOOL_VERSION, now, plane};
use crate::repoint::PACKAGE;
use canonical::{ArtifactDigest, PackageDigest};
use fix7_manifest::FIX7;
use operator_authorization::{Evidence, Person, Refused, Runner};
use rehearsal::Status;
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

/// The same for PKG-D.
#[derive(Debug, clap::Args)]
pub(crate) struct ProofRecordArgs {
    /// Folder in which `status` looks for evidence: records there what PKG-D came to
    #[arg(long, value_name = "DIR", requires = "ran_by")]
    record: Option<PathBuf>,
    /// Principal who proves, for the record
    #[arg(long, value_name = "PRINCIPAL", requires = "record")]
    ran_by: Option<String>,
}

/// What will be recorded, if anything.
pub(crate) struct Recorder<'a> {
    folder: &'a Path,
    ran_by: Person,
    /// Of the package before the first of these.
    before: Option<ArtifactDigest>,
    ids: &'static [&'static str],
    bytes: BTreeMap<&'static str, PackageDigest>,
}

impl<'a> Recorder<'a> {
    /// Of the packages that a rehearsal runs.
    pub(crate) fn of_rehearsal(args: &'a RecordArgs, root: &Path) -> Result<Option<Self>, CommandError> {
        let asked = args.record.as_deref().zip(args.ran_by.as_deref());
        Self::before(asked, FIX7.rehearsal.packages, root)
    }

    /// Of the package that is proven on a live database.
    pub(crate) fn of_proof(args: &'a ProofRecordArgs, root: &Path) -> Result<Option<Self>, CommandError> {
        let asked = args.record.as_deref().zip(args.ran_by.as_deref());
        Self::before(asked, &[PACKAGE], root)
    }

    /// Digests the packages, and reads the record that theirs follow, before anything is measured.
    fn before(
        asked: Option<(&'a Path, &'a str)>,
        ids: &'static [&'static str],
        root: &Path,
    ) -> Result<Option<Self>, CommandError> {
        let Some((folder, principal)) = asked else {
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
        let first = ids.first().copied().unwrap_or_default();
        let before = digest_before(folder, first)?.map_err(|refused| {
            let why: Vec<String> = refused.refusals().iter().map(ToString::to_string).collect();
            CommandError::Usage(format!(
                "the record of the package before `{first}` is refused: {}",
                why.join("; ")
            ))
        })?;
        let bytes = digests(ids, root)?;
        if bytes.is_empty() {
            return Err(CommandError::Usage(format!(
                "{} has no bytes in this checkout, or unfit ones",
                ids.join(", ")
            )));
        }
        Ok(Some(Self {
            folder,
            ran_by,
            before,
            ids,
            bytes,
        }))
    }

    /// Writes a record a package.
    pub(crate) fn after<'v>(
        self,
        verdicts: impl IntoIterator<Item = (&'v str, Status)>,
        root: &Path,
    ) -> Result<(), CommandError> {
        if digests(self.ids, root)? != self.bytes {
            return Err(CommandError::Environment(
                "files changed meanwhile, so nothing was recorded: measure again".to_owned(),
            ));
        }
        let mut before = self.before;
        for (id, verdict) in verdicts {
            if let Some(bytes) = self.bytes.get(id) {
                before = Some(write(self.folder, id, verdict, *bytes, before, &self.ran_by)?);
            }
        }
        Ok(())
    }
}

/// Digest of the record of the package before this one; none for the first.
pub(super) fn digest_before(
    folder: &Path,
    id: &str,
) -> Result<Result<Option<ArtifactDigest>, Refused>, CommandError> {
    let packages = FIX7.packages.iter();
    let Some(before) = packages.take_while(|package| package.id != id).last() else {
        return Ok(Ok(None));
    };
    let record = read(&folder.join(before.id).join("evidence.json"))?;
    Ok(Evidence::read(&record).and_then(|evidence| Ok(Some(evidence.digest()?))))
}

/// Writes the record of one package; its digest.
fn write(
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

/// Of these packages; one whose bytes are unfit is left out.
fn digests(
    ids: &'static [&'static str],
    root: &Path,
) -> Result<BTreeMap<&'static str, PackageDigest>, CommandError> {
    let mut digests = BTreeMap::new();
    for package in FIX7.packages.iter().filter(|package| ids.contains(&package.id)) {
        if let Some(digest) = of_package(root, package)?.digest().good() {
            digests.insert(package.id, *digest);
        }
    }
    Ok(digests)
}
