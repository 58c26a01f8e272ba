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

/// What a reading said: file, key and rows of each section, as the server writes them. Parsed they take several
/// times as much, so that is done a file at a time.
pub(super) struct Reading {
    sections: Vec<(&'static str, &'static str, Vec<String>)>,
    reader: String,
}

impl Reading {
    /// A file as JSON by key; `oid`s are still in it.
    pub(super) fn json(&self, file: &str) -> Result<Value, CaptureError> {
        let mut json = Map::new();
        for (_, key, lines) in self.sections.iter().filter(|(of, ..)| *of == file) {
            let mut rows = lines
                .iter()
                .map(|line| serde_json::from_str(line).map(without_nulls))
                .collect::<Result<Vec<Value>, _>>()
                .map_err(|source| CaptureError::Shape { section: key, source })?
                .into_iter();
            let value = if *key == "database" {
                rows.next().unwrap_or_default()
            } else {
                rows.collect()
            };
            json.insert((*key).to_owned(), value);
        }
        if file == "select_set" {
            json.insert("reader".to_owned(), json!(self.reader));
        }
        Ok(Value::Object(json))
    }

    /// Lets go of a file.
    pub(super) fn forget(&mut self, file: &str) {
        self.sections.retain(|(of, ..)| *of != file);
    }
}

/// Everything but printed definitions.
pub(super) async fn read_catalogs(
    connection: &mut PgConnection,
    options: &Options,
) -> Result<Reading, CaptureError> {
    let mut sections = Vec::new();
    each_section(connection, options, |file, key, lines| {
        sections.push((file, key, lines));
    })
    .await?;
    Ok(Reading {
        sections,
        reader: options.reader.clone(),
    })
}

/// Reads everything again; the first file that says something else than `before`.
pub(super) async fn changed_since(
    connection: &mut PgConnection,
    options: &Options,
    before: &Reading,
) -> Result<Option<&'static str>, CaptureError> {
    let mut changed = None;
    let mut earlier = before.sections.iter();
    each_section(connection, options, |file, key, lines| {
        let is_equal = earlier
            .next()
            .is_some_and(|(of, known, rows)| (*of, *known) == (file, key) && *rows == lines);
        if !is_equal {
            changed.get_or_insert(file);
        }
    })
    .await?;
    Ok(changed)
}

/// Hands over the rows of each section, with its file and key.
async fn each_section(
    connection: &mut PgConnection,
    options: &Options,
    mut take: impl FnMut(&'static str, &'static str, Vec<String>),
) -> Result<(), CaptureError> {
    begin(connection, "the catalogs").await?;
    for (file, key, query) in QUERIES {
        take(file, key, rows(connection, key, &expand(query), None).await?);
    }
    let select = include_str!("../sql/select_set.sql");
    let reads = rows(connection, "select", select, Some(&options.reader)).await?;
    take("select_set", "select", reads);
    let mut flags = Vec::new();
    for declared in &options.declared {
        flags.extend(read_declared(connection, declared).await?);
    }
    take("flags", "flag", flags.iter().map(Value::to_string).collect());
    finish(connection, "the catalogs").await
}

/// The rows in the byte order of their JSON, which begins with what identifies them.
async fn rows(
    connection: &mut PgConnection,
    section: &'static str,
    query: &str,
    reader: Option<&str>,
) -> Result<Vec<String>, CaptureError> {
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
    Ok(lines)
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
