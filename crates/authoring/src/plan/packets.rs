//! Packets in the plan: their files, the paths that they close and open, and who gives leave in a rehearsal.
//!
//! Not for: a packet's text (`packet`). The one fact to know: the rehearsal asks after every statement who may execute
//! which path, by a query that is authored here from the same sealed set.

use manifest_model::{Package, PacketWork, PathCall, RoutineKind, RunnerClass};
use serde::Serialize;
use std::collections::BTreeSet;

use super::FileRef;
use crate::Sources;
use crate::error::AuthorError;
use crate::files::Files;
use crate::header::sha256_hex;
use crate::live::identity;
use crate::packet::{self, codes};

#[derive(Serialize)]
pub(super) struct PacketRef {
    package: String,
    folder: String,
    operator: String,
    checkpoint: &'static str,
    paths: String,
    isolation: &'static str,
    leave: &'static str,
    call: Vec<Call>,
    swap: Vec<Swap>,
    file: Vec<FileRef>,
}

#[derive(Serialize)]
struct Call {
    path: &'static str,
    role: &'static str,
    predicted: String,
    sql: &'static str,
}

#[derive(Serialize)]
struct Swap {
    file: &'static str,
    first: String,
    then: String,
}

#[derive(Serialize)]
pub(super) struct LeaveRef {
    tool_version: &'static str,
    authorization_namespace: &'static str,
    reaudit_namespace: &'static str,
    rehearsal_namespace: &'static str,
    epoch: String,
    known_objects: String,
    forbidden_objects: String,
    package: Vec<LeavePackage>,
    person: Vec<LeavePerson>,
}

#[derive(Serialize)]
struct LeavePackage {
    id: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    predecessor: Option<&'static str>,
    by_operator: bool,
    needs_reaudit: bool,
    needs_authorization: bool,
}

#[derive(Serialize)]
struct LeavePerson {
    principal: String,
    human: String,
    slots: Vec<String>,
}

#[derive(Serialize)]
pub(super) struct Later {
    id: &'static str,
    steps: Vec<String>,
    rests_on: Vec<&'static str>,
    guard: Vec<LaterGuard>,
}

#[derive(Serialize)]
struct LaterGuard {
    id: &'static str,
    step: String,
}

/// The packets; their files were added before.
pub(super) fn refs(sources: &Sources<'_>, files: &Files) -> Result<Vec<PacketRef>, AuthorError> {
    let people = packet::people(sources.plane);
    let operator = packet::holder(&people, "operator")
        .map(|one| one.login.clone())
        .unwrap_or_default();
    let mut refs = Vec::new();
    // Whatever a packet does, the calls that show which path is open are the same.
    let Some(repoint) = sources.packets.iter().find_map(|one| one.work.repoint()) else {
        return Ok(refs);
    };
    for one in sources.packets {
        let folder = format!("{}/{}", packet::FOLDER, one.package);
        let file = files
            .iter()
            .filter(|(path, _)| path.starts_with(&format!("{folder}/")))
            .map(|(path, text)| FileRef {
                path: path.to_owned(),
                sha256: sha256_hex(text.as_bytes()),
            })
            .collect();
        let text = |name: &str| files.get(&format!("{folder}/{name}")).unwrap_or_default();
        refs.push(PacketRef {
            package: one.package.to_owned(),
            operator: operator.clone(),
            checkpoint: packet::checkpoint_of(&one.work),
            paths: paths(sources),
            isolation: codes::ISOLATION_MEANS_NOTHING.sqlstate,
            leave: codes::AUTHORIZATION_REFUSED.sqlstate,
            call: vec![
                call(sources, "legacy", &repoint.legacy_call),
                call(sources, "new", &repoint.gateway_call),
            ],
            swap: match one.work {
                PacketWork::Repoint(_) => swaps(
                    &folder,
                    [
                        ("apply.sql", text("apply.sql")),
                        ("rollback.sql", text("rollback.sql")),
                    ],
                )?,
                PacketWork::OwnerCutover(_) | PacketWork::Freeze => Vec::new(),
            },
            folder,
            file,
        });
    }
    Ok(refs)
}

