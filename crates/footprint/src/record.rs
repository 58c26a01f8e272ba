//! The record: one a process, only ever added to.
//!
//! Not for: what may be touched. The one fact to know: numbers differ between two runs that do the same (a
//! server is knocked at until it answers), so only what is zero, and which places were written, is comparable.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Whose server it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Whose {
    /// This process made it and takes it down.
    Made,
    /// Somebody runs it and approved it as a target of rehearsals.
    Approved,
    /// Somebody's live database, which is only read.
    Live,
    /// Nobody said: a server that no door knows.
    Unknown,
}

/// What was done to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Act {
    /// It was made or replaced.
    Written,
    /// It was taken away.
    Removed,
}

/// Where something was done, and what.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Touched {
    /// What was done.
    pub act: Act,
    /// Where, absolute.
    pub path: PathBuf,
}

/// A folder of the tool's own, in which files come and go unseen.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place(pub PathBuf);

/// Statements that were sent to servers of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// How many.
    pub statements: u64,
    /// How many of them held a watched word, by word.
    pub naming: BTreeMap<String, u64>,
}

/// All of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Footprint {
    /// Whether statements were counted: where not, none being there says nothing.
    pub counted: bool,
    /// Connections that were tried.
    pub connections: BTreeMap<Whose, u64>,
    /// Servers that they went to, by address.
    pub servers: BTreeMap<String, Whose>,
    /// Statements that were sent.
    pub statements: BTreeMap<Whose, Sent>,
    /// Other ways out of this machine or process: a container engine, a download.
    pub network: BTreeMap<String, u64>,
    /// Programs that were started, by name.
    pub programs: BTreeMap<String, u64>,
    /// Files, but for those below `own`.
    pub files: BTreeSet<Touched>,
    /// The tool's own folders.
    pub own: BTreeSet<Place>,
}

impl Footprint {
    /// Adds what another process did on behalf of this one. A server that this one made is foreign to the other,
    /// and is not once the two are one.
    pub fn add(&mut self, other: &Self) {
        let mut other = other.clone();
        let ours = |address: &String| self.servers.get(address) == Some(&Whose::Made);
        if other
            .servers
            .iter()
            .all(|(address, whose)| *whose == Whose::Made || ours(address))
        {
            other.become_made();
        }
        self.counted &= other.counted;
        self.servers.extend(other.servers.clone());
        sum(&mut self.connections, &other.connections);
        sum(&mut self.network, &other.network);
        sum(&mut self.programs, &other.programs);
        for (whose, sent) in &other.statements {
            let here = self.statements.entry(*whose).or_default();
            here.statements += sent.statements;
            sum(&mut here.naming, &sent.naming);
        }
        self.files.extend(other.files.iter().cloned());
        self.own.extend(other.own.iter().cloned());
    }

    fn become_made(&mut self) {
        self.servers.values_mut().for_each(|whose| *whose = Whose::Made);
        let connections = std::mem::take(&mut self.connections).into_values().sum();
        self.connections.insert(Whose::Made, connections);
        let mut all = Sent::default();
        for sent in std::mem::take(&mut self.statements).into_values() {
            all.statements += sent.statements;
            sum(&mut all.naming, &sent.naming);
        }
        self.statements.insert(Whose::Made, all);
    }

    /// Connections to servers that no process of ours made.
    pub fn foreign_connections(&self) -> u64 {
        let foreign = self
            .connections
            .iter()
            .filter(|(whose, _)| **whose != Whose::Made);
        foreign.map(|(_, count)| count).sum()
    }

    /// Statements that were sent to such servers.
    pub fn foreign_statements(&self) -> u64 {
        self.foreign().map(|sent| sent.statements).sum()
    }

    /// Statements with this word that were sent to such servers.
    pub fn foreign_naming(&self, word: &str) -> u64 {
        self.foreign().filter_map(|sent| sent.naming.get(word)).sum()
    }

    fn foreign(&self) -> impl Iterator<Item = &Sent> {
        let foreign = self.statements.iter().filter(|(whose, _)| **whose != Whose::Made);
        foreign.map(|(_, sent)| sent)
    }

