//! The one folder that holds everything of a local server, and its lock.
//!
//! Not here: removing it, which its guard does, or the next start's sweep. The
//! fact to know: the name carries the maker's process id, because between
//! making the folder and locking it there is a moment when only that tells a
//! newborn folder from an abandoned one.

use std::env;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use crate::StartError;
use crate::account::Account;

/// Folders of this crate begin so.
pub(crate) const PREFIX: &str = "throwaway-postgres-";
/// Held by the living owner.
pub(crate) const LOCK: &str = "owner.lock";
/// Bytes of a socket path that the kernel takes.
const SOCKET_PATH_MAX: usize = if cfg!(target_os = "macos") { 103 } else { 107 };
/// Room that memory must have before a cluster goes there, in bytes.
const ROOM_MIN: u64 = 512 << 20;
const SHM: &str = "/dev/shm";

/// A throwaway folder that we own: the lock lives as long as this value.
#[derive(Debug)]
pub(crate) struct Folder {
    pub(crate) path: PathBuf,
    _lock: File,
}

impl Folder {
    /// Makes and locks one under `temp_dir`, or under the best parent.
    pub(crate) fn create(temp_dir: Option<&Path>, account: &Account) -> Result<Self, StartError> {
        let parent = parent(temp_dir, account)?;
        let path = tempfile::Builder::new()
            .prefix(&format!("{PREFIX}{}-", std::process::id()))
            .permissions(fs::Permissions::from_mode(0o700))
            .tempdir_in(&parent)
            .map_err(StartError::io("create a folder in", &parent))?
            .keep();
        footprint::files::own(&path);
        Self::lock(&path, account).map_err(|source| {
            let _ = fs::remove_dir_all(&path);
            StartError::io("lock the folder", &path)(source)
        })
    }

    fn lock(path: &Path, account: &Account) -> io::Result<Self> {
        let lock = File::create_new(path.join(LOCK))?;
        lock.lock()?;
        account.own(path)?;
        Ok(Self {
            path: path.to_path_buf(),
            _lock: lock,
        })
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.path.join("data")
    }
}

/// Parents in the order of preference: memory, TMPDIR, `/tmp`.
pub(crate) fn parents(temp_dir: Option<&Path>) -> Vec<PathBuf> {
    match temp_dir {
        Some(dir) => vec![dir.to_path_buf()],
        None => vec![PathBuf::from(SHM), env::temp_dir(), PathBuf::from("/tmp")],
    }
}

fn parent(temp_dir: Option<&Path>, account: &Account) -> Result<PathBuf, StartError> {
    let mut tried = Vec::new();
    for dir in parents(temp_dir) {
        match unfit(&dir, account) {
            None => return Ok(dir),
            Some(why) => tried.push(format!("`{}` {why}", dir.display())),
        }
    }
    Err(StartError::NoPlace {
        tried: tried.join("; "),
    })
}

/// Why `dir` can't hold a folder of `account`, if so.
fn unfit(dir: &Path, account: &Account) -> Option<String> {
    if dir.as_os_str().as_encoded_bytes().contains(&b'\n') || dir.to_str().is_none() {
        return Some("has a name that can't be passed on".to_owned());
    }
    let socket = dir.join(format!("{PREFIX}4194304-XXXXXX/.s.PGSQL.5432"));
    let length = socket.as_os_str().len();
    if length > SOCKET_PATH_MAX {
        return Some(format!(
            "makes a socket path of {length} bytes, and the kernel takes {SOCKET_PATH_MAX}"
        ));
    }
    let meta = match fs::metadata(dir) {
        Ok(meta) if meta.is_dir() => meta,
        Ok(_) => return Some("is not a folder".to_owned()),
        Err(error) => return Some(format!("can't be read: {error}")),
    };
    if account.drop_to_gid.is_some() {
        // As root everything looks writable: ask for the account that is dropped to.
        let writable = meta.mode() & 0o003 == 0o003 || meta.uid() == account.uid;
        if !writable || !is_reachable(dir.parent().unwrap_or(dir), account) {
            return Some(format!("can't be used by user `{}`", account.name));
        }
    } else if rustix::fs::access(dir, rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK).is_err() {
        return Some("is not writable".to_owned());
    }
    if dir == Path::new(SHM) {
        let room = rustix::fs::statvfs(dir).map_or(0, |fs| fs.f_bavail * fs.f_frsize);
        if room < ROOM_MIN {
            return Some(format!(
                "has room for {} MiB, wanted are {}",
                room >> 20,
                ROOM_MIN >> 20
            ));
        }
    }
    None
}

/// Whether the account that root drops to gets to `dir`, as far as it exists.
pub(crate) fn is_reachable(dir: &Path, account: &Account) -> bool {
    account.drop_to_gid.is_none()
        || dir
            .ancestors()
            .filter(|up| up.exists())
            .all(|up| is_open(up, account))
}

fn is_open(dir: &Path, account: &Account) -> bool {
    fs::metadata(dir).is_ok_and(|m| m.mode() & 0o001 == 0o001 || m.uid() == account.uid)
}
