//! The rows of each surface: listed ones as they stand, derived ones from the manifests and the capture.
//!
//! Not for: digests of items (`item`). The one fact to know: every source of rows is one function here,
//! and each gives its values in the order of its surface's typed columns.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::str::FromStr as _;

use canonical::{Numeric, SourceDigest, Value, h05, h06_routine};
use manifest_model::estate::MemberKind;
use manifest_model::{
    Column, ColumnType, ControlPlane, Item, Routine, RoutineKind, RowSource, Security, Severity, Surface,
    TableClass, V,
};
use sql_render::expected::{language_name, volatility_code};
use sql_render::{ExpectedFact, expected_facts, routine};

use crate::Sources;
use crate::error::AuthorError;
use crate::item::{Row, SurfaceRows};
use crate::live::{LiveFacts, identity, key};
use crate::moments::{self, Moment};

/// Rows of every surface, in the order of their numbers.
pub fn all(sources: &Sources<'_>, live: &LiveFacts) -> Result<Vec<SurfaceRows>, AuthorError> {
    sources
        .plane
        .surfaces
        .iter()
        .map(|surface| {
            Ok(SurfaceRows {
                surface,
                rows: rows_of(surface, sources, live)?,
            })
        })
        .collect()
}

fn rows_of(surface: &Surface, sources: &Sources<'_>, live: &LiveFacts) -> Result<Vec<Row>, AuthorError> {
    let plane = sources.plane;
    match surface.rows {
        RowSource::Listed(items) => items.iter().map(|item| listed(surface, item)).collect(),
        RowSource::Surfaces => Ok(surfaces(plane)),
        RowSource::Gates => Ok(gates(plane)),
        RowSource::HashComponents => Ok(hash_components(plane)),
        RowSource::Dependencies => dependencies(plane),
        RowSource::VerifierPairs => verifier_pairs(plane),
        RowSource::Denominators => denominators(sources),
        RowSource::AuthorityScope => authority_scope(sources, live),
        RowSource::ReadContract => Ok(read_contract(live)),
        RowSource::ReasonCodes => Ok(reason_codes(plane)),
        RowSource::AdapterInputs => Ok(adapter_inputs(plane)),
        RowSource::Adapters => adapters(plane),
        RowSource::Gateway => gateway(plane),
        RowSource::Repoint => repoint(sources, live),
    }
}

fn text(value: impl Into<String>) -> Value {
    Value::Text(value.into())
}

fn number(value: impl TryInto<i64>) -> Value {
    Value::Integer(value.try_into().unwrap_or(i64::MAX))
}

fn digest(bytes: &[u8; 32]) -> Value {
    Value::Bytes(bytes.to_vec())
}

fn row(key: impl Into<String>, refusal: &str, values: Vec<Value>) -> Row {
    Row {
        key: key.into(),
        refusal: refusal.to_owned(),
        values,
    }
}

fn encode(surface: &str, item: &str) -> impl Fn(canonical::EncodeError) -> AuthorError {
    let (surface, item) = (surface.to_owned(), item.to_owned());
    move |source| AuthorError::Encode {
        surface: surface.clone(),
        item: item.clone(),
        source,
    }
}

fn listed(surface: &Surface, item: &Item) -> Result<Row, AuthorError> {
    let typed = surface.columns.iter().filter(|column| column.generated.is_none());
    let values = typed
        .zip(item.values)
        .map(|(column, value)| canonical_value(column, *value))
        .collect::<Result<Vec<_>, _>>()
        .map_err(encode(surface.table, item.key))?;
    Ok(row(item.key, item.refusal, values))
}

/// A manifest value as the canonical one; the manifest has been validated, so it fits its column.
pub fn canonical_value(column: &Column, value: V) -> Result<Value, canonical::EncodeError> {
    Ok(match value {
        V::Null | V::UnknownRequiresReview(_) => Value::Null,
        V::T(words) if column.ty == ColumnType::Uuid => {
            words.parse().map_or_else(|_| text(words), Value::Uuid)
        }
        V::T(words) => text(words),
        V::I(whole) => Value::Integer(whole),
        V::N(decimal) => Value::Numeric(Numeric::from_str(decimal)?),
        V::B(flag) => Value::Bool(flag),
        V::X(hex) => Value::Bytes(hex_bytes(hex)),
    })
}

