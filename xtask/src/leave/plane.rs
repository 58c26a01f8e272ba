//! FIX7 as the judges of an authorization know it: packages, people, purposes, objects.
//!
//! The one fact to know: people are the rows of #02 and #03, and objects the accepted set of #20, so nobody is
//! let in by a file beside them.

use crate::exit::CommandError;
use crate::sources::{REFERENCE_CAPTURE, live_facts, load_capture};
use fix7_manifest::{FIX7, estate, packages};
use manifest_model::{RowSource, RunnerClass, Surface, V};
use operator_authorization::{Namespaces, PackageRule, People, Runner};
use std::collections::BTreeSet;
use std::path::Path;

/// Names of what people sign for.
pub(crate) const NAMESPACES: Namespaces<'static> = Namespaces {
    authorization: packages::SIGNING_NAMESPACES.authorization,
    reaudit: packages::SIGNING_NAMESPACES.reaudit,
    rehearsal: packages::SIGNING_NAMESPACES.rehearsal,
};

/// The nine packages, in sequence.
pub(crate) fn rules() -> Vec<PackageRule> {
    FIX7.packages
        .iter()
        .map(|package| PackageRule {
            id: package.id.to_owned(),
            predecessor: package.predecessor.map(str::to_owned),
            runner: match package.runner {
                RunnerClass::T1 => Runner::T1,
                RunnerClass::Operator => Runner::Operator,
            },
            needs_reaudit: package.needs_reaudit,
            needs_authorization: package.needs_authorization,
        })
        .collect()
}

/// The rows of #02, each with the slots that #03 gives it in any scope.
pub(crate) fn people() -> People {
    let bindings = rows(3, &["principal_id", "slot"]);
    rows(2, &["principal_id", "human"])
        .iter()
        .fold(People::default(), |people, row| {
            let slots = bindings
                .iter()
                .filter(|binding| binding[0] == row[0])
                .map(|binding| binding[1]);
            people.with(row[0], row[1], slots)
        })
}

/// These columns of a surface's listed rows.
fn rows(number: u8, columns: &[&str]) -> Vec<Vec<&'static str>> {
    let Some(surface) = FIX7.surfaces.iter().find(|surface| surface.number == number) else {
        return Vec::new();
    };
    let RowSource::Listed(items) = surface.rows else {
        return Vec::new();
    };
    items
        .iter()
        .map(|item| {
            columns
                .iter()
                .filter_map(|name| text(surface, item.values, name))
                .collect()
        })
        .filter(|row: &Vec<&str>| row.len() == columns.len())
        .collect()
}

fn text(surface: &Surface, values: &[V], name: &str) -> Option<&'static str> {
    let at = surface.columns.iter().position(|column| column.name == name)?;
    match values.get(at) {
        Some(V::T(text)) => Some(text),
        _ => None,
    }
}

/// Identities of #20, of the callers that #27 seals, of sequences that go with a table of #20, and of the schemas in
/// which all of them lie.
#[derive(Debug)]
pub(crate) struct Objects {
    /// All of them.
    pub(crate) known: BTreeSet<String>,
    /// Those that no package may open or touch.
    pub(crate) forbidden: BTreeSet<String>,
}

const LOCK: &str = "seeds/exact-set/20_authority_scope_manifest.lock";
/// What a repoint changes besides members of #20.
const CALLERS: &str = "seeds/exact-set/27_writer_repoint_manifest.lock";
const FORBIDDEN: [&str; 2] = ["do_not_open", "do_not_touch"];

