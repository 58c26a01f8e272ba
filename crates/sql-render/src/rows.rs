//! Rows: multi-row inserts of sealed data, and their way back.
//!
//! Not for: computing digests (`authoring`). The one fact to know: the envelope goes last, so that a
//! version appears with all its rows or not at all, and its keys are deferred until then.

use std::fmt::Write as _;

use canonical::Value;

use crate::literal;

/// One `insert` of many rows into `table`; columns stand in the order of the values.
pub fn insert(table: &str, columns: &[&str], rows: &[Vec<Value>]) -> String {
    let mut sql = format!("insert into {table} (\n    {}) values\n", columns.join(", "));
    for (position, row) in rows.iter().enumerate() {
        let values: Vec<String> = row.iter().map(literal::value).collect();
        let end = if position + 1 == rows.len() { ";" } else { "," };
        let _ = writeln!(sql, "    ({}){end}", values.join(", "));
    }
    sql
}
