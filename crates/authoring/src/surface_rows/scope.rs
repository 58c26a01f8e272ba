//! #20: every object of the control plane, every sealed legacy member at each moment, and what no package touches.

use std::collections::BTreeMap;

use canonical::{Value, h05, h06_routine};
use manifest_model::{ControlPlane, TableClass};
use sql_render::{ExpectedFact, expected_facts, routine};

use super::routines::{generated_digest, routine_digest};
use super::{digest, encode, row, text};
use crate::Sources;
use crate::error::AuthorError;
use crate::item::Row;
use crate::live::{LiveFacts, identity, key};
use crate::moments::{self, Moment};

pub(super) fn authority_scope(sources: &Sources<'_>, live: &LiveFacts) -> Result<Vec<Row>, AuthorError> {
    let plane = sources.plane;
    let mut rows = Vec::new();
    let mut own = |class: &str, name: String, kind: &str, source: Value| {
        let values = vec![
            text(class),
            text(&*name),
            text(kind),
            text("always"),
            Value::Null,
            text(plane.owner),
            source,
            Value::Null,
        ];
        rows.push(row(key(&format!("{class}:{name}")), "SCOPE_DRIFT", values));
    };
    for table in plane.table_definitions() {
        let class = match table.class {
            TableClass::Surface(_) => "authority",
            TableClass::RuntimeEvidence => "runtime_evidence",
            TableClass::Anchor => "anchor",
            TableClass::Registry => "registry",
            TableClass::Catalog => "catalog",
        };
        own(
            class,
            format!("{}.{}", plane.schema, table.name),
            "table",
            Value::Null,
        );
    }
    for routine in plane.routines {
        let source = routine_digest(plane, routine)?;
        own(
            "routine",
            routine::identity(plane, routine),
            "function",
            digest(source.as_bytes()),
        );
    }
    for generated in routine::generated(plane) {
        let source = generated_digest(&generated)?;
        own(
            "routine",
            generated.identity(plane),
            "function",
            digest(source.as_bytes()),
        );
    }
    for name in ["surface_table", "surface_item"]
        .into_iter()
        .chain(plane.views.iter().map(|view| view.name))
    {
        own("view", format!("{}.{name}", plane.schema), "view", Value::Null);
    }
    for (relation, facts) in constraint_sets(plane) {
        let lines: Vec<String> = facts
            .iter()
            .map(|fact| format!("{}|{}|{}", fact.kind, fact.name, fact.definition))
            .collect();
        let set = h05(&lines).map_err(encode("authority_scope_manifest", &relation))?;
        own("constraint_set", relation, "set", digest(set.as_bytes()));
    }
    rows.push(row(
        "bookkeeping:public._sqlx_migrations",
        "SCOPE_DRIFT",
        vec![
            text("bookkeeping"),
            text("public._sqlx_migrations"),
            text("table"),
            text("always"),
            Value::Null,
            Value::Null,
            Value::Null,
            Value::Null,
        ],
    ));
    rows.extend(legacy_scope(sources, live)?);
    rows.extend(untouched_scope(sources, live)?);
    rows.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(rows)
}

/// One row a member and moment; the disposition stands on the captured one [ruling A14].
fn legacy_scope(sources: &Sources<'_>, live: &LiveFacts) -> Result<Vec<Row>, AuthorError> {
    let mut rows = Vec::new();
    for member in moments::members(sources, live)? {
        let name = &member.identity;
        for moment in Moment::ALL {
            let state = member.at(moment);
            let failed = || encode("authority_scope_manifest", name);
            let disposition = match moment {
                Moment::AsCaptured => text(member.disposition.code()),
                Moment::AfterS15 | Moment::AfterS16 | Moment::AfterS17 => Value::Null,
            };
            rows.push(row(
                key(&format!("legacy:{name}@{}", moment.word())),
                "SCOPE_DRIFT",
                vec![
                    text("legacy"),
                    text(&**name),
                    text(member.kind),
                    text(moment.word()),
                    disposition,
                    text(&*state.owner),
                    digest(state.source().map_err(failed())?.as_bytes()),
                    digest(state.privileges().map_err(failed())?.as_bytes()),
                ],
            ));
        }
    }
    Ok(rows)
}

fn untouched_scope(sources: &Sources<'_>, live: &LiveFacts) -> Result<Vec<Row>, AuthorError> {
    let touch = sources.do_not_touch.iter().map(|name| ("do_not_touch", *name));
    let open = sources.do_not_open.iter().map(|name| ("do_not_open", *name));
    touch
        .chain(open)
        .map(|(class, written)| {
            let name = identity(written);
            let (kind, owner, source, privileges) = captured(live, &name, class)?;
            Ok(row(
                key(&format!("{class}:{name}")),
                "SCOPE_DRIFT",
                vec![
                    text(class),
                    text(&*name),
                    text(kind),
                    text("as_captured"),
                    Value::Null,
                    text(owner),
                    source,
                    privileges,
                ],
            ))
        })
        .collect()
}

/// Kind, owner, source and privileges of a captured object.
fn captured<'a>(
    live: &'a LiveFacts,
    name: &str,
    wanted_by: &str,
) -> Result<(&'a str, &'a str, Value, Value), AuthorError> {
    if name.ends_with(')') {
        let routine = live
            .routines
            .get(name)
            .ok_or_else(|| not_captured("routine", name, wanted_by))?;
        let source = h06_routine(&routine.source).map_err(encode("authority_scope_manifest", name))?;
        let kind = if routine.source.kind == 'p' {
            "procedure"
        } else {
            "function"
        };
        Ok((
            kind,
            &routine.owner,
            digest(source.as_bytes()),
            digest(routine.privileges.as_bytes()),
        ))
    } else {
        let relation = live
            .relations
            .get(name)
            .ok_or_else(|| not_captured("relation", name, wanted_by))?;
        let kind = if relation.kind == "table" { "table" } else { "view" };
        Ok((
            kind,
            &relation.owner,
            digest(relation.source.as_bytes()),
            digest(relation.privileges.as_bytes()),
        ))
    }
}

pub(super) fn not_captured(kind: &'static str, identity: &str, wanted_by: &str) -> AuthorError {
    AuthorError::NotInCapture {
        kind,
        identity: identity.to_owned(),
        wanted_by: wanted_by.to_owned(),
        hint: "capture the database that the manifests are for, or correct the manifest".to_owned(),
    }
}

/// Expected facts by relation: what #20 holds one digest of each.
pub fn constraint_sets(plane: &ControlPlane) -> BTreeMap<String, Vec<ExpectedFact>> {
    let mut sets: BTreeMap<String, Vec<ExpectedFact>> = BTreeMap::new();
    for fact in expected_facts(plane) {
        sets.entry(fact.relation.clone()).or_default().push(fact);
    }
    sets
}
