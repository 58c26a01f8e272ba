//! The spec of a surface: constraint and privilege tests on a draft version, sealed rows, and the seal.
//!
//! The one fact to know: the base makes version 2 of the surface, a draft with the same rows, because
//! seal-time tests never run on the sealed version [ruling A8].

use manifest_model::{ControlPlane, TableDef};

use super::privilege::emptied;
use super::row::ProbeRow;
use super::spec::{Cause, Expect, Group, Spec, Test, by_twin};
use super::table::{Context, HARNESS, OWNER, accept_and_weaken, constraint_tests, fixtures};
use super::{privilege, referenced, seal, trigger};
use crate::error::AuthorError;
use crate::item::Version;
use crate::seeds::insert_columns;

/// The draft that a surface's tests work on.
pub struct Draft {
    /// Literal of its `manifest_id`.
    pub id: String,
    /// Literal of the sealed version's `manifest_id`.
    pub sealed_id: String,
    /// Literal of its payload digest.
    pub payload: String,
    /// How many rows it has.
    pub items: usize,
}

/// The spec of a surface.
pub fn spec(
    plane: &ControlPlane,
    tables: &[TableDef],
    table: &TableDef,
    version: &Version,
    versions: &[Version],
) -> Result<Spec, AuthorError> {
    let envelope = version.envelope_at(2)?;
    let draft = Draft {
        id: format!("'{}'", envelope.manifest_id()),
        sealed_id: format!("'{}'", version.manifest_id()),
        payload: format!("'{}'", version.payload.to_bytea_text()),
        items: version.rows.len(),
    };
    let schema = plane.schema;
    let row = ProbeRow::new(schema, table)
        .with("manifest_id", &draft.id)
        .with("ordinal", &(draft.items + 1).to_string());
    let context = Context {
        plane,
        tables,
        table,
        row,
    };
    let mut base = fixtures(plane, table);
    base.extend(next_version(plane, version, &draft.id, &envelope.to_bytea_text()));

    let mut constraints = constraint_tests(&context);
    constraints.extend(wrong_manifest(&context, version, versions));
    let roles = [
        ("directus_dml", plane.application_role.to_owned()),
        ("public_dml", "outsider".to_owned()),
    ];
    constraints.extend(sealed_rows(&context, &draft));
    // The seal comes last, and of it the dropped key: undoing it makes the server plan every seal anew.
    constraints.extend(seal::tests(&context, version, &draft));
    constraints.push(seal::dropped_deferred_key(&context, version, &draft));
    let mut verbs = privilege::group(&context, &roles, sealed_truncate(&context));
    verbs.base.splice(0..0, fixtures(plane, table));
    let referenced = referenced::groups(&context, &base);
    let mut drafted = Group::of_tests("draft", base, by_twin(constraints));
    // The draft's own rows may have the key of an accepted one.
    drafted.accept_base = vec![format!(
        "delete from {} where manifest_id = {}",
        context.qualified(),
        draft.id
    )];
    let mut group = vec![drafted, verbs];
    group.extend(referenced);
    accept_and_weaken(&context, &mut group);
    Ok(Spec {
        format_version: 1,
        object: context.qualified(),
        surface: Some(version.surface.number),
        group,
    })
}

/// The next version of a surface, a draft with the rows of this one; `id` and `envelope` are literals' texts.
pub(crate) fn next_version(plane: &ControlPlane, version: &Version, id: &str, envelope: &str) -> Vec<String> {
    let schema = plane.schema;
    let surface = version.surface;
    let (no, from) = (surface.number, &format!("'{}'", version.manifest_id()));
    let columns = insert_columns(version);
    let copied = columns[1..].join(", ");
    let mut statements = vec![
        format!(
            "insert into {schema}.expected_item (manifest_id, surface_no, item_key) select {id}, surface_no, item_key from {schema}.expected_item where manifest_id = {from}"
        ),
        format!(
            "insert into {schema}.{} (manifest_id, {copied}) select {id}, {copied} from {schema}.{} where manifest_id = {from}",
            surface.table, surface.table
        ),
    ];
    if surface.rows_are_scope() {
        statements.push(format!(
            "insert into {schema}.expected_constraint (manifest_id, surface_no, object_kind, relation_name, object_name, definition) select {id}, surface_no, object_kind, relation_name, object_name, definition from {schema}.expected_constraint where manifest_id = {from}"
        ));
    }
    statements.push(format!(
        "insert into {schema}.manifest_envelope (manifest_id, surface_no, version, item_count, payload_sha256, envelope_sha256) values ({id}, {no}, {}, {}, '{}', '{envelope}')",
        version.version + 1,
        version.rows.len(),
        version.payload.to_bytea_text()
    ));
    statements.push("set constraints all immediate; set constraints all deferred".to_owned());
    statements
}