fn hex_bytes(hex: &str) -> Vec<u8> {
    (0..hex.len() / 2)
        .filter_map(|at| u8::from_str_radix(&hex[at * 2..at * 2 + 2], 16).ok())
        .collect()
}

fn surfaces(plane: &ControlPlane) -> Vec<Row> {
    plane
        .surfaces
        .iter()
        .map(|surface| {
            let rule = if surface.rows_are_scope() {
                "exact_set_with_constraints"
            } else {
                "exact_set"
            };
            row(
                format!("{:02}.{}", surface.number, surface.table),
                "SURFACE_SET_DRIFT",
                vec![number(surface.number), text(surface.table), text(rule)],
            )
        })
        .collect()
}

fn gates(plane: &ControlPlane) -> Vec<Row> {
    plane
        .gates
        .iter()
        .map(|gate| {
            row(
                gate.key,
                gate.refusal,
                vec![number(gate.number), text(gate.key), text(gate.title)],
            )
        })
        .collect()
}

fn hash_components(plane: &ControlPlane) -> Vec<Row> {
    let mut rows = Vec::new();
    for contract in plane.hash_contracts {
        for (position, component) in (1..).zip(contract.components) {
            let values = vec![
                text(contract.id),
                Value::Integer(position),
                text(component.name),
                text(component.operand_type),
                text(component.encoding),
                text(contract.total_order),
            ];
            rows.push(row(
                format!("{}.{position:02}.{}", contract.id, component.name),
                "HASH_CONTRACT_DRIFT",
                values,
            ));
        }
    }
    rows
}

/// What H06 covers of a routine of the control plane, as the server will hold it.
pub fn routine_source(plane: &ControlPlane, routine: &Routine) -> canonical::Routine {
    canonical::Routine {
        language: language_name(routine).to_owned(),
        kind: 'f',
        arguments: routine.arguments.to_owned(),
        result: Some(routine::fill(plane, routine.returns)),
        security_definer: routine.security == Security::Definer,
        volatility: volatility_code(routine.volatility),
        strict: routine.strict,
        leakproof: false,
        parallel: if routine::parallel_safe(routine) { 's' } else { 'u' },
        config: Some(vec![format!("search_path={}", sql_render::ROUTINE_SEARCH_PATH)]),
        binary: None,
        body: routine::stored_body(plane, routine),
    }
}

pub(crate) fn generated_digest(generated: &routine::Generated) -> Result<SourceDigest, AuthorError> {
    let source = canonical::Routine {
        language: "plpgsql".to_owned(),
        kind: 'f',
        arguments: generated.arguments.to_owned(),
        result: Some(generated.returns.clone()),
        security_definer: generated.definer,
        volatility: 's',
        strict: false,
        leakproof: false,
        parallel: 'u',
        config: Some(vec![format!("search_path={}", sql_render::ROUTINE_SEARCH_PATH)]),
        binary: None,
        body: generated.stored_body().to_owned(),
    };
    h06_routine(&source).map_err(encode("routine", generated.name))
}

pub(crate) fn routine_digest(plane: &ControlPlane, routine: &Routine) -> Result<SourceDigest, AuthorError> {
    h06_routine(&routine_source(plane, routine)).map_err(encode("routine", routine.name))
}

/// Objects of this control plane that a body names after `{cp}.`, by identity.
fn references(plane: &ControlPlane, generated: &[routine::Generated], body: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in body.match_indices("{cp}.") {
        let name: String = body[at + 5..]
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
            .collect();
        if let Some(routine) = plane.routines.iter().find(|routine| routine.name == name) {
            found.insert(routine::identity(plane, routine));
        } else if let Some(generated) = generated.iter().find(|generated| generated.name == name) {
            found.insert(generated.identity(plane));
        } else if name != "violation" {
            found.insert(format!("{}.{name}", plane.schema));
        }
    }
    found
}

struct Node {
    edges: BTreeSet<String>,
    kind: &'static str,
    body: Option<SourceDigest>,
}

