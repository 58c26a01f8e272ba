//! What differs between two captures, fact by fact, down to the field.
//!
//! It is for people: what moved on a live database since its capture was authored from, and for reviewing a
//! new capture before it replaces an old one. Not for: deciding whether two are of one database
//! (`Capture::expect_same_database`). The one fact to know: facts are matched by what names them, never by
//! their place, so a fact that was inserted moves no other.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Map, Value};

use crate::across::lifted;
use crate::digest::Capture;

/// What names a fact of a section: sections that are not here have one fact.
const NAMED_BY: [(&str, &[&str]); 22] = [
    ("comment", &["class", "identity"]),
    ("constraint", &["on", "name"]),
    ("default_acl", &["owner", "schema", "class"]),
    ("dependency", &["from", "via", "name", "to", "to_class"]),
    ("event_trigger", &["name"]),
    ("extension", &["name"]),
    ("flag", &["relation", "key"]),
    ("index", &["identity"]),
    ("membership", &["role", "member", "grantor"]),
    ("other_acl", &["class", "name"]),
    ("policy", &["on", "name"]),
    ("relation", &["identity"]),
    ("role", &["name"]),
    ("routine", &["identity"]),
    ("rule", &["on", "name"]),
    ("schema", &["name"]),
    ("select", &["identity"]),
    ("sequence", &["identity"]),
    ("setting", &["database", "role"]),
    ("trigger", &["on", "name"]),
    ("type", &["identity"]),
    ("view", &["identity"]),
];

/// What happened to a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Only the later capture holds it.
    Added,
    /// Only the earlier one does.
    Removed,
    /// Both do, with other fields.
    Changed,
}

/// A field of a fact that is in both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldChange {
    /// Where it stands: `owner`, `columns id default`, `acl PUBLIC by directus privileges`.
    pub field: String,
    /// In the earlier capture; `None` where it is absent.
    pub before: Option<Value>,
    /// In the later one.
    pub after: Option<Value>,
}

/// One fact that is not the same in both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Kind of the fact, as its section is called in the capture's files.
    pub kind: String,
    /// What names it; empty where there is one a database.
    pub name: String,
    /// What happened to it.
    pub change: Change,
    /// The fields that differ; of an added or removed fact none.
    pub fields: Vec<FieldChange>,
}

impl Capture {
    /// Every fact that is not the same in `later`, by kind and name.
    ///
    /// Two majors print one estate differently: then the older capture is lifted to the newer major first,
    /// and queries of views and digests over privileges are not compared.
    pub fn differences(&self, later: &Self) -> Vec<Difference> {
        let newer = self.server_major().max(later.server_major());
        let facts = |capture: &Self| {
            let facts = if self.server_major() == later.server_major() {
                capture.facts().clone()
            } else {
                lifted(capture, newer)
            };
            named(serde_json::to_value(facts).unwrap_or_default())
        };
        let (before, after) = (facts(self), facts(later));
        let names: BTreeSet<&(String, String)> = before.keys().chain(after.keys()).collect();
        names
            .into_iter()
            .filter_map(|key| difference(key, before.get(key), after.get(key)))
            .collect()
    }
}

fn difference(
    (kind, name): &(String, String),
    before: Option<&Value>,
    after: Option<&Value>,
) -> Option<Difference> {
    let (change, fields) = match (before, after) {
        (Some(before), Some(after)) if before == after => return None,
        (Some(before), Some(after)) => {
            let mut fields = Vec::new();
            walk("", Some(before), Some(after), &mut fields);
            (Change::Changed, fields)
        }
        (None, _) => (Change::Added, Vec::new()),
        (_, None) => (Change::Removed, Vec::new()),
    };
    Some(Difference {
        kind: kind.clone(),
        name: name.clone(),
        change,
        fields,
    })
}

/// The facts of all files, by kind and name.
fn named(files: Value) -> BTreeMap<(String, String), Value> {
    let mut facts = BTreeMap::new();
    let Value::Object(files) = files else { return facts };
    let sections = files.into_iter().flat_map(|(_, sections)| match sections {
        Value::Object(sections) => sections,
        _ => Map::new(),
    });
    for (kind, section) in sections {
        let by = NAMED_BY
            .iter()
            .find_map(|(named, by)| (*named == kind).then_some(*by));
        match (section, by) {
            (Value::Array(section), Some(by)) => facts.extend(
                section
                    .into_iter()
                    .map(|fact| ((kind.clone(), joined(&fact, by)), fact)),
            ),
            (fact, _) => drop(facts.insert((kind, String::new()), fact)),
        }
    }
    facts
}

/// The fields that name a fact, as one text.
fn joined(fact: &Value, by: &[&str]) -> String {
    let texts = by.iter().filter_map(|field| fact[field].as_str());
    texts.collect::<Vec<_>>().join(" ")
}

/// What names an entry of a list within a fact: a column, or a grant.
fn entry(entry: &Value) -> Option<String> {
    let text = |field: &str| entry.get(field).and_then(Value::as_str);
    match (text("grantee"), text("grantor"), text("name")) {
        (Some(grantee), Some(grantor), _) => Some(format!("{grantee} by {grantor}")),
        (_, _, Some(name)) => Some(name.to_owned()),
        _ => None,
    }
}

/// The entries of a list by what names them, if all of them have a name of their own.
fn entries(list: Option<&Value>) -> Option<BTreeMap<String, &Value>> {
    let list = match list {
        None => return Some(BTreeMap::new()),
        Some(list) => list.as_array()?,
    };
    let named: BTreeMap<String, &Value> = list
        .iter()
        .map(|one| entry(one).map(|name| (name, one)))
        .collect::<Option<_>>()?;
    (named.len() == list.len()).then_some(named)
}