    /// What was done to files outside the tool's own folders.
    pub fn outside(&self) -> impl Iterator<Item = &Touched> {
        let is_own = |path: &Path| self.own.iter().any(|place| path.starts_with(&place.0));
        self.files.iter().filter(move |touched| !is_own(&touched.path))
    }
}

fn sum<K: Ord + Clone>(into: &mut BTreeMap<K, u64>, from: &BTreeMap<K, u64>) {
    for (key, count) in from {
        *into.entry(key.clone()).or_default() += count;
    }
}

static RECORD: Mutex<Option<Footprint>> = Mutex::new(None);

/// A panic elsewhere makes no record untrue, so a poisoned lock is taken as it is.
fn record() -> MutexGuard<'static, Option<Footprint>> {
    RECORD.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn note(what: impl FnOnce(&mut Footprint)) {
    what(record().get_or_insert_with(Footprint::default));
}

/// A connection to the server at `address` is about to be tried.
pub fn opened(address: &str, whose: Whose) {
    note(|record| {
        *record.connections.entry(whose).or_default() += 1;
        record.servers.insert(address.to_owned(), whose);
    });
}

/// A way out that is no database connection is about to be taken.
pub fn network(kind: &str) {
    note(|record| *record.network.entry(kind.to_owned()).or_default() += 1);
}

/// A program is about to be started.
pub fn program(path: &Path) {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    note(|record| *record.programs.entry(name.into_owned()).or_default() += 1);
}

/// The record so far.
pub fn taken() -> Footprint {
    record().clone().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Act, Footprint, Place, Sent, Touched, Whose};
    use std::collections::{BTreeMap, BTreeSet};

    fn touched(path: &str) -> Touched {
        Touched {
            act: Act::Written,
            path: path.into(),
        }
    }

    #[test]
    fn every_server_that_we_did_not_make_is_foreign() {
        let mut found = Footprint::default();
        for (whose, count) in [
            (Whose::Made, 100),
            (Whose::Approved, 1),
            (Whose::Live, 2),
            (Whose::Unknown, 4),
        ] {
            found.connections.insert(whose, count);
            let naming = BTreeMap::from([("system_issues".to_owned(), count)]);
            found.statements.insert(
                whose,
                Sent {
                    statements: count * 10,
                    naming,
                },
            );
        }
        assert_eq!(found.foreign_connections(), 7);
        assert_eq!(found.foreign_statements(), 70);
        assert_eq!(found.foreign_naming("system_issues"), 7);
        assert_eq!(found.foreign_naming("anything"), 0);
    }

    #[test]
    fn what_lies_below_an_own_folder_is_inside_and_a_neighbour_is_not() {
        let found = Footprint {
            files: [touched("/tmp/own/a"), touched("/tmp/owner/a"), touched("/repo/b")].into(),
            own: BTreeSet::from([Place("/tmp/own".into())]),
            ..Footprint::default()
        };
        let outside: Vec<_> = found.outside().map(|touched| touched.path.clone()).collect();
        assert_eq!(outside, ["/repo/b", "/tmp/owner/a"].map(std::path::PathBuf::from));
    }

    #[test]
    fn a_server_of_the_parents_own_is_foreign_to_its_child_alone() {
        let child = Footprint {
            connections: BTreeMap::from([(Whose::Approved, 2)]),
            servers: BTreeMap::from([("/run/a".to_owned(), Whose::Approved)]),
            ..Footprint::default()
        };
        assert_eq!(child.foreign_connections(), 2);
        let mut parent = Footprint {
            servers: BTreeMap::from([("/run/a".to_owned(), Whose::Made)]),
            ..Footprint::default()
        };
        parent.add(&child);
        assert_eq!(
            (parent.foreign_connections(), parent.connections[&Whose::Made]),
            (0, 2)
        );
        let mut stranger = Footprint::default();
        stranger.add(&child);
        assert_eq!(stranger.foreign_connections(), 2);
    }

    #[test]
    fn one_process_that_did_not_count_makes_the_sum_uncounted() {
        let counted = Footprint {
            counted: true,
            programs: BTreeMap::from([("initdb".to_owned(), 1)]),
            ..Footprint::default()
        };
        let mut sum = counted.clone();
        sum.add(&counted);
        assert!(sum.counted);
        assert_eq!(sum.programs["initdb"], 2);
        sum.add(&Footprint::default());
        assert!(!sum.counted);
    }
}
