//! Privileges in a form that two states can be compared in.
//!
//! Not what they mean. The one fact to know: an ACL is stored in the order of its grants, and as
//! NULL until the first of them, so neither order nor NULL may show.

use std::fmt::Write as _;

/// `{acl:X:KIND:OWNER}` → the ACL's items in order; NULL and the explicit default read `default`.
pub(super) fn expand_acls(sql: &str) -> String {
    let mut out = String::with_capacity(sql.len() * 2);
    let mut rest = sql.split("{acl:");
    out.push_str(rest.next().unwrap_or_default());
    for part in rest {
        let Some((macro_text, tail)) = part.split_once('}') else {
            continue;
        };
        let fields: Vec<&str> = macro_text.split(':').collect();
        if let [acl, kind, owner] = fields[..] {
            let sorted = |of: &str| {
                format!(
                    "coalesce((select pg_catalog.string_agg(x::text, ' ' order by x::text) from pg_catalog.unnest({of}) x), '')"
                )
            };
            let (own, default) = (
                sorted(acl),
                sorted(&format!("pg_catalog.acldefault('{kind}', {owner})")),
            );
            let _ = write!(
                out,
                "case when {acl} is null or {own} = {default} then 'default' else {own} end"
            );
        } else {
            let _ = write!(out, "{{acl:{macro_text}}}");
        }
        out.push_str(tail);
    }
    out
}