/// The recursive closure from the entry points: bodies, views, triggers.
fn dependencies(plane: &ControlPlane) -> Result<Vec<Row>, AuthorError> {
    let mut nodes: BTreeMap<String, Node> = BTreeMap::new();
    let mut roots = Vec::new();
    let all_generated = routine::generated(plane);
    for routine in plane.routines {
        let name = routine::identity(plane, routine);
        if matches!(
            routine.kind,
            RoutineKind::LevelB { .. } | RoutineKind::LevelA | RoutineKind::Gateway | RoutineKind::Reader
        ) {
            roots.push(name.clone());
        }
        let body = Some(routine_digest(plane, routine)?);
        let edges = references(plane, &all_generated, routine.body)
            .into_iter()
            .filter(|to| *to != name)
            .collect();
        nodes.insert(
            name,
            Node {
                edges,
                kind: "body",
                body,
            },
        );
    }
    for generated in &all_generated {
        let edges = generated
            .names
            .iter()
            .map(|name| match find(plane, name) {
                Ok(routine) => routine::identity(plane, routine),
                Err(_) => format!("{}.{name}", plane.schema),
            })
            .collect();
        let body = Some(generated_digest(generated)?);
        nodes.insert(
            generated.identity(plane),
            Node {
                edges,
                kind: "body",
                body,
            },
        );
    }
    for view in plane.views {
        let edges = references(plane, &all_generated, view.query);
        nodes.insert(
            format!("{}.{}", plane.schema, view.name),
            Node {
                edges,
                kind: "catalog",
                body: None,
            },
        );
    }
    let items = plane
        .surfaces
        .iter()
        .map(|surface| format!("{}.{}", plane.schema, surface.table))
        .collect();
    nodes.insert(
        format!("{}.surface_item", plane.schema),
        Node {
            edges: items,
            kind: "catalog",
            body: None,
        },
    );
    let tables = plane.table_definitions();
    for table in &tables {
        let edges: BTreeSet<String> = table
            .triggers
            .iter()
            .map(|trigger| format!("{}.{}()", plane.schema, trigger.routine))
            .collect();
        nodes.insert(
            format!("{}.{}", plane.schema, table.name),
            Node {
                edges,
                kind: "trigger",
                body: None,
            },
        );
    }
    // A table that only an operator's packet writes hangs from no routine, and its triggers fire all the same.
    let named: BTreeSet<&String> = nodes.values().flat_map(|node| &node.edges).collect();
    let written_by_packets: Vec<String> = tables
        .iter()
        .filter(|table| table.class == TableClass::Registry)
        .map(|table| format!("{}.{}", plane.schema, table.name))
        .filter(|name| !named.contains(name))
        .collect();
    roots.extend(written_by_packets);
    Ok(closure(roots, &nodes))
}

fn closure(roots: Vec<String>, nodes: &BTreeMap<String, Node>) -> Vec<Row> {
    let mut depth: BTreeMap<String, i64> = roots.iter().map(|root| (root.clone(), 0)).collect();
    let mut queue: VecDeque<String> = roots.into();
    let mut rows = Vec::new();
    while let Some(from) = queue.pop_front() {
        let Some(node) = nodes.get(&from) else { continue };
        let next = depth.get(&from).copied().unwrap_or(0) + 1;
        for to in &node.edges {
            if !depth.contains_key(to) {
                depth.insert(to.clone(), next);
                queue.push_back(to.clone());
            }
            let body = node
                .body
                .as_ref()
                .map_or(Value::Null, |body| digest(body.as_bytes()));
            rows.push(row(
                key(&format!("{from}->{to}")),
                "DEPENDENCY_DRIFT",
                vec![
                    text(&*from),
                    text(&**to),
                    text(node.kind),
                    Value::Integer(next),
                    body,
                ],
            ));
        }
    }
    rows.sort_by(|a, b| a.key.cmp(&b.key));
    rows
}

fn find<'a>(plane: &'a ControlPlane, name: &str) -> Result<&'a Routine, AuthorError> {
    plane
        .routines
        .iter()
        .copied()
        .find(|routine| routine.name == name)
        .ok_or_else(|| AuthorError::NotInCapture {
            kind: "routine",
            identity: name.to_owned(),
            wanted_by: "the control plane".to_owned(),
            hint: "define it, or correct the name".to_owned(),
        })
}

