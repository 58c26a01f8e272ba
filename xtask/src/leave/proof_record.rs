//! The record that PKG-D is done: what `repoint-proof` came to, over the bytes of this checkout.

use crate::exit::CommandError;
use crate::leave::files::{of_package, read};
use crate::leave::record::{changed, recorder, write};
use canonical::{ArtifactDigest, PackageDigest};
use fix7_manifest::FIX7;
use operator_authorization::{Evidence, Person, Refused};
use rehearsal::Status;
use std::path::{Path, PathBuf};

const PROVEN: &str = "PKG-D";

/// Where to, and by whom.
#[derive(Debug, clap::Args)]
pub(crate) struct ProofRecordArgs {
    /// Folder in which `status` looks for evidence: records there what PKG-D came to
    #[arg(long, value_name = "DIR", requires = "ran_by")]
    record: Option<PathBuf>,
    /// Principal who proves, for the record
    #[arg(long, value_name = "PRINCIPAL", requires = "record")]
    ran_by: Option<String>,
}

/// What will be recorded.
pub(crate) struct ProofRecorder<'a> {
    folder: &'a Path,
    ran_by: Person,
    before: ArtifactDigest,
    bytes: PackageDigest,
}

impl<'a> ProofRecorder<'a> {
    /// Digests the package, and reads the record that its own follows, before anything is measured.
    pub(crate) fn before(args: &'a ProofRecordArgs, root: &Path) -> Result<Option<Self>, CommandError> {
        let (Some(folder), Some(principal)) = (&args.record, &args.ran_by) else {
            return Ok(None);
        };
        let ran_by = recorder(folder, principal)?;
        let packages = FIX7.packages.iter();
        let before = packages.take_while(|package| package.id != PROVEN).last();
        let before = folder
            .join(before.map_or(PROVEN, |package| package.id))
            .join("evidence.json");
        let digest = Evidence::read(&read(&before)?)
            .and_then(|evidence| evidence.digest().map_err(Refused::from))
            .map_err(|refused| {
                let why: Vec<String> = refused.refusals().iter().map(ToString::to_string).collect();
                CommandError::Usage(format!("`{}`: {}", before.display(), why.join("; ")))
            })?;
        Ok(Some(Self {
            folder,
            ran_by,
            before: digest,
            bytes: bytes(root)?,
        }))
    }

    /// Writes the record.
    pub(crate) fn after(self, verdict: Status, root: &Path) -> Result<(), CommandError> {
        if bytes(root)? != self.bytes {
            return Err(changed());
        }
        write(
            self.folder,
            PROVEN,
            verdict,
            self.bytes,
            Some(self.before),
            &self.ran_by,
        )
        .map(drop)
    }
}

fn bytes(root: &Path) -> Result<PackageDigest, CommandError> {
    let package = FIX7.packages.iter().find(|package| package.id == PROVEN);
    let found = package.map(|package| of_package(root, package)).transpose()?;
    let digest = found.and_then(|bytes| bytes.digest().good().copied());
    digest.ok_or_else(|| {
        CommandError::Usage(format!("`{PROVEN}` has no bytes in this checkout, or unfit ones"))
    })
}
