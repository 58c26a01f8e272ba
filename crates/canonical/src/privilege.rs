//! H07: the privileges of one object.
//!
//! Not for: effective rights, which are asked of the server [ruling B3]. The one fact to know: items
//! are the expanded ones, through `acldefault` where the ACL is NULL, so NULL and an explicit default
//! have one digest [ruling B4].

use std::fmt;

use crate::digest::PrivilegeDigest;
use crate::error::EncodeError;
use crate::json::Json;
use crate::value::without_nul;

/// The grantee that stands for everybody. The server reserves the name, so no role has it.
pub const PUBLIC: &str = "public";

/// Which default an ACL expands from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ObjectClass {
    /// Tables, views, sequences and their columns.
    Relation,
    /// Functions, procedures, aggregates.
    Routine,
    /// Schemas.
    Schema,
    /// Types and domains.
    Type,
    /// Databases.
    Database,
}

impl ObjectClass {
    /// The word in the digest.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Relation => "relation",
            Self::Routine => "routine",
            Self::Schema => "schema",
            Self::Type => "type",
            Self::Database => "database",
        }
    }
}

impl fmt::Display for ObjectClass {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// One privilege that one grantor gave one grantee. Fields are in sort order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AclItem {
    /// Role, or [`PUBLIC`].
    pub grantee: String,
    /// Role.
    pub grantor: String,
    /// `SELECT`, `EXECUTE` and so on, in upper case.
    pub privilege: String,
    /// Column of a relation; none for the whole object, which sorts first.
    pub column: Option<String>,
    /// Whether with grant option.
    pub grantable: bool,
}

/// H07 of one object; the items may come in any order.
pub fn h07(class: ObjectClass, owner: &str, items: &[AclItem]) -> Result<PrivilegeDigest, EncodeError> {
    h07_preimage(class, owner, items).map(|text| PrivilegeDigest::of(&text))
}

/// The text that [`h07`] hashes.
pub fn h07_preimage(class: ObjectClass, owner: &str, items: &[AclItem]) -> Result<String, EncodeError> {
    let mut sorted: Vec<&AclItem> = items.iter().collect();
    sorted.sort();
    let mut json = Json::contract("H07");
    json.string(class.as_str());
    json.string(without_nul("owner", owner)?);
    json.open();
    for item in sorted {
        json.open();
        json.string(without_nul("grantee", &item.grantee)?);
        json.string(without_nul("grantor", &item.grantor)?);
        json.string(without_nul("privilege", &item.privilege)?);
        json.bool(item.grantable);
        match &item.column {
            Some(column) => json.string(without_nul("column", column)?),
            None => json.null(),
        }
        json.close();
    }
    json.close();
    Ok(json.finish())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{AclItem, ObjectClass, PUBLIC, h07};

    fn item() -> AclItem {
        AclItem {
            grantee: PUBLIC.to_owned(),
            grantor: "owner".to_owned(),
            privilege: "SELECT".to_owned(),
            column: None,
            grantable: false,
        }
    }

    #[test]
    fn every_field_changes_the_digest() {
        let changes: [fn(&mut AclItem); 7] = [
            |_| (),
            |i| i.grantee = "directus".to_owned(),
            |i| i.grantor = "other".to_owned(),
            |i| i.privilege = "INSERT".to_owned(),
            |i| i.column = Some(String::new()),
            |i| i.column = Some("a".to_owned()),
            |i| i.grantable = true,
        ];
        let mut digests: BTreeSet<_> = changes
            .iter()
            .map(|change| {
                let mut item = item();
                change(&mut item);
                h07(ObjectClass::Relation, "owner", &[item]).expect("a digest")
            })
            .collect();
        digests.insert(h07(ObjectClass::Relation, "owner", &[]).expect("a digest"));
        digests.insert(h07(ObjectClass::Routine, "owner", &[item()]).expect("a digest"));
        digests.insert(h07(ObjectClass::Relation, "other", &[item()]).expect("a digest"));
        assert_eq!(digests.len(), changes.len() + 3);
    }

    #[test]
    fn order_of_items_does_not_matter() {
        let other = AclItem {
            grantee: "a".to_owned(),
            ..item()
        };
        assert_eq!(
            h07(ObjectClass::Schema, "o", &[item(), other.clone()]),
            h07(ObjectClass::Schema, "o", &[other, item()])
        );
    }
}
