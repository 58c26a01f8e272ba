//! `rehearsal/plan.toml`: everything that the rehearsal must know, with the digest of every file it reads.
//!
//! Not for: deciding anything. The one fact to know: what the plan does not name is not run, and what it
//! names is verified byte for byte before the server starts.

mod counts;
mod creation;
mod disk;
mod guards;
mod model;
mod packets;

use std::path::Path;

use manifest_model::{ControlPlane, RoutineKind};

use crate::Sources;
use crate::acts;
use crate::attacks;
use crate::bypasses;
use crate::error::AuthorError;
use crate::exact_set;
use crate::exhibits;
use crate::files::Files;
use crate::guard_files::GuardFiles;
use crate::header::sha256_hex;
use crate::index::toml_text;
use crate::inputs;
use crate::mutants;
use crate::negative::suite_base;
use crate::operator;
use crate::scan;

pub use guards::{case_path, guard_path};
pub(crate) use model::FileRef;
use model::{ActFile, CatalogCheck, EstateScript, Operator, Package, Persona, Plan, Reason, Sealed};

/// Where it lies.
pub const PLAN: &str = "rehearsal/plan.toml";
/// Where the SQL of the states lies.
pub const STATES: &str = "rehearsal/states";

/// Adds the plan; every other authored file must have been added before.
pub fn add(
    files: &mut Files,
    sources: &Sources<'_>,
    scripts: &[sql_render::Script],
    root: &Path,
    guard_files: &GuardFiles,
) -> Result<(), AuthorError> {
    let plane = sources.plane;
    let reference = |path: &str| FileRef {
        path: path.to_owned(),
        sha256: files
            .get(path)
            .map(|text| sha256_hex(text.as_bytes()))
            .unwrap_or_default(),
    };
    let paths_under = |prefix: &str| -> Vec<FileRef> {
        files
            .iter()
            .filter(|(path, _)| path.starts_with(prefix))
            .map(|(path, _)| reference(path))
            .collect()
    };
    let plan = Plan {
        format_version: 1,
        schema: plane.schema.to_owned(),
        owner: plane.owner.to_owned(),
        database: sources.estate.database.to_owned(),
        creates_roles: plane.roles.iter().map(|role| role.name.to_owned()).collect(),
        protected_rows: plane
            .rehearsal
            .protected_rows
            .iter()
            .map(|name| (*name).to_owned())
            .collect(),
        negative_base: suite_base(plane),
        catalog_check: catalog_checks(),
        mutant_base: exact_set::base(plane, ""),
        mutant_check: mutants::checks(plane),
        tree_input: inputs::TREES,
        body_input: inputs::BODIES,
        realized_refusals: sql_render::refusals::realized_refusals(plane),
        counts: counts::counts(plane),
        count_queries: counts::count_queries(plane),
        worlds: reference("rehearsal/estate/worlds/worlds.toml"),
        access: reference(crate::access::ACCESS),
        operator: Operator {
            login: plane.rehearsal.operator_login.to_owned(),
            made_before: vec![operator::roles_file(scripts)],
            before: reference(operator::BEFORE),
            after: reference(operator::AFTER),
        },
        sealed: sealed(plane),
        estate_script: estate_scripts(files, sources),
        persona: plane
            .personas
            .iter()
            .map(|persona| Persona {
                name: persona.name.to_owned(),
                login: persona.login.to_owned(),
                member_of: persona.member_of.iter().map(|role| (*role).to_owned()).collect(),
            })
            .collect(),
        package: packages(plane),
        act_file: [
            ("S11", acts::EXACT_SET),
            ("S12", acts::SEAL),
            ("S14", acts::ACTIVATE),
        ]
        .into_iter()
        .map(|(step, path)| {
            let FileRef { path, sha256 } = reference(path);
            ActFile {
                step: step.to_owned(),
                path,
                sha256,
            }
        })
        .collect(),
        negative: paths_under("migrations/negative/"),
        attack: paths_under(attacks::FOLDER),
        mutant: paths_under(mutants::FOLDER),
        guard: guards::guards(plane, guard_files),
        state: guards::states(plane, root, guard_files)?,
        packet: packets::refs(sources, files)?,
        creation: creation::reference(sources, files, root)?,
        leave: packets::leave(sources),
        client: packets::client(sources),
        later: packets::later(sources),
        scan: scan::reference(sources, files),
        bypass: files.get(bypasses::BYPASSES).map(|text| FileRef {
            path: bypasses::BYPASSES.to_owned(),
            sha256: sha256_hex(text.as_bytes()),
        }),
        guard_case: guards::guard_cases(plane, guard_files),
        input: disk::inputs(files, root)?,
        fixture_file: paths_under("seeds/")
            .into_iter()
            .chain(disk::exact_sets(root)?)
            .collect(),
        exhibit: exhibits::exhibits(plane),
        reason: plane
            .reason_codes
            .iter()
            .map(|reason| Reason {
                code: reason.code.to_owned(),
                sqlstate: reason.sqlstate.to_owned(),
                phase: phase(plane, reason.code).map(str::to_owned),
            })
            .collect(),
    };
    files.add(PLAN, toml_text(&plan));
    Ok(())
}

