//! What the guards of the cutover are told: the captured set, every captured object's class, DOT scripts,
//! permits, and what each package is allowed.
//!
//! Not for: judging. The one fact to know: the class of an object is written down for every object that was
//! captured, so one that appears later has none and is unknown.

use std::collections::BTreeMap;

use canonical::{h05, h06_routine};
use manifest_model::estate::DynamicSql;
use manifest_model::{ControlPlane, RunnerClass};
use serde_json::{Value, json};

use crate::Sources;
use crate::error::AuthorError;
use crate::header::sha256_hex;
use crate::live::{LiveFacts, identity};
use crate::overwrites::{Overwrite, overwrites};
use crate::static_analysis::{self, Found};

/// The sealed legacy set as captured, with the review of its dynamic SQL.
pub(crate) fn legacy_set(sources: &Sources<'_>, live: &LiveFacts) -> Result<Value, AuthorError> {
    let names: Vec<String> = sources
        .estate
        .legacy
        .iter()
        .map(|member| identity(member.identity))
        .collect();
    let set = h05(&names).map_err(|source| AuthorError::Encode {
        surface: "legacy_set".to_owned(),
        item: "expected_legacy_set".to_owned(),
        source,
    })?;
    let members: Vec<Value> = sources
        .estate
        .legacy
        .iter()
        .map(|member| {
            let name = identity(member.identity);
            let dynamic = match member.dynamic {
                DynamicSql::None => "none",
                DynamicSql::Resolved { .. } => "resolved",
                DynamicSql::Unbounded { .. } => "unbounded",
            };
            let routine = live.routines.get(&name);
            let relation = live.relations.get(&name);
            let body = routine.map(|routine| sha256_hex(routine.source.body.as_bytes()));
            let owner = routine.map(|r| &r.owner).or(relation.map(|r| &r.owner));
            let kind = match (routine, relation) {
                (Some(routine), _) if routine.source.kind == 'p' => "procedure",
                (Some(_), _) => "function",
                (None, Some(relation)) if relation.kind == "table" => "table",
                _ => "view",
            };
            let acl: Vec<Value> = routine.map_or(Vec::new(), |routine| {
                routine
                    .acl
                    .iter()
                    .map(|item| json!(format!("{}={}/{}", item.grantee, item.privilege, item.grantor)))
                    .collect()
            });
            json!([name, kind, member.disposition.code(), owner, dynamic, body, acl])
        })
        .collect();
    let untouched: Vec<Value> = sources
        .do_not_touch
        .iter()
        .map(|name| {
            let name = identity(name);
            let body = live
                .routines
                .get(&name)
                .map(|routine| sha256_hex(routine.source.body.as_bytes()));
            json!([name, body])
        })
        .collect();
    Ok(json!({
        "capture_sha256": live.capture_sha256,
        "set_sha256": set.to_string(),
        "do_not_open": sources.do_not_open,
        "do_not_touch": untouched,
        "permit": { "relation": sources.plane.rehearsal.permit.0, "open": sources.plane.rehearsal.permit.1 },
        "sentinel": sources.plane.rehearsal.sentinel,
        "deprecated": sources.plane.rehearsal.deprecated,
        "members": members,
    }))
}

/// The writer's callers with their bodies after the repoint: digest, every known name in them, and whether they build
/// statements; and the sealed routines that decide by constants of their own.
pub(crate) fn writer_path(
    sources: &Sources<'_>,
    live: &LiveFacts,
    findings: &BTreeMap<String, Found>,
) -> Result<Value, AuthorError> {
    let plane = sources.plane;
    let own: Vec<String> = plane
        .table_definitions()
        .iter()
        .map(|table| format!("{}.{}", plane.schema, table.name))
        .chain(
            plane
                .views
                .iter()
                .map(|view| format!("{}.{}", plane.schema, view.name)),
        )
        .chain(
            plane
                .routines
                .iter()
                .map(|routine| sql_render::routine::identity(plane, routine)),
        )
        .collect();
    let mut callers = Vec::new();
    for caller in sources.repointed {
        let name = identity(caller.identity);
        let Some(before) = live.routines.get(&name) else {
            continue;
        };
        let mut after = before.clone();
        after.source.body = sql_render::estate::stored_source(caller);
        let source = h06_routine(&after.source).map_err(|source| AuthorError::Encode {
            surface: "writer_path".to_owned(),
            item: name.clone(),
            source,
        })?;
        let known = live.routines.keys().chain(live.relations.keys()).chain(&own);
        let (reaches, builds) = static_analysis::mentioned(&after, known.map(String::as_str));
        callers.push(json!([name, source.to_string(), reaches, builds]));
    }
    let decides: Vec<&String> = findings.keys().collect();
    Ok(json!({ "capture_sha256": live.capture_sha256, "callers": callers, "decides": decides }))
}

/// Every captured relation and routine with its class.
pub(crate) fn classification(sources: &Sources<'_>, live: &LiveFacts) -> Value {
    let mut classes: BTreeMap<String, &str> = BTreeMap::new();
    for name in live.relations.keys().chain(live.routines.keys()) {
        classes.insert(name.clone(), "live");
    }
    for member in sources.estate.legacy {
        classes.insert(identity(member.identity), "legacy");
    }
    for caller in sources.repointed {
        classes.insert(identity(caller.identity), "caller");
    }
    for name in sources.do_not_touch {
        classes.insert(identity(name), "do_not_touch");
    }
    let lines: Vec<Value> = classes.iter().map(|(name, class)| json!([name, class])).collect();
    json!({ "capture_sha256": live.capture_sha256, "objects": lines })
}

/// The deployed scripts: each with the digest of its text; one that could not be read would have an error.
pub(crate) fn dot(sources: &Sources<'_>) -> Value {
    let files: Vec<Value> = sources
        .estate
        .deployed_files
        .iter()
        .map(|file| deployed(file.path, Ok(file.text.as_bytes())))
        .collect();
    // The listing is the reference estate's: of another machine's folder it says nothing.
    json!({ "of_estate": true, "frozen": sources.plane.rehearsal.frozen_tools, "files": files })
}

/// A deployed file, read or not, as the guards are told of it: its digest, and what its text would put in the place of
/// something else.
#[must_use]
pub fn deployed(path: &str, read: Result<&[u8], &str>) -> Value {
    let overwrites = read.as_ref().map_or_else(
        |_| Vec::new(),
        |bytes| overwrites(bytes).iter().map(Overwrite::to_json).collect(),
    );
    json!({
        "path": path,
        "sha256": read.as_ref().ok().map(|bytes| sha256_hex(bytes)),
        "error": read.as_ref().err(),
        "overwrites": overwrites,
    })
}

/// What an authorization of each package may grant: its own execution, and nothing else.
pub(crate) fn package_authority(plane: &ControlPlane) -> Value {
    let packages: Vec<Value> = plane
        .packages
        .iter()
        .map(|package| {
            let grants: &[&str] = match package.runner {
                RunnerClass::Operator => &["PACKAGE_EXECUTION"],
                RunnerClass::T1 => &[],
            };
            json!([package.id, grants])
        })
        .collect();
    json!({ "grantable": "PACKAGE_EXECUTION", "packages": packages })
}
