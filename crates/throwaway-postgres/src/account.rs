//! Whom a server runs as: PostgreSQL refuses root.
//!
//! Not here: changing our own identity; only children are dropped. The fact to
//! know: accounts come from `/etc/passwd` alone, since a name service needs
//! `unsafe` calls; a machine without the two names says so.

use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use crate::StartError;

/// Identity that server processes and their files get.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    /// For messages.
    pub(crate) name: String,
    /// Owner of the files.
    pub(crate) uid: u32,
    /// `Some` when children must be dropped to it: we are root.
    pub(crate) drop_to_gid: Option<u32>,
}

impl Account {
    /// Ourselves, or as root the user `postgres`, else `nobody`.
    pub(crate) fn choose() -> Result<Self, StartError> {
        let uid = rustix::process::geteuid();
        let passwd = fs::read_to_string("/etc/passwd").unwrap_or_default();
        if uid.is_root() {
            return ["postgres", "nobody"]
                .iter()
                .find_map(|name| entry(&passwd, name))
                .ok_or(StartError::NoAccount);
        }
        Ok(Self {
            name: name_of(&passwd, uid.as_raw()).unwrap_or_else(|| uid.as_raw().to_string()),
            uid: uid.as_raw(),
            drop_to_gid: None,
        })
    }

    /// Makes `command` run as this account, with no variable of ours but those
    /// that a program needs to load: `PG*` would redirect it.
    pub(crate) fn apply<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.env_clear().env("LC_ALL", "C").env("TZ", "UTC");
        for name in ["PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        if let Some(gid) = self.drop_to_gid {
            command.uid(self.uid).gid(gid).current_dir("/");
        }
        command
    }

    /// Gives `path` to the account if it isn't ours.
    pub(crate) fn own(&self, path: &Path) -> std::io::Result<()> {
        match self.drop_to_gid {
            Some(gid) => std::os::unix::fs::chown(path, Some(self.uid), Some(gid)),
            None => Ok(()),
        }
    }
}

fn entry(passwd: &str, name: &str) -> Option<Account> {
    let fields: Vec<&str> = passwd
        .lines()
        .map(|line| line.split(':').collect::<Vec<_>>())
        .find(|fields| fields.first() == Some(&name))?;
    let uid = fields.get(2)?.parse().ok().filter(|uid| *uid != 0)?;
    Some(Account {
        name: name.to_owned(),
        uid,
        drop_to_gid: Some(fields.get(3)?.parse().ok()?),
    })
}

fn name_of(passwd: &str, uid: u32) -> Option<String> {
    let uid = uid.to_string();
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == uid).then(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::{entry, name_of};

    const PASSWD: &str =
        "root:x:0:0::/root:/bin/sh\nnobody:x:65534:65533:nobody:/:/bin/false\nodd:x:0:7::/:/bin/sh\n";

    #[test]
    fn accounts_are_read_by_name() {
        let nobody = entry(PASSWD, "nobody").unwrap();
        assert_eq!((nobody.uid, nobody.drop_to_gid), (65534, Some(65533)));
        assert_eq!(entry(PASSWD, "postgres"), None);
        assert_eq!(name_of(PASSWD, 65534).as_deref(), Some("nobody"));
    }

    #[test]
    fn an_account_with_roots_identity_is_no_account() {
        assert_eq!(entry(PASSWD, "root"), None);
        assert_eq!(entry(PASSWD, "odd"), None);
    }
}