/// Everybody but superusers and the owner, over both paths.
fn paths(sources: &Sources<'_>) -> String {
    let (owner, schema) = (sources.plane.owner, sources.plane.schema);
    let members: Vec<String> = sources
        .estate
        .legacy
        .iter()
        .filter(|member| member.identity.ends_with(')'))
        .map(|member| format!("'{}'", identity(member.identity)))
        .collect();
    let gateway = sources
        .plane
        .routines
        .iter()
        .find(|routine| routine.kind == RoutineKind::Gateway);
    let gateway = gateway
        .map(|routine| sql_render::routine::identity(sources.plane, routine))
        .unwrap_or_default();
    format!(
        "with actor as (select r.oid, r.rolname::text as name from pg_catalog.pg_roles as r where r.oid >= 16384 and not r.rolsuper and r.rolname <> '{owner}'), routine as materialized (select m.identity, pg_catalog.to_regprocedure(m.identity)::pg_catalog.oid as oid from pg_catalog.unnest(array[{members}]) as m (identity)), legacy as (select a.name || ' may EXECUTE ' || m.identity as line from actor as a cross join routine as m where pg_catalog.has_function_privilege(a.oid, m.oid, 'EXECUTE')), new as (select a.name || ' may EXECUTE {gateway}' as line from actor as a where pg_catalog.has_function_privilege(a.oid, pg_catalog.to_regprocedure('{gateway}'), 'EXECUTE') and pg_catalog.has_schema_privilege(a.oid, '{schema}', 'USAGE')) select 'legacy ' || pg_catalog.count(*) || coalesce(' ' || pg_catalog.min(l.line), '') from legacy as l union all select 'new ' || pg_catalog.count(*) || coalesce(' ' || pg_catalog.min(n.line), '') from new as n",
        members = members.join(", ")
    )
}

fn call(sources: &Sources<'_>, path: &'static str, call: &PathCall) -> Call {
    let schema = call.routine.split('.').next().unwrap_or(sources.plane.schema);
    Call {
        path,
        role: call.role,
        predicted: format!(
            "select pg_catalog.has_function_privilege('{role}', pg_catalog.to_regprocedure('{routine}')::pg_catalog.oid, 'EXECUTE') and pg_catalog.has_schema_privilege('{role}', '{schema}', 'USAGE')",
            role = call.role,
            routine = call.routine,
        ),
        sql: call.sql,
    }
}

