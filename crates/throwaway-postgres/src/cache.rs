//! Ready clusters, kept between runs: one pack a key.
//!
//! Not here: how a cluster is made. The fact to know: the key covers everything
//! that a cluster is made of, so an entry is never out of date, only unused; the
//! newest few stay.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::account::Account;
use crate::local::INITDB_ARGS;
use crate::{Template, pack};

/// Raised whenever a change of this crate makes other clusters.
const FORMAT: u32 = 1;
const SUFFIX: &str = ".cluster";
/// Entries that stay, up to 50 MB each: those of tests and of four majors beside a rehearsal's.
const KEPT: usize = 12;

/// The place of one key.
#[derive(Debug)]
pub(crate) struct Entry {
    path: PathBuf,
}

/// What a look into the cache found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// The cluster is unpacked.
    Ready,
    /// There is none.
    Nothing,
    /// There was one, not to be used; it is removed.
    Damaged,
}

impl Entry {
    /// The entry of clusters that `server_version` makes for `template`.
    pub(crate) fn new(dir: &Path, server_version: &str, template: Option<&Template>) -> Self {
        let key = key(server_version, template);
        Self {
            path: dir.join(format!("{}{SUFFIX}", &key.to_hex()[..32])),
        }
    }

    /// Unpacks the cluster to `data`, which must not exist.
    ///
    /// # Errors
    /// Those of the target: a full disk is no damage of the entry.
    pub(crate) fn fetch(&self, data: &Path, account: &Account) -> io::Result<Found> {
        let Ok(file) = File::open(&self.path) else {
            return Ok(Found::Nothing);
        };
        let _ = file.set_modified(SystemTime::now());
        match pack::unpack(&file, data, account) {
            Ok(()) => Ok(Found::Ready),
            Err(error) if error.kind() == io::ErrorKind::StorageFull => Err(error),
            Err(_) => {
                self.remove();
                remove_tree(data)?;
                Ok(Found::Damaged)
            }
        }
    }

    /// Keeps the cluster at `data`, atomically, and drops the oldest entries beyond the limit.
    pub(crate) fn keep(&self, data: &Path) -> io::Result<()> {
        let dir = self.path.parent().unwrap_or(Path::new("."));
        footprint::files::own(dir);
        fs::create_dir_all(dir)?;
        let mut file = tempfile::Builder::new().suffix(".part").tempfile_in(dir)?;
        pack::pack(data, file.as_file_mut())?;
        file.persist(&self.path)?;
        prune(dir)
    }

    /// Forgets the cluster.
    pub(crate) fn remove(&self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// Removes a tree that may not be there.
pub(crate) fn remove_tree(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Each part with its length before it, so that no two lists of parts look alike.
fn key(server_version: &str, template: Option<&Template>) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    let mut part = |bytes: &[u8]| {
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    part(&FORMAT.to_le_bytes());
    part(server_version.as_bytes());
    part(std::env::consts::ARCH.as_bytes());
    part(INITDB_ARGS.join("\n").as_bytes());
    if let Some(template) = template {
        part(template.own_database().unwrap_or_default().as_bytes());
        for script in &template.scripts {
            part(template.database_of(script).as_bytes());
            part(script.sql.as_bytes());
        }
    }
    hasher.finalize()
}

/// Keeps the newest entries; also clears the parts of writers that were killed.
fn prune(dir: &Path) -> io::Result<()> {
    let mut entries: Vec<(SystemTime, PathBuf)> = Vec::new();
    for entry in fs::read_dir(dir)?.flatten() {
        let (path, Ok(meta)) = (entry.path(), entry.metadata()) else {
            continue;
        };
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let Ok(modified) = meta.modified() else { continue };
        if name.ends_with(SUFFIX) {
            entries.push((modified, path));
        } else if name.ends_with(".part") && modified.elapsed().is_ok_and(|age| age.as_secs() > 600) {
            let _ = fs::remove_file(path);
        }
    }
    entries.sort();
    let surplus = entries.len().saturating_sub(KEPT);
    for (_, path) in entries.drain(..surplus) {
        let _ = fs::remove_file(path);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Entry, KEPT, key};
    use crate::{Script, Template};

    fn template(sql: &str) -> Template {
        Template {
            database: "estate".to_owned(),
            scripts: vec![Script::database("a", sql), Script::cluster("b", "select 2")],
        }
    }

    #[test]
    fn keys_differ_when_anything_that_a_cluster_is_made_of_differs() {
        let base = template("select 1");
        let mut moved = base.clone();
        moved.scripts[0].runs_in = crate::RunsIn::Cluster;
        let mut renamed = base.clone();
        renamed.database = "other".to_owned();
        let mut split = base.clone();
        split.scripts[0].sql = "select ".to_owned();
        split.scripts[1].sql = "1select 2".to_owned();
        let keys = [
            key("15.18", Some(&base)),
            key("15.19", Some(&base)),
            key("15.18", None),
            key("15.18", Some(&template("select 3"))),
            key("15.18", Some(&moved)),
            key("15.18", Some(&renamed)),
            key("15.18", Some(&split)),
        ];
        for (at, one) in keys.iter().enumerate() {
            assert!(keys[at + 1..].iter().all(|other| other != one), "key {at}");
        }
        assert_eq!(keys[0], key("15.18", Some(&base)));
    }

    #[test]
    fn the_name_of_a_script_is_no_part_of_the_key() {
        let mut renamed = template("select 1");
        renamed.scripts[0].name = "z".to_owned();
        assert_eq!(key("15", Some(&renamed)), key("15", Some(&template("select 1"))));
    }

    #[test]
    fn the_cache_is_bounded() {
        let dir = tempfile::tempdir().unwrap();
        let tree = tempfile::tempdir().unwrap();
        for n in 0..KEPT + 3 {
            Entry::new(dir.path(), &n.to_string(), None)
                .keep(tree.path())
                .unwrap();
        }
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), KEPT);
        let newest = Entry::new(dir.path(), &(KEPT + 2).to_string(), None);
        assert!(newest.path.exists());
    }
}