/// A child under the envelope of another surface.
fn wrong_manifest(context: &Context<'_>, version: &Version, versions: &[Version]) -> Option<Test> {
    let other = versions
        .iter()
        .find(|other| other.surface.number != version.surface.number)?;
    let constraint = format!("{}_envelope_fk", context.table.name);
    let mut test = context.test(
        "wrong_manifest",
        other.surface.table,
        format!("hangs under the envelope of surface {}", other.surface.number),
        context.row.insert(),
        context
            .row
            .clone()
            .with("manifest_id", &format!("'{}'", other.manifest_id()))
            .insert(),
    );
    test.flush = true;
    test.cause = Cause {
        kind: "foreign_key",
        object: context.qualified(),
        name: constraint.clone(),
    };
    test.removal = vec![format!(
        "alter table {} drop constraint {constraint}",
        context.qualified()
    )];
    test.expect =
        Expect::on("23503", context.plane.schema, context.table.name, "commit").constraint(&constraint);
    Some(test)
}

/// INSERT, UPDATE, DELETE into the sealed version, as the owner and as a superuser.
fn sealed_rows(context: &Context<'_>, draft: &Draft) -> Vec<Test> {
    let table = context.qualified();
    let insert = |id: &str| context.row.clone().with("manifest_id", id).insert();
    let update = |id: &str| {
        format!(
            "update {table} set refusal_code = 'ITEM_RULE_BROKEN' where manifest_id = {id} and ordinal = 1"
        )
    };
    let delete = |id: &str| format!("delete from {table} where manifest_id = {id} and ordinal = 1");
    let (drafted, sealed) = (&draft.id, &draft.sealed_id);
    let acts = [
        ("insert", insert(drafted), insert(sealed)),
        ("update", update(drafted), update(sealed)),
        ("delete", delete(drafted), delete(sealed)),
    ];
    let mut tests = Vec::new();
    for (verb, twin, rejected) in acts {
        for persona in [OWNER, HARNESS] {
            let mutation = format!("{} on the sealed version by the {persona}", verb.to_uppercase());
            let what = format!("{verb}.{persona}");
            let mut test = context.test("sealed_rows", &what, mutation, twin.clone(), rejected.clone());
            refused_by(&mut test, context, persona, "sealed_rows", "SEALED_ROW_IMMUTABLE");
            tests.push(test);
        }
    }
    tests
}

/// TRUNCATE, as the owner and as a superuser, on the base in which every trigger is off: only this one
/// is switched on.
fn sealed_truncate(context: &Context<'_>) -> Vec<Test> {
    let table = context.qualified();
    let trigger = format!("{}_no_truncate", context.table.name);
    let test = |persona| {
        let mut test = context.test(
            "sealed_rows",
            &format!("truncate.{persona}"),
            format!("TRUNCATE by the {persona}"),
            format!("truncate {table}"),
            format!("truncate {table}"),
        );
        test.observe = Some(emptied(&table));
        test.change = vec![format!("alter table {table} enable always trigger {trigger}")];
        refused_by(&mut test, context, persona, "no_truncate", "TRUNCATE_REFUSED");
        test
    };
    [OWNER, HARNESS].into_iter().map(test).collect()
}

/// Fills in who runs what, and that the table's trigger of this suffix refuses it with this reason.
fn refused_by(test: &mut Test, context: &Context<'_>, persona: &str, suffix: &str, reason: &str) {
    let (table, schema) = (context.qualified(), context.plane.schema);
    let name = format!("{}_{suffix}", context.table.name);
    trigger::as_persona(test, persona);
    test.removal = vec![format!("alter table {table} disable trigger {name}")];
    test.cause = Cause {
        kind: "trigger",
        object: table,
        name,
    };
    let sqlstate = context.plane.reason(reason).map_or("", |code| code.sqlstate);
    test.expect = Expect::on(sqlstate, schema, context.table.name, "trigger").reason(reason);
}
