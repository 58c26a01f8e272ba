//! The recursive closure from the entry points: bodies, views, triggers.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use canonical::{SourceDigest, Value};
use manifest_model::{ControlPlane, RoutineKind, TableClass};
use sql_render::routine;

use super::routines::{find, generated_digest, routine_digest};
use super::{digest, row, text};
use crate::error::AuthorError;
use crate::item::Row;
use crate::live::key;

pub(super) fn dependencies(plane: &ControlPlane) -> Result<Vec<Row>, AuthorError> {
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
