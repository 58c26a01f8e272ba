//! The reader: catalogs to [`Facts`], without a trace.
//!
//! Not for: files. The one fact to know: everything but printed definitions is read twice, before and
//! after they are printed, and must be equal, since the server prints from the newest catalog and not
//! from the transaction's snapshot.

use std::collections::BTreeMap;

use canonical::{AclItem, ObjectClass};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use sqlx::{AssertSqlSafe, PgConnection, Row as _};

use crate::digest::Capture;
use crate::error::CaptureError;
use crate::model::{Facts, Grant};
use crate::secrets;

/// Definitions printed in one transaction [ruling B15].
const BATCH: usize = 500;

/// Rows of one table that the caller declares to be read; no others are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredRows {
    /// Table, as `to_regclass` takes it.
    pub relation: String,
    /// Column that names a row.
    pub key_column: String,
    /// The rows.
    pub keys: Vec<String>,
    /// Columns that are read.
    pub columns: Vec<String>,
}

/// What ties a capture to one database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Origin {
    /// The cluster's system identifier: for a database that lives on.
    #[default]
    Cluster,
    /// Name and content alone: for an estate that is built anew from committed files.
    Content,
}

/// How to capture.
#[derive(Debug, Clone)]
pub struct Options {
    /// Role whose SELECT set is captured.
    pub reader: String,
    /// Rows that may be read.
    pub declared: Vec<DeclaredRows>,
    /// What ties the capture to the database.
    pub origin: Origin,
    /// Whether texts that hold credentials are replaced by their digest; otherwise they are an error.
    pub redact: bool,
    /// Limit of one statement, in milliseconds.
    pub statement_timeout_ms: u32,
    /// Limit of waiting for a lock, in milliseconds.
    pub lock_timeout_ms: u32,
}

impl Options {
    /// For one reader, without declared rows, with limits that a live database bears.
    pub fn new(reader: &str) -> Self {
        Self {
            reader: reader.to_owned(),
            declared: Vec::new(),
            origin: Origin::default(),
            redact: false,
            statement_timeout_ms: 60_000,
            lock_timeout_ms: 2_000,
        }
    }
}