/// The accepted set of #20: a line an item, `class:identity` or `class:identity@moment`.
pub(crate) fn objects(root: &Path) -> Result<Objects, CommandError> {
    let text = std::fs::read_to_string(root.join(LOCK))
        .map_err(|error| CommandError::Environment(format!("can't read `{LOCK}`: {error}")))?;
    let mut objects = Objects {
        known: BTreeSet::new(),
        forbidden: BTreeSet::new(),
    };
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let Some((class, rest)) = line.split_once(':') else {
            continue;
        };
        let identity = rest.rsplit_once('@').map_or(rest, |(identity, _)| identity);
        objects.known.insert(identity.to_owned());
        if FORBIDDEN.contains(&class) {
            objects.forbidden.insert(identity.to_owned());
        }
    }
    let callers = std::fs::read_to_string(root.join(CALLERS))
        .map_err(|error| CommandError::Environment(format!("can't read `{CALLERS}`: {error}")))?;
    let callers = callers.lines().filter(|line| !line.starts_with('#'));
    objects.known.extend(callers.map(str::to_owned));
    objects.known.insert(FIX7.schema.to_owned());
    with_what_goes_along(root, &mut objects)?;
    Ok(objects)
}

/// A sequence is its table's, whatever class that has; a schema is let create in for the time of a cutover.
fn with_what_goes_along(root: &Path, objects: &mut Objects) -> Result<(), CommandError> {
    let Some(capture) = load_capture(root, REFERENCE_CAPTURE)
        .map_err(|error| CommandError::Environment(error.to_string()))?
    else {
        return Ok(());
    };
    for (table, sequences) in live_facts(root, &capture)
        .map_err(|error| CommandError::Environment(error.to_string()))?
        .own_sequences
    {
        if objects.known.contains(&table) {
            objects.known.extend(sequences.iter().cloned());
        }
        if objects.forbidden.contains(&table) {
            objects.forbidden.extend(sequences);
        }
    }
    let members = estate::ESTATE.legacy.iter();
    let homes = members.filter_map(|member| member.identity.split_once('.'));
    objects.known.extend(homes.map(|(home, _)| home.to_owned()));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{objects, people, rules};
    use crate::rehearse::root;

    #[test]
    fn the_nine_packages_need_what_the_blueprint_says() {
        let letters = |wanted: fn(&operator_authorization::PackageRule) -> bool| -> String {
            rules()
                .iter()
                .filter(|rule| wanted(rule))
                .map(|rule| rule.id.replace("PKG-", ""))
                .collect()
        };
        assert_eq!(letters(|_| true), "ABCDEFGHI");
        assert_eq!(letters(|rule| rule.needs_reaudit), "DEFG");
        assert_eq!(letters(|rule| rule.needs_authorization), "EFGH");
        assert_eq!(
            letters(|rule| rule.runner == operator_authorization::Runner::Operator),
            "EFGH"
        );
        for pair in rules().windows(2) {
            assert_eq!(pair[1].predecessor.as_ref(), Some(&pair[0].id));
        }
    }

    #[test]
    fn leave_can_be_written_for_each_packet() {
        let objects = objects(&root()).unwrap();
        for package in ["PKG-E", "PKG-F", "PKG-G", "PKG-H"] {
            let path = root().join(format!("rehearsal/packages/{package}/packet.toml"));
            let declared: toml::Table = toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
            let declared = declared["objects"].as_array().unwrap();
            let declared: Vec<&str> = declared.iter().filter_map(|object| object.as_str()).collect();
            assert!(declared.len() > 40, "{package}: {}", declared.len());
            for object in declared {
                assert!(objects.known.contains(object), "{package}: {object}");
                assert!(!objects.forbidden.contains(object), "{package}: {object}");
            }
        }
    }

    #[test]
    fn people_are_those_of_the_sealed_rows() {
        let people = people();
        assert_eq!(people.person("p_owner").unwrap().human, "human.owner");
        assert!(people.person("nobody").is_none());
        assert!(people.principals().count() >= 8);
    }

    #[test]
    fn what_no_package_opens_is_known_and_forbidden() {
        let objects = objects(&root()).unwrap();
        let permit = fix7_manifest::estate::repoint::PERMIT.0;
        assert!(objects.known.contains(permit) && objects.forbidden.contains(permit));
        assert!(objects.forbidden.contains("public.birth_registry"));
        assert!(objects.known.contains("qt001_cp.principal_manifest"));
        assert!(!objects.forbidden.contains("qt001_cp.principal_manifest"));
        assert!(objects.known.len() > 400 && objects.forbidden.len() < 20);
        assert!(objects.known.iter().all(|identity| !identity.contains('@')));
    }
}
