//! One statement an ACL item, by whoever granted it [ruling B4].
//!
//! Not for: which items go or come. The one fact to know: a REVOKE takes only what its own grantor gave, so each is
//! sent as that grantor, and whoever was given something to give on loses it after those whom they gave it.

use std::collections::BTreeMap;

use canonical::AclItem;

use super::sql::{ACT_AS_ONESELF, act_as, grantee, ident};

/// An ACL item of an object.
pub(crate) struct Grant<'b> {
    /// Distance of its grantor from the owner.
    depth: u32,
    /// `function`, `table` and so on, as GRANT writes it.
    kind: &'b str,
    identity: &'b str,
    owner: &'b str,
    item: &'b AclItem,
}

impl<'b> Grant<'b> {
    /// `items` of an object that has all of `acl`.
    pub(crate) fn of(
        kind: &'b str,
        identity: &'b str,
        owner: &'b str,
        acl: &'b [AclItem],
        items: &'b [AclItem],
    ) -> impl Iterator<Item = Self> {
        items.iter().map(move |item| Self {
            depth: depths(owner, acl, &item.privilege)
                .get(item.grantor.as_str())
                .copied()
                .unwrap_or(u32::MAX),
            kind,
            identity,
            owner,
            item,
        })
    }

    /// What an owner gave to itself.
    pub(crate) fn is_owners_own(&self) -> bool {
        self.item.grantee == self.owner && self.item.grantor == self.owner
    }

    fn order(&self) -> (&'b str, &'b str, &'b str, &'b str, Option<&'b str>) {
        (
            self.item.grantor.as_str(),
            self.identity,
            self.item.grantee.as_str(),
            self.item.privilege.as_str(),
            self.item.column.as_deref(),
        )
    }

    /// `select (code)`, `execute`.
    fn privilege(&self) -> String {
        let word = self.item.privilege.to_lowercase();
        match &self.item.column {
            Some(column) => format!("{word} ({})", ident(column)),
            None => word,
        }
    }
}

/// Takes each, those first whose grantor stands farthest from the owner.
pub(crate) fn revokes(items: &mut [Grant<'_>]) -> String {
    items.sort_by_key(|grant| (std::cmp::Reverse(grant.depth), grant.order()));
    by_grantor(items, |grant| {
        let to = grantee(&grant.item.grantee);
        format!(
            "revoke {} on {} {} from {to};\n",
            grant.privilege(),
            grant.kind,
            grant.identity
        )
    })
}

/// Gives each again, the owner's first.
pub(crate) fn grants(items: &mut [Grant<'_>]) -> String {
    items.sort_by_key(|grant| (grant.depth, grant.order()));
    by_grantor(items, |grant| {
        let to = grantee(&grant.item.grantee);
        let option = if grant.item.grantable && !grant.is_owners_own() {
            " with grant option"
        } else {
            ""
        };
        format!(
            "grant {} on {} {} to {to}{option};\n",
            grant.privilege(),
            grant.kind,
            grant.identity
        )
    })
}

/// One statement an item, each by its grantor.
fn by_grantor(items: &[Grant<'_>], statement: impl Fn(&Grant<'_>) -> String) -> String {
    let (mut sql, mut acting) = (String::new(), "");
    for grant in items {
        if grant.item.grantor != acting {
            acting = &grant.item.grantor;
            sql.push_str(&act_as(acting));
        }
        sql.push_str(&statement(grant));
    }
    sql.push_str(ACT_AS_ONESELF);
    sql
}

/// Distance of each grantor of a privilege from the owner, over grant options.
fn depths<'b>(owner: &'b str, items: &'b [AclItem], privilege: &str) -> BTreeMap<&'b str, u32> {
    let mut depths = BTreeMap::from([(owner, 0)]);
    let given_on: Vec<&AclItem> = items
        .iter()
        .filter(|item| item.grantable && item.privilege == privilege)
        .collect();
    loop {
        let mut more = Vec::new();
        for item in &given_on {
            if let (Some(depth), false) = (
                depths.get(item.grantor.as_str()),
                depths.contains_key(item.grantee.as_str()),
            ) {
                more.push((item.grantee.as_str(), depth + 1));
            }
        }
        if more.is_empty() {
            return depths;
        }
        depths.extend(more);
    }
}
