//! What one role gave another.

use canonical::{AclItem, PUBLIC};
use serde::{Deserialize, Serialize};

record! {
    /// What one grantor gave one grantee.
    Grant {
        /// Role, or [`PUBLIC`].
        grantee: String,
        /// Role; a REVOKE by another one leaves the grant [ruling B4].
        grantor: String,
        /// Privileges in upper case, sorted.
        privileges: Vec<String>,
        /// Those of them that the grantee may give on.
        grantable: Vec<String>,
    }
}

impl Grant {
    /// Whether it is to everybody.
    pub fn is_public(&self) -> bool {
        self.grantee == PUBLIC
    }

    /// The grant as items, one a privilege.
    pub fn items(&self, column: Option<&str>) -> impl Iterator<Item = AclItem> {
        self.privileges.iter().map(move |privilege| AclItem {
            grantee: self.grantee.clone(),
            grantor: self.grantor.clone(),
            privilege: privilege.clone(),
            column: column.map(str::to_owned),
            grantable: self.grantable.contains(privilege),
        })
    }
}
