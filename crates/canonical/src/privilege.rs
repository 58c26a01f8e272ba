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
