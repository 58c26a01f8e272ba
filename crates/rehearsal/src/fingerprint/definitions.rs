//! Definitions as the server prints them, remembered by the tuple that they were printed from.
//!
//! Printing (columns among them) costs more than all the rest of a state. A tuple is never
//! changed in place, so the same tuple is the same parse tree. The one fact to know: names occur
//! in what is printed and not in what is stored, so whenever an object that was there before has
//! another name, all that was printed is forgotten.

use super::{FIELD, RECORD};
use crate::error::RehearseError;
use crate::session::Session;
use std::collections::{BTreeMap, HashMap};

/// Classes of tuples whose definition is printed by a function of the server.
const CLASSES: [&str; 7] = [
    "index",
    "default",
    "constraint",
    "rule",
    "trigger",
    "routine",
    "columns",
];

/// What was printed in one transaction.
#[derive(Debug, Default)]
pub(super) struct Definitions {
    printed: HashMap<String, String>,
    /// The tuples older than the transaction: their names stand as long as none of them is gone.
    older: String,
    /// Names of what the transaction made, by object.
    names: HashMap<String, String>,
}

impl Definitions {
    /// Forgets all if a name is no longer what it was when something was last printed.
    pub(super) fn watch_names(&mut self, older: &str, names: &str) {
        let mut changed = self.older != older;
        older.clone_into(&mut self.older);
        for (object, name) in names.split(RECORD).filter_map(|entry| entry.split_once(' ')) {
            match self.names.get(object) {
                Some(known) if known == name => {}
                known => {
                    changed |= known.is_some();
                    self.names.insert(object.to_owned(), name.to_owned());
                }
            }
        }
        if changed {
            self.printed.clear();
        }
    }

    /// `line` with its definition in place of the tuple that it stands in.
    pub(super) fn resolve(&self, line: &str) -> String {
        match line.rsplit_once('@') {
            Some((head, key)) => match self.printed.get(key) {
                Some(definition) => format!("{head}{definition}"),
                None => line.to_owned(),
            },
            None => line.to_owned(),
        }
    }

    /// Prints what the lines need and nobody has printed yet.
    pub(super) async fn print_unknown(
        &mut self,
        session: &mut Session,
        lines: &[&str],
    ) -> Result<(), RehearseError> {
        let mut unknown: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
        for line in lines {
            let Some((_, key)) = line.rsplit_once('@') else {
                continue;
            };
            let mut parts = key.split('.');
            let (class, oid) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            if CLASSES.contains(&class) && !self.printed.contains_key(key) {
                unknown.entry(class).or_default().push((oid, key));
            }
        }
        if unknown.is_empty() {
            return Ok(());
        }
        let mut sql = format!(
            "set local search_path = ''; {}; reset search_path",
            include_str!("definitions.sql")
        );
        for class in CLASSES {
            let oids = unknown.get(class).map_or(&[][..], Vec::as_slice);
            let list = oids.iter().map(|(oid, _)| *oid).collect::<Vec<_>>().join(",");
            sql = sql.replace(&format!("'{{{class}}}'"), &format!("'{{{list}}}'"));
        }
        let answers = session.texts("printing definitions", &sql).await?;
        let by_object: HashMap<&str, &str> = answers
            .iter()
            .flatten()
            .filter_map(|line| line.split_once(FIELD))
            .collect();
        for (class, tuples) in unknown {
            for (oid, key) in tuples {
                // A relation without columns has nothing to print.
                let definition = by_object.get(format!("{class}.{oid}").as_str());
                self.printed
                    .insert(key.to_owned(), (*definition.unwrap_or(&"")).to_owned());
            }
        }
        Ok(())
    }
}