fn verifier_pairs(plane: &ControlPlane) -> Result<Vec<Row>, AuthorError> {
    let mut rows = Vec::new();
    let mut pair = |kind: &str, subject: String, verifier: &Routine| -> Result<(), AuthorError> {
        let source = routine_digest(plane, verifier)?;
        let values = vec![
            text(kind),
            text(&*subject),
            text(routine::identity(plane, verifier)),
            digest(source.as_bytes()),
        ];
        rows.push(row(key(&format!("{kind}:{subject}")), "VERIFIER_STALE", values));
        Ok(())
    };
    for routine in plane.routines {
        if let RoutineKind::LevelB { verifier } = routine.kind {
            pair(
                "entrypoint",
                routine::identity(plane, routine),
                find(plane, verifier)?,
            )?;
        }
    }
    for gate in plane.gates {
        pair(
            "gate",
            gate.key.to_owned(),
            find(plane, plane.readiness_verifier)?,
        )?;
    }
    Ok(rows)
}

fn denominators(sources: &Sources<'_>) -> Result<Vec<Row>, AuthorError> {
    let plane = sources.plane;
    let tables = plane.table_definitions();
    let member_names = |kind: &[MemberKind]| -> Vec<String> {
        sources
            .estate
            .legacy
            .iter()
            .filter(|member| kind.contains(&member.kind))
            .map(|member| identity(member.identity))
            .collect()
    };
    let inventories: Vec<(&str, Vec<String>)> = vec![
        (
            "authority_surfaces",
            plane
                .surfaces
                .iter()
                .map(|surface| surface.table.to_owned())
                .collect(),
        ),
        (
            "runtime_evidence_tables",
            tables
                .iter()
                .filter(|table| table.class == TableClass::RuntimeEvidence)
                .map(|table| table.name.to_owned())
                .collect(),
        ),
        (
            "readiness_gates",
            plane.gates.iter().map(|gate| gate.key.to_owned()).collect(),
        ),
        (
            "hash_contracts",
            plane
                .hash_contracts
                .iter()
                .map(|contract| contract.id.to_owned())
                .collect(),
        ),
        (
            "catalog_families",
            plane
                .families
                .iter()
                .map(|family| family.code.to_owned())
                .collect(),
        ),
        (
            "reason_codes",
            plane
                .reason_codes
                .iter()
                .map(|reason| reason.code.to_owned())
                .collect(),
        ),
        (
            "guards",
            plane.guards.iter().map(|guard| guard.id.to_owned()).collect(),
        ),
        ("legacy_tables", member_names(&[MemberKind::Table])),
        (
            "legacy_routines",
            member_names(&[MemberKind::Function, MemberKind::Procedure]),
        ),
        ("legacy_views", member_names(&[MemberKind::View])),
        (
            "expected_legacy_set",
            sources
                .estate
                .legacy
                .iter()
                .map(|member| identity(member.identity))
                .collect(),
        ),
    ];
    inventories
        .into_iter()
        .filter(|(_, members)| !members.is_empty())
        .map(|(inventory, members)| {
            let set = h05(&members).map_err(encode("denominator_manifest", inventory))?;
            Ok(row(
                inventory,
                "DENOMINATOR_DRIFT",
                vec![text(inventory), number(members.len()), digest(set.as_bytes())],
            ))
        })
        .collect()
}

/// Expected facts by relation: what #20 holds one digest of each.
pub fn constraint_sets(plane: &ControlPlane) -> BTreeMap<String, Vec<ExpectedFact>> {
    let mut sets: BTreeMap<String, Vec<ExpectedFact>> = BTreeMap::new();
    for fact in expected_facts(plane) {
        sets.entry(fact.relation.clone()).or_default().push(fact);
    }
    sets
}

