//! Declared access: who may do what with which object; what is not listed is denied.
//!
//! It is read and checked here, and asked of a server elsewhere. The one fact to know: the lists of
//! objects are exact, so an object that nobody declared is a finding and not a gap.

use super::error::PlanError;
use serde::Deserialize;
use std::collections::BTreeSet;

/// `rehearsal/access.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessSpec {
    /// 1.
    pub format_version: u32,
    /// Everybody who tries, in order; `public` is a role without any membership.
    pub roles: Vec<String>,
    /// The objects, by kind.
    pub objects: Vec<AccessObjects>,
    /// What is allowed.
    #[serde(default)]
    pub allow: Vec<Allow>,
}

/// Every object of a kind.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessObjects {
    /// `schema`, `relation`, `sequence`, `routine`, `type`; `role` lists roles that one may be a member
    /// of, beside the predefined ones.
    pub kind: String,
    /// As `regclass` and `regprocedure` print them under an empty search path.
    pub names: Vec<String>,
}

/// Each of the roles holds each of the privileges on each of the objects.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allow {
    /// A kind of object, or `database`, or `attribute` (of the object `cluster`).
    pub kind: String,
    /// Objects; `*` for every declared one of the kind.
    pub names: Vec<String>,
    /// Privileges; one that the server's major lacks is passed over.
    pub privileges: Vec<String>,
    /// Roles.
    pub roles: Vec<String>,
}

/// Kinds whose objects are the control plane's own, and so declared one by one.
pub(crate) const OWN_KINDS: [&str; 5] = ["schema", "relation", "sequence", "routine", "type"];
const OTHER_KINDS: [&str; 3] = ["database", "role", "attribute"];
const PRIVILEGES: [&str; 21] = [
    "BYPASSRLS",
    "CONNECT",
    "CREATE",
    "CREATEDB",
    "CREATEROLE",
    "DELETE",
    "EXECUTE",
    "INSERT",
    "LOGIN",
    "MAINTAIN",
    "MEMBER",
    "REFERENCES",
    "REPLICATION",
    "SELECT",
    "SET",
    "SUPERUSER",
    "TEMPORARY",
    "TRIGGER",
    "TRUNCATE",
    "UPDATE",
    "USAGE",
];

impl AccessSpec {
    /// The declared objects of a kind.
    pub fn names(&self, kind: &str) -> impl Iterator<Item = &str> {
        self.objects
            .iter()
            .filter(move |objects| objects.kind == kind)
            .flat_map(|objects| objects.names.iter().map(String::as_str))
    }

    /// Who is allowed, by kind, object, privilege and role.
    pub(crate) fn allowed(&self) -> BTreeSet<(&str, &str, &str, &str)> {
        let mut allowed = BTreeSet::new();
        for allow in &self.allow {
            let kind = allow.kind.as_str();
            let names: Vec<&str> = match allow.names.as_slice() {
                [every] if every == "*" => self.names(kind).collect(),
                names => names.iter().map(String::as_str).collect(),
            };
            for name in names {
                for privilege in &allow.privileges {
                    for role in &allow.roles {
                        allowed.insert((kind, name, privilege.as_str(), role.as_str()));
                    }
                }
            }
        }
        allowed
    }

    /// Every name is one that something can be asked about: a slip would be a rule that allows nothing.
    pub(super) fn demand_known_names(&self, path: &str) -> Result<(), PlanError> {
        let unknown = |what: &str, name: &str, expected: &str| {
            Err(PlanError::Inconsistent(format!(
                "`{path}` names {what} `{name}`, expected {expected}"
            )))
        };
        for objects in &self.objects {
            let kind = objects.kind.as_str();
            if kind != "role" && !OWN_KINDS.contains(&kind) {
                return unknown(
                    "objects of kind",
                    kind,
                    "`role` or a kind of the schema's objects",
                );
            }
        }
        for allow in &self.allow {
            let kind = allow.kind.as_str();
            if !OWN_KINDS.contains(&kind) && !OTHER_KINDS.contains(&kind) {
                return unknown("the kind", kind, "a kind of object");
            }
            let is_listed =
                |name: &&String| *name == "*" || self.names(kind).any(|known| known == name.as_str());
            if OWN_KINDS.contains(&kind)
                && let Some(name) = allow.names.iter().find(|name| !is_listed(name))
            {
                return unknown(kind, name, "an object that it lists");
            }
            if let Some(role) = allow.roles.iter().find(|role| !self.roles.contains(role)) {
                return unknown("the role", role, "one of its `roles`");
            }
            let known = |name: &&String| PRIVILEGES.contains(&name.as_str());
            if let Some(name) = allow.privileges.iter().find(|name| !known(name)) {
                return unknown("the privilege", name, "one in upper case");
            }
        }
        Ok(())
    }
}
