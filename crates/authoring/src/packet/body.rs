//! `create or replace` of a routine, with every property that H06 covers.
//!
//! Not for: whether it may be replaced. The one fact to know: what no capture holds (costs, rows, support functions)
//! is set to its default, so a packet that replaces a body asks before whether that would lose something.

use std::fmt::Write as _;

use super::sql::{ident, literal, quoted};
use crate::live::LiveRoutine;

/// Settings whose value is a list, which SQL takes unquoted.
const LISTS: [&str; 5] = [
    "search_path",
    "temp_tablespaces",
    "session_preload_libraries",
    "shared_preload_libraries",
    "local_preload_libraries",
];

/// `create or replace`, with every property that H06 covers.
pub(crate) fn replace(identity: &str, live: &LiveRoutine, source: &canonical::Routine, word: &str) -> String {
    let name = identity.split('(').next().unwrap_or(identity);
    let mut sql = format!("create or replace {} {name}({})\n", live.word(), source.arguments);
    if let Some(result) = &source.result {
        let _ = writeln!(sql, "    returns {result}");
    }
    let _ = write!(sql, "    language {}", ident(&source.language));
    if source.kind != 'p' {
        sql.push_str(match source.volatility {
            'i' => " immutable",
            's' => " stable",
            _ => " volatile",
        });
        if source.strict {
            sql.push_str(" strict");
        }
        if source.leakproof {
            sql.push_str(" leakproof");
        }
        sql.push_str(match source.parallel {
            's' => " parallel safe",
            'r' => " parallel restricted",
            _ => " parallel unsafe",
        });
    }
    sql.push_str(if source.security_definer {
        " security definer\n"
    } else {
        " security invoker\n"
    });
    for setting in source.config.iter().flatten() {
        let (name, value) = setting.split_once('=').unwrap_or((setting, ""));
        let value = if LISTS.contains(&name) {
            value.to_owned()
        } else {
            literal(value)
        };
        let _ = writeln!(sql, "    set {name} = {value}");
    }
    let is_own = source.body == live.source.body;
    if live.atomic && is_own {
        let _ = writeln!(sql, "{};", source.body.trim_end().trim_end_matches(';'));
    } else {
        let _ = writeln!(sql, "as {};", quoted(&source.body, word));
    }
    sql
}
