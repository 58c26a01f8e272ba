//! Catalog queries to JSON, by file and key.
//!
//! Not for: anything that has to be printed under a lock (`definitions`). The one fact to know: rows are
//! sorted here, by the bytes of their JSON, and not by the server.

use serde_json::{Map, Value, json};
use sqlx::{AssertSqlSafe, PgConnection};

use super::Options;
use super::declared::read_declared;
use super::session::{begin, finish};
use crate::error::CaptureError;

/// Section of a file, key in it, query.
const QUERIES: &[(&str, &str, &str)] = &[
    ("database", "database", include_str!("../sql/database.sql")),
    ("database", "schema", include_str!("../sql/schemas.sql")),
    ("database", "default_acl", include_str!("../sql/default_acls.sql")),
    ("database", "extension", include_str!("../sql/extensions.sql")),
    (
        "database",
        "event_trigger",
        include_str!("../sql/event_triggers.sql"),
    ),
    ("database", "other_acl", include_str!("../sql/other_acls.sql")),
    ("roles", "role", include_str!("../sql/roles.sql")),
    ("roles", "membership", include_str!("../sql/memberships.sql")),
    ("roles", "setting", include_str!("../sql/settings.sql")),
    ("relations", "relation", include_str!("../sql/relations.sql")),
    (
        "constraints",
        "constraint",
        include_str!("../sql/constraints.sql"),
    ),
    ("constraints", "index", include_str!("../sql/indexes.sql")),
    ("sequences", "sequence", include_str!("../sql/sequences.sql")),
    ("types", "type", include_str!("../sql/types.sql")),
    ("routines", "routine", include_str!("../sql/routines.sql")),
    ("views", "view", include_str!("../sql/views.sql")),
    ("views", "rule", include_str!("../sql/rules.sql")),
    ("triggers", "trigger", include_str!("../sql/triggers.sql")),
    ("triggers", "policy", include_str!("../sql/policies.sql")),
    (
        "dependencies",
        "dependency",
        include_str!("../sql/dependencies.sql"),
    ),
    ("comments", "comment", include_str!("../sql/comments.sql")),
];

/// Stands in a query for the grants of an ACL, one a (grantee, grantor).
const ACL: &str = "(select coalesce(json_agg(json_build_object('grantee', g.grantee, 'grantor', g.grantor, \
    'privileges', g.privileges, 'grantable', g.grantable) order by g.grantee, g.grantor), '[]') \
    from (select i.grantee, i.grantor, \
    json_agg(i.privilege_type order by i.privilege_type collate pg_catalog.\"C\") as privileges, \
    coalesce(json_agg(i.privilege_type order by i.privilege_type collate pg_catalog.\"C\") \
    filter (where i.is_grantable), '[]') as grantable \
    from (select case x.grantee when 0 then 'public' else pg_get_userbyid(x.grantee)::text end collate pg_catalog.\"C\" as grantee, \
    pg_get_userbyid(x.grantor)::text collate pg_catalog.\"C\" as grantor, x.privilege_type, x.is_grantable \
    from aclexplode({}) as x) as i group by i.grantee, i.grantor) as g)";

/// Everything but printed definitions, as JSON by file and key; `oid`s are still in it.
pub(super) async fn read_catalogs(
    connection: &mut PgConnection,
    options: &Options,
) -> Result<Map<String, Value>, CaptureError> {
    begin(connection, "the catalogs").await?;
    let mut files = Map::new();
    for (file, key, query) in QUERIES {
        let rows = rows(connection, key, &expand(query), None).await?;
        let value = if *key == "database" {
            rows.into_iter().next().unwrap_or_default()
        } else {
            Value::Array(rows)
        };
        files.entry(*file).or_insert_with(|| json!({}))[*key] = value;
    }
    let select = rows(
        connection,
        "select",
        include_str!("../sql/select_set.sql"),
        Some(&options.reader),
    )
    .await?;
    files.insert(
        "select_set".to_owned(),
        json!({ "reader": options.reader, "select": select }),
    );
    let mut flags = Vec::new();
    for declared in &options.declared {
        flags.extend(read_declared(connection, declared).await?);
    }
    files.insert("flags".to_owned(), json!({ "flag": flags }));
    finish(connection, "the catalogs").await?;
    Ok(files)
}

/// The rows in the byte order of their JSON, which begins with what identifies them.
async fn rows(
    connection: &mut PgConnection,
    section: &'static str,
    query: &str,
    reader: Option<&str>,
) -> Result<Vec<Value>, CaptureError> {
    let text = format!("select row_to_json(r)::text from (\n{query}\n) as r");
    let mut statement = sqlx::query_scalar(AssertSqlSafe(text));
    if let Some(reader) = reader {
        statement = statement.bind(reader);
    }
    let mut lines: Vec<String> = statement
        .fetch_all(connection)
        .await
        .map_err(|source| CaptureError::Query { section, source })?;
    lines.sort_unstable();
    lines
        .iter()
        .map(|line| serde_json::from_str(line).map(without_nulls))
        .collect::<Result<_, _>>()
        .map_err(|source| CaptureError::Shape { section, source })
}

/// TOML has no null; an absent key says the same.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(fields) => Value::Object(
            fields
                .into_iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(key, value)| (key, without_nulls(value)))
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.into_iter().map(without_nulls).collect()),
        other => other,
    }
}

fn expand(query: &str) -> String {
    let mut text = String::new();
    let mut rest = query;
    while let Some((before, after)) = rest.split_once("acl_of{") {
        let (expression, remaining) = after.split_once('}').unwrap_or((after, ""));
        text.push_str(before);
        text.push_str(&ACL.replacen("{}", expression, 1));
        rest = remaining;
    }
    text.push_str(rest);
    text
}
