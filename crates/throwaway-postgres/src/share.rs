//! The files that `initdb` reads, with one line more.
//!
//! Not here: settings of the server that is served (`local`). The fact to know: `initdb` itself starts servers,
//! which take the sample's settings; one that dies hard, of a full disk say, leaves its segments in `/dev/shm`,
//! where no name tells whose they were. So these keep them in the data folder as well.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use crate::account::Account;

const SAMPLE: &str = "postgresql.conf.sample";
/// The last line that sets something counts.
const MORE: &str = "\ndynamic_shared_memory_type = mmap\n";

/// The folder that `initdb --show` prints.
pub(crate) fn named(shown: &str) -> Option<PathBuf> {
    let path = shown.lines().find_map(|line| line.strip_prefix("share_path="))?;
    Some(PathBuf::from(path.trim()))
}

/// Fills the new folder `own`, below the server's, with what lies in `share`; `account` will remove it.
pub(crate) fn lay(own: &Path, share: &Path, account: &Account) -> io::Result<()> {
    fs::create_dir(own)?;
    account.own(own)?;
    for entry in fs::read_dir(share)? {
        let name = entry?.file_name();
        if name != SAMPLE {
            symlink(share.join(&name), own.join(&name))?;
        }
    }
    let mut sample = fs::read(share.join(SAMPLE))?;
    sample.extend(MORE.as_bytes());
    File::create_new(own.join(SAMPLE))?.write_all(&sample)
}

#[cfg(test)]
mod tests {
    use super::{SAMPLE, lay, named};
    use crate::account::Account;
    use std::fs;
    use std::io::Write as _;
    use std::path::Path;

    #[test]
    fn the_folder_is_the_one_that_is_shown() {
        let shown = "VERSION=15.18\nPGDATA=/d\nshare_path=/usr/share/postgresql/15\nPGPATH=/b\n";
        assert_eq!(
            named(shown).as_deref(),
            Some(Path::new("/usr/share/postgresql/15"))
        );
        assert_eq!(named("VERSION=15.18\n"), None);
    }

    #[test]
    fn the_sample_has_one_line_more_and_the_rest_is_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let (share, own) = (folder.path().join("share"), folder.path().join("own"));
        fs::create_dir(&share).unwrap();
        for (name, text) in [
            (SAMPLE, "#dynamic_shared_memory_type = posix"),
            ("postgres.bki", "bki"),
        ] {
            let mut file = fs::File::create_new(share.join(name)).unwrap();
            file.write_all(text.as_bytes()).unwrap();
        }
        lay(&own, &share, &Account::choose().unwrap()).unwrap();
        assert_eq!(
            fs::read_to_string(own.join(SAMPLE)).unwrap(),
            "#dynamic_shared_memory_type = posix\ndynamic_shared_memory_type = mmap\n"
        );
        assert_eq!(fs::read_to_string(own.join("postgres.bki")).unwrap(), "bki");
    }
}