/// Section of a file, key in it, query.
const QUERIES: &[(&str, &str, &str)] = &[
    ("database", "database", include_str!("sql/database.sql")),
    ("database", "schema", include_str!("sql/schemas.sql")),
    ("database", "default_acl", include_str!("sql/default_acls.sql")),
    ("database", "extension", include_str!("sql/extensions.sql")),
    (
        "database",
        "event_trigger",
        include_str!("sql/event_triggers.sql"),
    ),
    ("database", "other_acl", include_str!("sql/other_acls.sql")),
    ("roles", "role", include_str!("sql/roles.sql")),
    ("roles", "membership", include_str!("sql/memberships.sql")),
    ("roles", "setting", include_str!("sql/settings.sql")),
    ("relations", "relation", include_str!("sql/relations.sql")),
    ("constraints", "constraint", include_str!("sql/constraints.sql")),
    ("constraints", "index", include_str!("sql/indexes.sql")),
    ("sequences", "sequence", include_str!("sql/sequences.sql")),
    ("types", "type", include_str!("sql/types.sql")),
    ("routines", "routine", include_str!("sql/routines.sql")),
    ("views", "view", include_str!("sql/views.sql")),
    ("views", "rule", include_str!("sql/rules.sql")),
    ("triggers", "trigger", include_str!("sql/triggers.sql")),
    ("triggers", "policy", include_str!("sql/policies.sql")),
    ("dependencies", "dependency", include_str!("sql/dependencies.sql")),
    ("comments", "comment", include_str!("sql/comments.sql")),
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

/// Reads the whole database. The connection is the capture's own: its settings are changed, and it
/// must be outside a transaction.
///
/// # Errors
/// See [`CaptureError`]. Nothing is ever written, to the database or to a file.
pub async fn capture(connection: &mut PgConnection, options: &Options) -> Result<Capture, CaptureError> {
    let result = read_all(connection, options).await;
    if result.is_err() {
        // The first error is the one to report; without a transaction this is only a warning.
        let _ = sqlx::raw_sql("rollback").execute(connection).await;
    }
    result
}

async fn read_all(connection: &mut PgConnection, options: &Options) -> Result<Capture, CaptureError> {
    let server_major = settle(connection, options).await?;
    let first = read_catalogs(connection, options).await?;
    let mut facts = first.clone();
    print_definitions(connection, &mut facts).await?;
    let last = read_catalogs(connection, options).await?;
    if let Some(section) = first
        .keys()
        .find(|section| first.get(*section) != last.get(*section))
    {
        return Err(CaptureError::ChangedMeanwhile {
            section: section.clone(),
        });
    }
    let system_identifier = match options.origin {
        Origin::Content => None,
        Origin::Cluster => Some(
            sqlx::query_scalar("select system_identifier::text from pg_catalog.pg_control_system()")
                .fetch_one(&mut *connection)
                .await
                .map_err(|source| CaptureError::Query {
                    section: "the system identifier",
                    source,
                })?,
        ),
    };
    add_digests(&mut facts, server_major)?;
    let mut facts = Value::Object(facts);
    let findings = secrets::scan(&mut facts, options.redact);
    if !findings.is_empty() && !options.redact {
        return Err(CaptureError::Credentials { findings });
    }
    let facts: Facts = shape("the capture", facts)?;
    Ok(Capture::new(server_major, system_identifier, facts))
}

async fn settle(connection: &mut PgConnection, options: &Options) -> Result<u32, CaptureError> {
    let query = |source| CaptureError::Query {
        section: "the settings",
        source,
    };
    // Compiling the catalog queries costs seconds and running them milliseconds.
    let settings = format!(
        "set default_transaction_read_only = on; set default_transaction_isolation = 'repeatable read'; \
         set search_path = ''; set jit = off; set max_parallel_workers_per_gather = 0; set statement_timeout = {}; set lock_timeout = {}; \
         set idle_in_transaction_session_timeout = '60s'; set row_security = off; \
         set quote_all_identifiers = off; set timezone = 'UTC'; set datestyle = 'ISO'; \
         set intervalstyle = 'postgres'; set extra_float_digits = 1; set bytea_output = 'hex'",
        options.statement_timeout_ms, options.lock_timeout_ms
    );
    sqlx::raw_sql(AssertSqlSafe(settings))
        .execute(&mut *connection)
        .await
        .map_err(query)?;
    let number: i32 = sqlx::query_scalar("select current_setting('server_version_num')::int4")
        .fetch_one(&mut *connection)
        .await
        .map_err(query)?;
    let found = u32::try_from(number / 10_000).unwrap_or_default();
    if found < 15 {
        return Err(CaptureError::UnsupportedMajor { found });
    }
    let exists: bool =
        sqlx::query_scalar("select exists (select from pg_catalog.pg_roles as r where r.rolname = $1)")
            .bind(&options.reader)
            .fetch_one(&mut *connection)
            .await
            .map_err(query)?;
    if !exists {
        return Err(CaptureError::ReaderMissing {
            reader: options.reader.clone(),
        });
    }
    Ok(found)
}

async fn begin(connection: &mut PgConnection, section: &'static str) -> Result<(), CaptureError> {
    sqlx::raw_sql("start transaction isolation level repeatable read, read only")
        .execute(connection)
        .await
        .map(|_| ())
        .map_err(|source| CaptureError::Query { section, source })
}

/// Ends a transaction after it has proved that it left no trace.
async fn finish(connection: &mut PgConnection, section: &'static str) -> Result<(), CaptureError> {
    let query = |source| CaptureError::Query { section, source };
    let clean: bool = sqlx::query_scalar(
        "select pg_current_xact_id_if_assigned() is null and current_setting('transaction_read_only') = 'on'",
    )
    .fetch_one(&mut *connection)
    .await
    .map_err(query)?;
    sqlx::raw_sql("rollback")
        .execute(connection)
        .await
        .map_err(query)?;
    if clean {
        Ok(())
    } else {
        Err(CaptureError::LeftTrace { section })
    }
}

/// Everything but printed definitions, as JSON by file and key; `oid`s are still in it.
async fn read_catalogs(
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
        include_str!("sql/select_set.sql"),
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

/// Names come back from the server quoted, so that a declared name can't become SQL.
async fn read_declared(
    connection: &mut PgConnection,
    declared: &DeclaredRows,
) -> Result<Vec<Value>, CaptureError> {
    let section = "the declared rows";
    let error = |source| CaptureError::Query { section, source };
    let relation: Option<String> = sqlx::query_scalar("select to_regclass($1)::text")
        .bind(&declared.relation)
        .fetch_one(&mut *connection)
        .await
        .map_err(error)?;
    let absent =
        |key: &String| json!({ "relation": declared.relation, "key": key, "found": false, "values": {} });
    let Some(relation) = relation else {
        return Ok(declared.keys.iter().map(absent).collect());
    };
    let quoted: Vec<(String, String)> = sqlx::query(
        "select a.attname::text, quote_ident(a.attname) from pg_catalog.pg_attribute as a \
         where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped order by 1",
    )
    .bind(&relation)
    .fetch_all(&mut *connection)
    .await
    .map_err(error)?
    .iter()
    .map(|row| (row.get(0), row.get(1)))
    .collect();
    let name = |column: &str| {
        quoted
            .iter()
            .find(|(name, _)| name == column)
            .map(|(_, quoted)| quoted.as_str())
    };
    let Some(key_column) = name(&declared.key_column) else {
        return Ok(declared.keys.iter().map(absent).collect());
    };
    let columns: Vec<&str> = declared
        .columns
        .iter()
        .filter_map(|column| name(column))
        .collect();
    let values = columns
        .iter()
        .map(|column| format!("t.{column}::text as {column}"))
        .collect::<Vec<_>>()
        .join(", ");
    let query = format!(
        "select t.{key_column}::text, (select row_to_json(v)::text from (select {values}) as v) \
         from only {relation} as t where t.{key_column}::text = any ($1) order by 1, 2"
    );
    let rows = sqlx::query(AssertSqlSafe(query))
        .bind(&declared.keys)
        .fetch_all(connection)
        .await
        .map_err(error)?;
    let mut flags = Vec::new();
    for row in &rows {
        let (key, values): (String, String) = (row.get(0), row.get(1));
        let values: Value =
            serde_json::from_str(&values).map_err(|source| CaptureError::Shape { section, source })?;
        let mut values: BTreeMap<String, Value> = shape(section, values)?;
        values.retain(|_, value| !value.is_null());
        flags.push(json!({ "relation": relation, "key": key, "found": true, "values": values }));
    }
    let found: Vec<Value> = flags.iter().map(|flag| flag["key"].clone()).collect();
    flags.extend(
        declared
            .keys
            .iter()
            .filter(|key| !found.contains(&json!(key)))
            .map(absent),
    );
    flags.sort_by_key(|flag| flag["key"].as_str().unwrap_or_default().to_owned());
    Ok(flags)
}

/// Prints what locks: views, rules and BEGIN ATOMIC bodies.
async fn print_definitions(
    connection: &mut PgConnection,
    facts: &mut Map<String, Value>,
) -> Result<(), CaptureError> {
    let kinds: [(&'static str, &str, &str, &str); 3] = [
        ("views", "view", "definition", "pg_get_viewdef(o.oid::oid)"),
        ("views", "rule", "definition", "pg_get_ruledef(o.oid::oid)"),
        (
            "routines",
            "routine",
            "body",
            "pg_get_function_sqlbody(o.oid::oid)",
        ),
    ];
    for (file, key, field, printer) in kinds {
        let Some(Value::Array(records)) = facts.get_mut(file).and_then(|file| file.get_mut(key)) else {
            continue;
        };
        let wanted: Vec<(usize, i64)> = records
            .iter()
            .enumerate()
            .filter(|(_, record)| key != "routine" || record["atomic"] == json!(true))
            .filter_map(|(position, record)| Some((position, record["oid"].as_i64()?)))
            .collect();
        for batch in wanted.chunks(BATCH) {
            let oids: Vec<i64> = batch.iter().map(|(_, oid)| *oid).collect();
            begin(connection, file).await?;
            let query = format!(
                "select {printer} from unnest($1::int8[]) with ordinality as o (oid, n) order by o.n"
            );
            let texts: Vec<Option<String>> = sqlx::query_scalar(AssertSqlSafe(query))
                .bind(oids)
                .fetch_all(&mut *connection)
                .await
                .map_err(|source| CaptureError::Query {
                    section: file,
                    source,
                })?;
            finish(connection, file).await?;
            for ((position, _), text) in batch.iter().zip(texts) {
                let Some(text) = text else {
                    return Err(CaptureError::ChangedMeanwhile {
                        section: file.to_owned(),
                    });
                };
                records[*position][field] = Value::String(text);
            }
        }
    }
    Ok(())
}

/// Adds H06 and H07 and takes out what only the reader needs.
fn add_digests(facts: &mut Map<String, Value>, server_major: u32) -> Result<(), CaptureError> {
    let major = i32::try_from(server_major).unwrap_or(i32::MAX);
    let classes = [
        ("database", "schema", ObjectClass::Schema),
        ("relations", "relation", ObjectClass::Relation),
        ("types", "type", ObjectClass::Type),
        ("routines", "routine", ObjectClass::Routine),
    ];
    add_privilege_digest(&mut facts["database"]["database"], ObjectClass::Database)?;
    for (file, key, class) in classes {
        for record in records(facts, file, key) {
            add_privilege_digest(record, class)?;
        }
    }
    for record in records(facts, "routines", "routine") {
        let digest = source_of(record)?;
        record["source_sha256"] = json!(digest);
        forget(record, &["oid"]);
    }
    for record in records(facts, "views", "view") {
        let digest = canonical::h06_view(major, text(record, "definition"))
            .map_err(|source| encode(record, source))?;
        record["source_sha256"] = json!(digest.to_string());
        forget(record, &["oid", "tree_sha256"]);
    }
    for record in records(facts, "views", "rule") {
        forget(record, &["oid", "tree_sha256"]);
    }
    for record in records(facts, "triggers", "trigger") {
        record["arguments"] = json!(trigger_arguments(text(record, "arguments_hex")));
        forget(record, &["arguments_hex"]);
    }
    Ok(())
}

fn records<'a>(
    facts: &'a mut Map<String, Value>,
    file: &str,
    key: &str,
) -> impl Iterator<Item = &'a mut Value> {
    facts
        .get_mut(file)
        .and_then(|file| file.get_mut(key))
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
}

fn forget(record: &mut Value, keys: &[&str]) {
    if let Some(fields) = record.as_object_mut() {
        for key in keys {
            fields.shift_remove(*key);
        }
    }
}

fn text<'a>(record: &'a Value, key: &str) -> &'a str {
    record[key].as_str().unwrap_or_default()
}