/// The last statement that closes a path, and the first that opens the other one.
fn swaps(folder: &str, texts: [(&'static str, &str); 2]) -> Result<Vec<Swap>, AuthorError> {
    let mut swaps = Vec::new();
    for (file, text) in texts {
        let lines: Vec<&str> = text.lines().filter_map(|line| line.strip_suffix(';')).collect();
        let first_grant = lines
            .iter()
            .position(|line| line.starts_with("grant execute on "));
        let found = first_grant.and_then(|at| {
            let before = lines[..at].iter().rev();
            let closing = before
                .into_iter()
                .find(|line| line.starts_with("revoke execute on "))?;
            Some((closing.to_string(), lines[at].to_owned()))
        });
        let Some((first, then)) = found else {
            return Err(AuthorError::Unparsed {
                path: format!("{folder}/{file}"),
                errors: vec!["expected a REVOKE of EXECUTE, and a GRANT of it after that".to_owned()],
            });
        };
        swaps.push(Swap { file, first, then });
    }
    Ok(swaps)
}

/// Who gives leave, if there is a packet that needs some.
pub(super) fn leave(sources: &Sources<'_>) -> Option<LeaveRef> {
    if sources.packets.is_empty() {
        return None;
    }
    let (plane, schema) = (sources.plane, sources.plane.schema);
    let sealed = |table: &str, and: &str| {
        format!(
            "select a.object_identity::text from {schema}.{table} as a join {schema}.latest_sealed as l on l.manifest_id = a.manifest_id and l.surface_no = a.surface_no{and}"
        )
    };
    let members = sources.estate.legacy.iter();
    let homes = members.filter_map(|member| member.identity.split('.').next());
    let homes: BTreeSet<String> = homes.chain([schema]).map(|name| format!("'{name}'")).collect();
    let homes: Vec<String> = homes.into_iter().collect();
    Some(LeaveRef {
        tool_version: packet::TOOL_VERSION,
        authorization_namespace: sources.namespaces.authorization,
        reaudit_namespace: sources.namespaces.reaudit,
        rehearsal_namespace: sources.namespaces.rehearsal,
        epoch: format!("select e.epoch from {schema}.control_epoch as e"),
        known_objects: format!(
            "{} union {} union {} union select n.nspname::text from pg_catalog.pg_namespace as n where n.nspname in ({homes})",
            sealed("authority_scope_manifest", ""),
            sealed("writer_repoint_manifest", ""),
            // A sequence goes with its table.
            "select pg_catalog.format('%I.%I', m.nspname, c.relname) from pg_catalog.pg_depend as d join pg_catalog.pg_class as c on c.oid = d.objid and c.relkind = 'S' join pg_catalog.pg_namespace as m on m.oid = c.relnamespace where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.deptype in ('a', 'i')",
            homes = homes.join(", ")
        ),
        forbidden_objects: sealed(
            "authority_scope_manifest",
            " where a.object_class in ('do_not_open', 'do_not_touch')",
        ),
        package: plane
            .packages
            .iter()
            .map(|package| LeavePackage {
                id: package.id,
                predecessor: package.predecessor,
                by_operator: package.runner == RunnerClass::Operator,
                needs_reaudit: package.needs_reaudit,
                needs_authorization: package.needs_authorization,
            })
            .collect(),
        person: packet::people(plane)
            .into_iter()
            .map(|one| LeavePerson {
                principal: one.principal,
                human: one.human,
                slots: one.slots,
            })
            .collect(),
    })
}

/// Who works beside packets that are committed.
#[derive(Serialize)]
pub(super) struct Client {
    role: &'static str,
    birth: &'static str,
    registered: &'static str,
    read: &'static str,
    grows: &'static [&'static str],
}

pub(super) fn client(sources: &Sources<'_>) -> Option<Client> {
    let client = sources
        .plane
        .rehearsal
        .client
        .filter(|_| !sources.packets.is_empty())?;
    Some(Client {
        role: client.role,
        birth: client.birth,
        registered: client.registered,
        read: client.read,
        grows: client.grows,
    })
}

/// Packages that no rehearsal applies by itself.
pub(super) fn later(sources: &Sources<'_>) -> Vec<Later> {
    if sources.packets.is_empty() {
        return Vec::new();
    }
    let applied = sources.plane.rehearsal.packages;
    sources
        .plane
        .packages
        .iter()
        .filter(|package| !applied.contains(&package.id))
        .map(|package| Later {
            id: package.id,
            steps: package.steps.iter().map(|step| step.label()).collect(),
            rests_on: package.rests_on.iter().map(|need| need.word()).collect(),
            guard: named_for(sources, package),
        })
        .collect()
}

/// Guards that doc 06 lists at a step of the package, or doc 07 names for it.
fn named_for(sources: &Sources<'_>, package: &Package) -> Vec<LaterGuard> {
    let mut named = Vec::new();
    for guard in sources.plane.guards {
        let of_steps = guard.steps.iter().filter(|step| package.steps.contains(step));
        let of_package = guard.packages.iter().filter(|(id, _)| *id == package.id);
        let steps: BTreeSet<String> = of_steps
            .chain(of_package.map(|(_, step)| step))
            .map(|step| step.label())
            .collect();
        named.extend(steps.into_iter().map(|step| LaterGuard { id: guard.id, step }));
    }
    named
}