/// What must be red once a cause of each kind is gone: the exact set of objects, compared for one relation,
/// domain or routine, and the server's own answer about a privilege.
fn catalog_checks() -> Vec<CatalogCheck> {
    let difference = |relation: &str, of: &str| {
        format!("select x.object_name from pg_temp.not_as_expected({relation}) x where {of}")
    };
    let domain = "(select t.typname::text from pg_catalog.pg_attribute a join pg_catalog.pg_type t on t.oid = a.atttypid where a.attrelid = '{object}'::regclass and a.attname = '{name}')";
    vec![
        CatalogCheck {
            kinds: vec!["not_null", "check", "primary_key", "unique", "foreign_key", "on_delete", "on_update", "trigger"],
            sql: difference("'{relation}'", "x.object_name = '{name}'"),
        },
        CatalogCheck {
            kinds: vec!["domain"],
            sql: difference(domain, "x.object_kind = 'domain'"),
        },
        CatalogCheck {
            kinds: vec!["seal_check", "activation_check"],
            sql: difference("'{relation}'", "x.object_kind = 'routine'"),
        },
        CatalogCheck {
            kinds: vec!["privilege"],
            sql: "select 1 where pg_catalog.has_table_privilege(pg_catalog.split_part('{name}', ' to ', 2), '{object}', pg_catalog.split_part('{name}', ' to ', 1))".to_owned(),
        },
    ]
}

/// Codes that a seal or activation check raises belong to that phase, whatever routine raised them.
pub fn phase(plane: &ControlPlane, code: &str) -> Option<&'static str> {
    let check = format!("check_{}", code.to_lowercase());
    let routine = plane.routines.iter().find(|routine| routine.name == check);
    match routine.map(|routine| routine.kind) {
        Some(RoutineKind::SealCheck { .. } | RoutineKind::EntryCheck) => Some("seal"),
        Some(RoutineKind::ActivationCheck { .. }) => Some("activation"),
        _ => None,
    }
}

fn sealed(plane: &ControlPlane) -> Sealed {
    let reason = "SEALED_NOT_REVERSIBLE";
    Sealed {
        sqlstate: plane
            .reason(reason)
            .map(|code| code.sqlstate.to_owned())
            .unwrap_or_default(),
        reason: reason.to_owned(),
    }
}

fn estate_scripts(files: &Files, sources: &Sources<'_>) -> Vec<EstateScript> {
    sources
        .estate
        .scripts
        .iter()
        .map(|script| {
            let path = format!("rehearsal/estate/{}", script.file);
            let database = match script.runs_in {
                manifest_model::estate::RunsIn::Cluster => "postgres",
                manifest_model::estate::RunsIn::Estate => sources.estate.database,
            };
            EstateScript {
                sha256: files
                    .get(&path)
                    .map(|text| sha256_hex(text.as_bytes()))
                    .unwrap_or_default(),
                path,
                database: database.to_owned(),
            }
        })
        .collect()
}

fn packages(plane: &ControlPlane) -> Vec<Package> {
    plane
        .packages
        .iter()
        .filter(|package| plane.rehearsal.packages.contains(&package.id))
        .map(|package| Package {
            id: package.id.to_owned(),
            steps: package.steps.iter().map(|step| step.label()).collect(),
            source: package.source.map(str::to_owned),
        })
        .collect()
}
