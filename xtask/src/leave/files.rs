//! Reads a package's bytes from disk, and writes artifacts.
//!
//! The one fact to know: a link, or a name that `sha256sum` would write otherwise than we do, is refused,
//! so the list that is hashed here is the one that an operator's tools see.

use crate::exit::{Code, CommandError};
use crate::leave::TOOL_VERSION;
use canonical::PackageDigest;
use manifest_model::{Package, RunnerClass};
use operator_authorization::{Found, Packet, Refused, packet};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What a package consists of.
#[derive(Debug)]
pub(crate) enum Bytes {
    /// None yet.
    Absent,
    /// An operator's packet.
    Packet(Packet),
    /// Files of the repository.
    Files(PackageDigest),
    /// There, and unfit.
    Refused(Refused),
}

impl Bytes {
    pub(crate) fn digest(&self) -> Found<PackageDigest> {
        match self {
            Self::Packet(packet) => Found::Good(packet.digest),
            Self::Files(digest) => Found::Good(*digest),
            Self::Absent => Found::Absent,
            Self::Refused(refused) => Found::Refused(refused.clone()),
        }
    }
}

/// The bytes of a package as they lie in the repository.
pub(crate) fn of_package(root: &Path, package: &Package) -> Result<Bytes, CommandError> {
    if package.bytes.iter().any(|path| !root.join(path).exists()) {
        return Ok(Bytes::Absent);
    }
    if package.runner == RunnerClass::Operator
        && let [folder] = package.bytes
    {
        return Ok(match Packet::read(&folder_files(&root.join(folder))?) {
            Ok(packet) => Bytes::Packet(packet),
            Err(refused) => Bytes::Refused(refused),
        });
    }
    let mut files = BTreeMap::new();
    for path in package.bytes {
        collect(root, &root.join(path), &mut files)?;
    }
    Ok(Bytes::Files(packet::digest(&files)))
}

/// Files of a folder, by path from it.
pub(crate) fn folder_files(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>, CommandError> {
    let mut files = BTreeMap::new();
    collect(folder, folder, &mut files)?;
    Ok(files)
}

fn collect(root: &Path, path: &Path, files: &mut BTreeMap<String, Vec<u8>>) -> Result<(), CommandError> {
    let kind = std::fs::symlink_metadata(path)
        .map_err(|error| unreadable(path, &error))?
        .file_type();
    if kind.is_dir() {
        let entries = std::fs::read_dir(path).map_err(|error| unreadable(path, &error))?;
        for entry in entries {
            collect(
                root,
                &entry.map_err(|error| unreadable(path, &error))?.path(),
                files,
            )?;
        }
        return Ok(());
    }
    let name = path
        .strip_prefix(root)
        .ok()
        .and_then(Path::to_str)
        .filter(|name| !name.contains(['\\', '\n', '\r']))
        .ok_or_else(|| {
            CommandError::Usage(format!("`{}` has a name that can't be listed", path.display()))
        })?;
    if !kind.is_file() {
        return Err(CommandError::Usage(format!(
            "`{name}` is no plain file: expected the bytes themselves, and no link"
        )));
    }
    files.insert(name.to_owned(), read(path)?);
    Ok(())
}

/// What README.txt has people lay beside a packet's files: it is no part of its bytes, and no file of it runs it.
fn is_leave(name: &str) -> bool {
    ["authorization.json", "allowed_signers", "revoked"].contains(&name)
        || name
            .strip_prefix("authorization.json.")
            .and_then(|rest| rest.strip_suffix(".sig"))
            .is_some_and(|principal| !principal.contains('/'))
}

/// Which packet is meant.
#[derive(Debug, clap::Args)]
pub(crate) struct PacketArgs {
    /// Folder of the packet, or its digest
    #[arg(long, value_name = "DIR_OR_SHA256")]
    pub(crate) packet: String,
    /// With a digest: file with the identities of the packet's objects, a line each
    #[arg(long, value_name = "FILE")]
    pub(crate) objects: Option<PathBuf>,
    /// With a digest: principal who wrote the packet
    #[arg(long, value_name = "PRINCIPAL")]
    pub(crate) author: Option<String>,
}

impl PacketArgs {
    /// The packet: from its folder, or from what is said of it.
    pub(crate) fn load(&self, package: Option<&str>) -> Result<Result<Packet, Refused>, CommandError> {
        let Ok(digest) = self.packet.parse::<PackageDigest>() else {
            let folder = Path::new(&self.packet);
            if !folder.is_dir() {
                return Err(CommandError::Usage(format!(
                    "`{}` is neither a folder nor a digest of 64 lower-case hex digits",
                    self.packet
                )));
            }
            if self.objects.is_some() || self.author.is_some() {
                return Err(CommandError::Usage(
                    "the packet's folder says its objects and author itself: leave --objects and --author out".to_owned(),
                ));
            }
            let mut files = folder_files(folder)?;
            files.retain(|name, _| !is_leave(name));
            return Ok(Packet::read(&files));
        };
        let (Some(package), Some(objects), Some(author)) = (package, &self.objects, &self.author) else {
            return Err(CommandError::Usage(
                "a digest says nothing of the packet: name its --package, --objects and --author, or its folder"
                    .to_owned(),
            ));
        };
        let objects = read_text(objects)?.lines().map(str::to_owned).collect();
        Ok(packet::ordered(objects)
            .map_err(Refused::from)
            .map(|objects| Packet {
                digest,
                package: package.to_owned(),
                author: author.clone(),
                tool_version: TOOL_VERSION.to_owned(),
                objects,
            }))
    }
}

/// A file that somebody named.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, CommandError> {
    std::fs::read(path).map_err(|error| unreadable(path, &error))
}

/// A text file that somebody named.
pub(crate) fn read_text(path: &Path) -> Result<String, CommandError> {
    std::fs::read_to_string(path).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &std::io::Error) -> CommandError {
    CommandError::Usage(format!("can't read `{}`: {error}", path.display()))
}

/// Writes an artifact where there is none: one that people signed is never written over.
pub(crate) fn write_new(path: &Path, text: &str) -> Result<(), CommandError> {
    if path.exists() {
        return Err(CommandError::Refused {
            code: "ARTIFACT_EXISTS",
            how: Code::Usage,
            message: format!(
                "`{}` is there already, and people may have signed it: name another file",
                path.display()
            ),
        });
    }
    authoring::atomic_write(path, text)
        .map_err(|error| CommandError::Environment(format!("can't write the artifact: {error}")))
}
