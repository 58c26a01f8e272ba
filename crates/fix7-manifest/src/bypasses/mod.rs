//! PKG-I: the ways around the cutover, each tried in the state of S19 and seen by a guard once it is open.
//!
//! Not for: trying them. The one fact to know: [`VECTORS`] is closed, and a kind that nobody tries does not compile.

mod code;
mod privilege;
mod session;

use manifest_model::Bypass;

/// Every kind of way, in the order of the issue that names them.
pub const VECTORS: [&str; 24] = [
    "public_execute",
    "owner_regrant",
    "noinherit_set_role",
    "predefined_role",
    "default_acl",
    "other_grantor",
    "column_grant",
    "view_owner_rights",
    "trigger_without_execute",
    "fk_action",
    "rule",
    "rls",
    "operator_cast_aggregate",
    "definer_unpinned_path",
    "search_path_setting",
    "schema_owner_replace",
    "overload",
    "procedure",
    "dynamic_sql",
    "prepared_call",
    "event_trigger",
    "fdw",
    "session_replication_role",
    "dot_script",
];

/// All of them, in the order of [`VECTORS`] within each file.
pub const BYPASSES: &[Bypass] = &{
    let mut all = [privilege::BYPASSES[0]; privilege::COUNT + code::COUNT + session::COUNT];
    let mut at = 0;
    while at < all.len() {
        all[at] = if at < privilege::COUNT {
            privilege::BYPASSES[at]
        } else if at < privilege::COUNT + code::COUNT {
            code::BYPASSES[at - privilege::COUNT]
        } else {
            session::BYPASSES[at - privilege::COUNT - code::COUNT]
        };
        at += 1;
    }
    all
};

const fn same(left: &str, right: &str) -> bool {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    if left.len() != right.len() {
        return false;
    }
    let mut at = 0;
    while at < left.len() {
        if left[at] != right[at] {
            return false;
        }
        at += 1;
    }
    true
}

const _: () = {
    let mut vector = 0;
    while vector < VECTORS.len() {
        let (mut at, mut tried) = (0, 0);
        while at < BYPASSES.len() {
            if same(BYPASSES[at].vector, VECTORS[vector]) {
                tried += 1;
            }
            at += 1;
        }
        assert!(tried > 0, "a bypass vector is tried by nobody");
        vector += 1;
    }
};

/// A sealed routine that answers with a constant, called.
pub(crate) const CALL: &str = "select set_config('attack.loot', public.qt001_gate_count()::text, true)";
/// That it answered.
pub(crate) const LOOT: &str = "select 'answered' where current_setting('attack.loot', true) <> ''";
/// What would let the application call it.
pub(crate) const OPENED: &str = "grant execute on function public.qt001_gate_count() to directus";
