//! The canonical encoding (CP-06) as SQL expressions.
//!
//! It is for H01, which every surface computes over its own columns, inline. It is not for H02 to H07,
//! which are functions of the control plane (`fix7-manifest`, `routines/hash`). The one fact to know:
//! the expressions call built-ins only, each by its qualified name, so they mean the same under any
//! `search_path`, and the server needs no call of ours for a row.
//!
//! An input that has no encoding gives NULL, never a wrong digest: NOT NULL on `item_sha256` then
//! refuses the row.

use canonical::ValueKind;

/// The expression, of type text, that encodes one value. The value's expression is written more than
/// once for some kinds, so it must be stable: a column reference.
///
/// Contains a cast to the kind's base type, so that a domain, an untyped NULL or an int4 is fine.
pub fn value_expr(kind: ValueKind, expression: &str) -> String {
    match kind {
        ValueKind::Bool => format!("coalesce(({expression})::pg_catalog.bool::pg_catalog.text, 'null')"),
        ValueKind::Integer => quoted(&format!("({expression})::pg_catalog.int8::pg_catalog.text")),
        ValueKind::Numeric => quoted(&format!(
            "pg_catalog.trim_scale(({expression})::pg_catalog.numeric)::pg_catalog.text"
        )),
        ValueKind::Text => {
            format!("coalesce(pg_catalog.to_json(({expression})::pg_catalog.text)::pg_catalog.text, 'null')")
        }
        ValueKind::Bytes => quoted(&format!(
            "pg_catalog.encode(({expression})::pg_catalog.bytea, 'hex')"
        )),
        ValueKind::Uuid => quoted(&format!("({expression})::pg_catalog.uuid::pg_catalog.text")),
        ValueKind::Timestamp => timestamp(expression),
        ValueKind::TextArray => text_array(expression),
    }
}

/// The expression, of type text, whose SHA-256 is H01 of a row.
///
/// Columns are `(name, kind, expression)` in position order; names were checked by the manifest.
pub fn h01_preimage_expr<S: AsRef<str>>(surface_no: i32, columns: &[(S, ValueKind, S)]) -> String {
    let mut text = format!("'[\"H01\",\"v1\",{surface_no},['");
    for (position, (name, kind, expression)) in columns.iter().enumerate() {
        let separator = if position == 0 { "" } else { "," };
        let (name, value) = (name.as_ref(), value_expr(*kind, expression.as_ref()));
        text.push_str("\n    || '");
        text.push_str(separator);
        text.push_str("[\"");
        text.push_str(name);
        text.push_str("\",' || ");
        text.push_str(&value);
        text.push_str(" || ']'");
    }
    text.push_str("\n    || ']]'");
    text
}

/// The expression, of type bytea, that is H01 of a row.
pub fn h01_expr<S: AsRef<str>>(surface_no: i32, columns: &[(S, ValueKind, S)]) -> String {
    format!(
        "pg_catalog.sha256(pg_catalog.convert_to(\n    {},\n    'UTF8'))",
        h01_preimage_expr(surface_no, columns)
    )
}

fn quoted(text: &str) -> String {
    format!("coalesce('\"' || {text} || '\"', 'null')")
}

/// Years BC carry their era, later ones none: `AD` is printed by the same pattern and taken out again.
/// The infinities have no fields to print.
fn timestamp(expression: &str) -> String {
    let value = format!("({expression})::pg_catalog.timestamptz");
    format!(
        "case when pg_catalog.isfinite({value}) then '\"' || pg_catalog.replace(pg_catalog.to_char(\
         pg_catalog.timezone('UTC', {value}), 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\" AD'), ' AD', '') || '\"' \
         else coalesce('\"' || ({value})::pg_catalog.text || '\"', 'null') end"
    )
}

/// `array_to_json` forgets bounds and nests further dimensions, so both are refused with NULL.
fn text_array(expression: &str) -> String {
    let value = format!("({expression})::pg_catalog.text[]");
    format!(
        "case when {value} is null then 'null' \
         when pg_catalog.cardinality({value}) = 0 \
         or (pg_catalog.array_ndims({value}) = 1 and pg_catalog.array_lower({value}, 1) = 1) \
         then pg_catalog.array_to_json({value})::pg_catalog.text end"
    )
}

#[cfg(test)]
mod tests {
    use canonical::ValueKind;

    use super::{h01_expr, value_expr};

    #[test]
    fn every_function_is_named_in_pg_catalog() {
        for kind in ValueKind::ALL {
            let sql = value_expr(kind, "new.c");
            for (at, _) in sql.match_indices('(') {
                let name: String = sql[..at]
                    .chars()
                    .rev()
                    .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'))
                    .collect::<Vec<_>>()
                    .into_iter()
                    .rev()
                    .collect();
                assert!(
                    name.is_empty() || name == "coalesce" || name == "or" || name.starts_with("pg_catalog."),
                    "{kind:?}: `{name}` in {sql}"
                );
            }
        }
    }

    #[test]
    fn row_expression_reads_like_its_encoding() {
        let sql = h01_expr(
            9,
            &[
                ("item_key", ValueKind::Text, "r.item_key"),
                ("n", ValueKind::Integer, "r.n"),
            ],
        );
        assert_eq!(
            sql,
            "pg_catalog.sha256(pg_catalog.convert_to(\n    '[\"H01\",\"v1\",9,['\n    \
             || '[\"item_key\",' || coalesce(pg_catalog.to_json((r.item_key)::pg_catalog.text)::pg_catalog.text, 'null') || ']'\n    \
             || ',[\"n\",' || coalesce('\"' || (r.n)::pg_catalog.int8::pg_catalog.text || '\"', 'null') || ']'\n    \
             || ']]',\n    'UTF8'))"
        );
    }
}