fn encode(record: &Value, source: canonical::EncodeError) -> CaptureError {
    let identity = record
        .get("identity")
        .or_else(|| record.get("name"))
        .and_then(Value::as_str);
    CaptureError::Encode {
        identity: identity.unwrap_or_default().to_owned(),
        source,
    }
}

fn add_privilege_digest(record: &mut Value, class: ObjectClass) -> Result<(), CaptureError> {
    let mut items: Vec<AclItem> = Vec::new();
    let grants: Vec<Grant> = shape("an ACL", record["acl"].clone())?;
    items.extend(grants.iter().flat_map(|grant| grant.items(None)));
    if let Some(Value::Array(columns)) = record.get("columns") {
        for column in columns {
            let grants: Vec<Grant> = shape("an ACL", column["acl"].clone())?;
            items.extend(
                grants
                    .iter()
                    .flat_map(|grant| grant.items(column["name"].as_str())),
            );
        }
    }
    let digest =
        canonical::h07(class, text(record, "owner"), &items).map_err(|source| encode(record, source))?;
    record["privilege_sha256"] = json!(digest.to_string());
    Ok(())
}

fn source_of(record: &Value) -> Result<String, CaptureError> {
    let letter = |key: &str| text(record, key).chars().next().unwrap_or(' ');
    let owned = |key: &str| record.get(key).and_then(Value::as_str).map(str::to_owned);
    let routine = canonical::Routine {
        language: text(record, "language").to_owned(),
        // The words begin with the server's own letters.
        kind: letter("kind"),
        arguments: text(record, "arguments").to_owned(),
        result: owned("result"),
        security_definer: record["security_definer"] == json!(true),
        volatility: letter("volatility"),
        strict: record["strict"] == json!(true),
        leakproof: record["leakproof"] == json!(true),
        parallel: letter("parallel"),
        config: record
            .get("config")
            .map(|config| shape("a routine", config.clone()))
            .transpose()?,
        binary: owned("binary"),
        body: text(record, "body").to_owned(),
    };
    Ok(canonical::h06_routine(&routine)
        .map_err(|source| encode(record, source))?
        .to_string())
}

/// `tgargs`: texts, each ended by a zero byte.
fn trigger_arguments(hex: &str) -> Vec<String> {
    let bytes: Vec<u8> = (0..hex.len() / 2)
        .filter_map(|n| u8::from_str_radix(&hex[2 * n..2 * n + 2], 16).ok())
        .collect();
    let mut arguments: Vec<String> = bytes
        .split(|byte| *byte == 0)
        .map(|argument| String::from_utf8_lossy(argument).into_owned())
        .collect();
    arguments.pop();
    arguments
}

fn shape<T: DeserializeOwned>(section: &'static str, value: Value) -> Result<T, CaptureError> {
    serde_json::from_value(value).map_err(|source| CaptureError::Shape { section, source })
}