/// The fields that differ between two values at `path`, either of which may be absent.
fn walk(path: &str, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<FieldChange>) {
    if before == after {
        return;
    }
    let below = |name: &str| {
        if path.is_empty() {
            name.to_owned()
        } else {
            format!("{path} {name}")
        }
    };
    if let (Some(Value::Object(before)), Some(Value::Object(after))) = (before, after) {
        let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        for name in names {
            walk(&below(name), before.get(name), after.get(name), found);
        }
        return;
    }
    let is_list = |value: Option<&Value>| value.is_some_and(Value::is_array);
    if (is_list(before) || is_list(after))
        && let (Some(own), Some(other)) = (entries(before), entries(after))
        && own.len() + other.len() > 0
    {
        if own == other {
            // The same entries in another order: the order of columns is a fact, too.
            found.push(change(path, before, after));
        }
        let names: BTreeSet<&String> = own.keys().chain(other.keys()).collect();
        for name in names {
            walk(
                &below(name),
                own.get(name).copied(),
                other.get(name).copied(),
                found,
            );
        }
        return;
    }
    found.push(change(path, before, after));
}

fn change(path: &str, before: Option<&Value>, after: Option<&Value>) -> FieldChange {
    FieldChange {
        field: path.to_owned(),
        before: before.cloned(),
        after: after.cloned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Change, Difference, NAMED_BY, joined};
    use crate::digest::Capture;
    use crate::model::{Facts, Grant};
    use std::collections::BTreeSet;
    use std::path::Path;

    fn reference() -> Capture {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rehearsal/captures/reference");
        Capture::load(&folder).unwrap()
    }

    /// What differs once `edit` has been made.
    fn after(edit: impl FnOnce(&mut Facts)) -> Vec<Difference> {
        let before = reference();
        let mut facts = before.facts().clone();
        edit(&mut facts);
        before.differences(&Capture::new(before.server_major(), None, facts))
    }

    fn fields(difference: &Difference) -> Vec<&str> {
        difference
            .fields
            .iter()
            .map(|field| field.field.as_str())
            .collect()
    }

    #[test]
    fn every_section_has_names_and_no_two_facts_share_one() {
        let facts = serde_json::to_value(reference().facts()).unwrap();
        let mut seen = BTreeSet::new();
        for (file, sections) in facts.as_object().unwrap() {
            for (section, facts) in sections.as_object().unwrap() {
                let Some(facts) = facts.as_array() else { continue };
                let by = NAMED_BY.iter().find(|named| named.0 == section);
                let (_, by) = by.unwrap_or_else(|| panic!("{file} {section} has no names"));
                assert!(seen.insert(section.clone()), "{section} stands in two files");
                let names: BTreeSet<String> = facts.iter().map(|fact| joined(fact, by)).collect();
                assert_eq!(names.len(), facts.len(), "{section}");
                assert!(names.iter().all(|name| !name.is_empty()), "{section}");
            }
        }
        let known: BTreeSet<String> = NAMED_BY.iter().map(|named| named.0.to_owned()).collect();
        assert_eq!(seen, known);
    }

    #[test]
    fn a_capture_does_not_differ_from_itself() {
        assert_eq!(after(|_| ()), []);
    }

    #[test]
    fn a_fact_that_goes_or_comes_is_one_difference() {
        let gone = after(|facts| drop(facts.routines.routine.remove(3)));
        assert_eq!((gone.len(), gone[0].change), (1, Change::Removed));
        assert_eq!(gone[0].kind, "routine");
        let come = after(|facts| {
            let mut trigger = facts.triggers.trigger[0].clone();
            trigger.name = "a_new_one".to_owned();
            facts.triggers.trigger.insert(0, trigger);
        });
        assert_eq!((come.len(), come[0].change), (1, Change::Added));
        assert!(come[0].name.ends_with(" a_new_one"), "{come:?}");
    }

    #[test]
    fn a_field_is_named_with_where_it_stands() {
        let owner = after(|facts| facts.relations.relation[0].owner = "mallory".to_owned());
        assert_eq!(fields(&owner[0]), ["owner"]);
        let column = after(|facts| facts.relations.relation[0].columns[0].not_null ^= true);
        assert_eq!(fields(&column[0]), [r"columns Note Id not_null"]);
        let granted = after(|facts| {
            facts.relations.relation[0].acl.push(Grant {
                grantee: "PUBLIC".to_owned(),
                grantor: "directus".to_owned(),
                privileges: vec!["SELECT".to_owned()],
                grantable: vec![],
            });
        });
        assert_eq!(fields(&granted[0]), ["acl PUBLIC by directus"]);
        assert_eq!(granted[0].fields[0].before, None);
        assert!(granted[0].fields[0].after.is_some());
        let of_the_database = after(|facts| facts.database.database.connection_limit = 7);
        assert_eq!(fields(&of_the_database[0]), ["connection_limit"]);
        assert_eq!(of_the_database[0].kind, "database");
    }

    #[test]
    fn columns_in_another_order_are_a_difference() {
        let moved = after(|facts| facts.relations.relation[0].columns.reverse());
        assert_eq!(fields(&moved[0]), ["columns"]);
    }

    #[test]
    fn between_majors_only_what_the_majors_say_alike_is_compared() {
        let before = reference();
        let mut facts = before.facts().clone();
        facts.views.view[0].definition.push_str(" -- printed otherwise");
        let newer = Capture::new(18, None, facts.clone());
        assert!(
            before
                .differences(&newer)
                .iter()
                .all(|difference| difference.kind != "view")
        );
        facts.database.database.owner = "mallory".to_owned();
        let moved = before.differences(&Capture::new(18, None, facts));
        assert!(
            moved.iter().any(|difference| difference.kind == "database"),
            "{moved:?}"
        );
    }
}