fn authority_scope(sources: &Sources<'_>, live: &LiveFacts) -> Result<Vec<Row>, AuthorError> {
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

fn not_captured(kind: &'static str, identity: &str, wanted_by: &str) -> AuthorError {
    AuthorError::NotInCapture {
        kind,
        identity: identity.to_owned(),
        wanted_by: wanted_by.to_owned(),
        hint: "capture the database that the manifests are for, or correct the manifest".to_owned(),
    }
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

fn read_contract(live: &LiveFacts) -> Vec<Row> {
    live.reads
        .iter()
        .map(|read| {
            let name = if read.column.is_empty() {
                read.relation.clone()
            } else {
                format!("{}({})", read.relation, read.column)
            };
            row(
                key(&name),
                "DIRECTUS_READ_DRIFT",
                vec![
                    text(&*read.relation),
                    text(&*read.column),
                    text(&*read.held_through),
                ],
            )
        })
        .collect()
}

fn reason_codes(plane: &ControlPlane) -> Vec<Row> {
    plane
        .reason_codes
        .iter()
        .map(|reason| {
            let severity = match reason.severity {
                Severity::Refusal => "refusal",
                Severity::NoGo => "no_go",
            };
            row(
                reason.code,
                reason.code,
                vec![
                    text(reason.code),
                    text(reason.sqlstate),
                    text(severity),
                    text(reason.doc),
                ],
            )
        })
        .collect()
}

fn adapter_inputs(plane: &ControlPlane) -> Vec<Row> {
    let mut rows = Vec::new();
    for adapter in plane.adapters {
        for (relation, column) in adapter.inputs {
            rows.push(row(
                format!("{}:{relation}.{column}", adapter.key),
                "ADAPTER_INPUT_DRIFT",
                vec![text(adapter.key), text(*relation), text(*column)],
            ));
        }
    }
    rows
}

fn adapters(plane: &ControlPlane) -> Result<Vec<Row>, AuthorError> {
    plane
        .adapters
        .iter()
        .map(|adapter| {
            let routine = find(plane, adapter.routine)?;
            let source = routine_digest(plane, routine)?;
            Ok(row(
                adapter.key,
                "ADAPTER_SOURCE_MISMATCH",
                vec![
                    text(adapter.key),
                    text(routine::identity(plane, routine)),
                    digest(source.as_bytes()),
                    Value::Bool(false),
                ],
            ))
        })
        .collect()
}

/// One row a writer type: the closed set of #04, all served by the one gateway.
fn gateway(plane: &ControlPlane) -> Result<Vec<Row>, AuthorError> {
    let mut rows = Vec::new();
    let Some(gateway) = plane
        .routines
        .iter()
        .find(|routine| routine.kind == RoutineKind::Gateway)
    else {
        return Ok(rows);
    };
    let source = routine_digest(plane, gateway)?;
    let types = plane
        .surfaces
        .iter()
        .find(|surface| surface.table == "writer_type_manifest");
    if let Some(Surface {
        rows: RowSource::Listed(items),
        ..
    }) = types
    {
        for item in *items {
            rows.push(row(
                format!("gateway.{}", item.key),
                "GATEWAY_IDENTITY_MISMATCH",
                vec![
                    text(routine::identity(plane, gateway)),
                    text(item.key),
                    text("function"),
                    digest(source.as_bytes()),
                    text(plane.owner),
                    text(gateway.argument_types),
                    text(routine::fill(plane, gateway.returns)),
                ],
            ));
        }
    }
    Ok(rows)
}

fn repoint(sources: &Sources<'_>, live: &LiveFacts) -> Result<Vec<Row>, AuthorError> {
    let mut rows = Vec::new();
    let mut add = |kind: &str, written: &str, new_body: &str, stub: bool| -> Result<(), AuthorError> {
        let name = identity(written);
        let before = live
            .routines
            .get(&name)
            .ok_or_else(|| not_captured("routine", &name, "the repoint"))?;
        let mut after = before.source.clone();
        if stub {
            moments::stub(&mut after, new_body);
        } else {
            new_body.clone_into(&mut after.body);
        }
        let failed = || encode("writer_repoint_manifest", &name);
        let old = h06_routine(&before.source).map_err(failed())?;
        let new = h06_routine(&after).map_err(failed())?;
        let stub_digest = if stub { digest(new.as_bytes()) } else { Value::Null };
        rows.push(row(
            key(&name),
            "REPOINT_SOURCE_MISMATCH",
            vec![
                text(&*name),
                text(kind),
                digest(old.as_bytes()),
                digest(new.as_bytes()),
                text(&*before.source.body),
                stub_digest,
            ],
        ));
        Ok(())
    };
    for member in sources.estate.legacy {
        if member.disposition == manifest_model::estate::Disposition::StubFailClosed {
            let kind = if member.identity == sources.live_writer {
                "live_writer"
            } else {
                "stub"
            };
            add(kind, member.identity, sources.stub_body, true)?;
        }
    }
    for caller in sources.repointed {
        add(
            "caller",
            caller.identity,
            &sql_render::estate::stored_source(caller),
            false,
        )?;
    }
    rows.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(rows)
}
