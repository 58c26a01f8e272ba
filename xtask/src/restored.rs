//! Whether a restored database is the captured one: what a dump and a restore alone change is told apart.
//!
//! Not for: two majors (`capture::across`). The one fact to know: the server prints some expressions
//! otherwise once it has read its own print (`varchar in (…)` gains casts, ruling B2), so a CHECK or a view
//! that differs is made again from the captured text, here, and must then read as the restored one.

use std::collections::{BTreeMap, BTreeSet};

use capture::Capture;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use throwaway_postgres::Server;

use crate::majors;

/// A fact that only one of the two captures holds, as `capture` prints it.
const CAPTURED: &str = "only captured: constraints constraint ";
const HERE: &str = "only here: constraints constraint ";

/// Facts that only one of the two holds, beyond what was read back differently; on one major the queries
/// of views are among them.
pub(crate) async fn differences(
    captured: &Capture,
    here: &Capture,
    server: &Server,
    database: &str,
) -> Result<Vec<String>, majors::Error> {
    let mut connection = throwaway_postgres::open(&server.connect_options(database)).await?;
    let mut facts = captured.differences_beyond_major(here);
    let reprinted = reprinted_checks(captured, here, &mut connection).await?;
    facts.retain(|fact| !reprinted.contains(&constraint_of(fact)));
    if captured.server_major() == here.server_major() {
        facts.extend(other_views(captured, here, &mut connection).await?);
    }
    connection.close().await?;
    Ok(facts)
}

/// Relation and name of the constraint that a fact is about; empty for any other fact.
fn constraint_of(fact: &str) -> (String, String) {
    let json = fact.strip_prefix(CAPTURED).or_else(|| fact.strip_prefix(HERE));
    let Some(constraint) = json.and_then(|json| serde_json::from_str::<serde_json::Value>(json).ok()) else {
        return <_>::default();
    };
    let text = |key: &str| constraint[key].as_str().unwrap_or_default().to_owned();
    (text("on"), text("name"))
}

/// CHECKs whose captured text, read here, prints as the restored one.
async fn reprinted_checks(
    captured: &Capture,
    here: &Capture,
    connection: &mut PgConnection,
) -> Result<BTreeSet<(String, String)>, majors::Error> {
    let checks = |capture: &Capture| -> BTreeMap<(String, String), String> {
        let constraints = capture.facts().constraints.constraint.iter();
        constraints
            .filter(|constraint| constraint.kind == "check")
            .map(|c| ((c.on.clone(), c.name.clone()), c.definition.clone()))
            .collect()
    };
    let restored = checks(here);
    let mut reprinted = BTreeSet::new();
    for ((on, name), definition) in checks(captured) {
        let Some(expected) = restored.get(&(on.clone(), name.clone())) else {
            continue;
        };
        let make = format!("alter table {on} add constraint read_again {definition}");
        let read = "select pg_catalog.pg_get_constraintdef(c.oid) from pg_catalog.pg_constraint c where c.conname = 'read_again'";
        if *expected != definition && made_again(connection, &make, read).await?.as_ref() == Some(expected) {
            reprinted.insert((on, name));
        }
    }
    Ok(reprinted)
}

/// Views whose query is another one than the captured, and not only printed otherwise.
async fn other_views(
    captured: &Capture,
    here: &Capture,
    connection: &mut PgConnection,
) -> Result<Vec<String>, majors::Error> {
    let restored: BTreeMap<&str, &capture::View> = here
        .facts()
        .views
        .view
        .iter()
        .map(|view| (view.identity.as_str(), view))
        .collect();
    let mut facts = Vec::new();
    for view in &captured.facts().views.view {
        // One that is missing is a fact of its own.
        let Some(found) = restored.get(view.identity.as_str()) else {
            continue;
        };
        if found.source_sha256 == view.source_sha256 {
            continue;
        }
        let make = format!("create view public.read_again as {}", view.definition);
        let read = "select pg_catalog.pg_get_viewdef('public.read_again'::pg_catalog.regclass)";
        if made_again(connection, &make, read).await?.as_ref() != Some(&found.definition) {
            facts.push(format!("view {}: its query is another one", view.identity));
        }
    }
    Ok(facts)
}

/// What the server prints of something that is made and undone; none if it can't be made.
async fn made_again(
    connection: &mut PgConnection,
    statement: &str,
    read: &str,
) -> Result<Option<String>, majors::Error> {
    connection.execute("begin; set local search_path = ''").await?;
    let made = connection
        .execute(AssertSqlSafe(statement.to_owned()))
        .await
        .is_ok();
    let printed: Option<String> = if made {
        sqlx::query_scalar(AssertSqlSafe(read.to_owned()))
            .fetch_optional(&mut *connection)
            .await?
    } else {
        None
    };
    connection.execute("rollback").await?;
    Ok(printed)
}
