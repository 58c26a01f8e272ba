//! A folder of plain files as one file that proves itself.
//!
//! Not a general archive: no links, no owners, no times; a cluster has none that
//! matter. The fact to know: the last 32 bytes are a blake3 of all before them,
//! so a damaged pack is found out by whoever unpacks it, before a server reads it.
//!
//! Layout: the magic line, then entries `kind (1) name_length (4, LE) name`, a file's
//! followed by `length (8, LE) bytes`; kind `d`, `f`, or `.` for the end; then the hash.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, BufWriter, Read, Write};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Component, Path};

use crate::account::Account;

const MAGIC: &[u8] = b"throwaway-postgres cluster pack 1\n";
const BUFFER_BYTES: usize = 1 << 20;
/// Files that belong to a running server.
const SKIPPED: [&str; 2] = ["postmaster.pid", "postmaster.opts"];

/// Writes the tree below `root` to `out`.
pub(crate) fn pack(root: &Path, out: &mut impl Write) -> io::Result<()> {
    let mut out = Hashing::new(BufWriter::with_capacity(BUFFER_BYTES, out));
    out.write_all(MAGIC)?;
    pack_folder(root, root, &mut out)?;
    out.write_all(b".")?;
    let hash = out.hasher.finalize();
    let mut inner = out.inner;
    inner.write_all(hash.as_bytes())?;
    inner.flush()
}

fn pack_folder<W: Write>(root: &Path, folder: &Path, out: &mut Hashing<W>) -> io::Result<()> {
    let mut entries = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let name = path.strip_prefix(root).map_err(io::Error::other)?;
        let name = name.to_str().ok_or_else(|| invalid("a name that is not UTF-8"))?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            head(b'd', name, out)?;
            pack_folder(root, &path, out)?;
        } else if kind.is_file() && !SKIPPED.contains(&name) {
            head(b'f', name, out)?;
            let mut bytes = Vec::new();
            File::open(&path)?.read_to_end(&mut bytes)?;
            out.write_all(&(bytes.len() as u64).to_le_bytes())?;
            out.write_all(&bytes)?;
        } else if !kind.is_file() {
            return Err(invalid(
                "the cluster holds a link or a socket, such as a tablespace",
            ));
        }
    }
    Ok(())
}

fn head(kind: u8, name: &str, out: &mut impl Write) -> io::Result<()> {
    let length = u32::try_from(name.len()).map_err(io::Error::other)?;
    out.write_all(&[kind])?;
    out.write_all(&length.to_le_bytes())?;
    out.write_all(name.as_bytes())
}

/// Makes `root` of the pack `from`, owned by `account`.
///
/// # Errors
/// `InvalidData` or `UnexpectedEof` when the pack is damaged; the tree is then incomplete.
pub(crate) fn unpack(from: impl Read, root: &Path, account: &Account) -> io::Result<()> {
    let mut from = Hashing::new(io::BufReader::with_capacity(BUFFER_BYTES, from));
    let mut magic = vec![0; MAGIC.len()];
    from.read_exact(&mut magic)?;
    if magic != MAGIC {
        return Err(invalid("not a cluster pack"));
    }
    make_folder(root, account)?;
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        let mut kind = [0];
        from.read_exact(&mut kind)?;
        match kind {
            [b'.'] => break,
            [b'd'] => make_folder(&root.join(name(&mut from)?), account)?,
            [b'f'] => {
                let path = root.join(name(&mut from)?);
                make_file(&path, &mut from, &mut buffer, account)?;
            }
            _ => return Err(invalid("an entry of no known kind")),
        }
    }
    let found = from.hasher.finalize();
    let mut expected = [0; blake3::OUT_LEN];
    from.inner.read_exact(&mut expected)?;
    if found != blake3::Hash::from_bytes(expected) {
        return Err(invalid("its hash does not fit its bytes"));
    }
    Ok(())
}

fn make_folder(path: &Path, account: &Account) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(path)?;
    account.own(path)
}

fn make_file(path: &Path, from: &mut impl Read, buffer: &mut [u8], account: &Account) -> io::Result<()> {
    let mut length = [0; 8];
    from.read_exact(&mut length)?;
    let mut left = u64::from_le_bytes(length);
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    while left > 0 {
        let part = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        from.read_exact(&mut buffer[..part])?;
        file.write_all(&buffer[..part])?;
        left -= part as u64;
    }
    account.own(path)
}

/// A name that stays below the root.
fn name(from: &mut impl Read) -> io::Result<String> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let length = u32::from_le_bytes(length);
    if length > 4096 {
        return Err(invalid("a name of more than 4096 bytes"));
    }
    let mut name = vec![0; length as usize];
    from.read_exact(&mut name)?;
    let name = String::from_utf8(name).map_err(|_| invalid("a name that is not UTF-8"))?;
    let is_below = Path::new(&name)
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    if is_below {
        Ok(name)
    } else {
        Err(invalid("a name outside the root"))
    }
}

fn invalid(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// Hashes what passes through.
struct Hashing<T> {
    inner: T,
    hasher: blake3::Hasher,
}

impl<T> Hashing<T> {
    fn new(inner: T) -> Self {
        Self {
            inner,
            hasher: blake3::Hasher::new(),
        }
    }
}

impl<T: Write> Write for Hashing<T> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<T: Read> Read for Hashing<T> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(bytes)?;
        self.hasher.update(&bytes[..read]);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::io::{ErrorKind, Write as _};

    use super::{pack, unpack};
    use crate::account::Account;

    fn ourselves() -> Account {
        Account {
            name: "us".to_owned(),
            uid: 0,
            drop_to_gid: None,
        }
    }

    fn sample() -> Vec<u8> {
        let tree = tempfile::tempdir().unwrap();
        fs::create_dir(tree.path().join("base")).unwrap();
        for (name, text) in [("base/1", "one"), ("PG_VERSION", "15\n"), ("postmaster.pid", "7")] {
            let mut file = File::create(tree.path().join(name)).unwrap();
            file.write_all(text.as_bytes()).unwrap();
        }
        let mut packed = Vec::new();
        pack(tree.path(), &mut packed).unwrap();
        packed
    }

    #[test]
    fn a_tree_comes_back_without_the_files_of_a_running_server() {
        let target = tempfile::tempdir().unwrap();
        let root = target.path().join("data");
        unpack(&sample()[..], &root, &ourselves()).unwrap();
        assert_eq!(fs::read_to_string(root.join("base/1")).unwrap(), "one");
        assert_eq!(fs::read_to_string(root.join("PG_VERSION")).unwrap(), "15\n");
        assert!(!root.join("postmaster.pid").exists());
    }

    #[test]
    fn every_flipped_byte_and_every_cut_is_found_out() {
        let sound = sample();
        for at in 0..sound.len() {
            let mut damaged = sound.clone();
            damaged[at] ^= 1;
            for pack in [&damaged[..], &sound[..at]] {
                let target = tempfile::tempdir().unwrap();
                let found = unpack(pack, &target.path().join("data"), &ourselves());
                let kind = found.expect_err("a damaged pack").kind();
                assert!(
                    matches!(
                        kind,
                        ErrorKind::InvalidData
                            | ErrorKind::UnexpectedEof
                            | ErrorKind::NotFound
                            | ErrorKind::AlreadyExists
                    ),
                    "byte {at}: {kind:?}"
                );
            }
        }
    }
}
