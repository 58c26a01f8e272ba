//! `rehearsal/plan.toml`: everything that the rehearsal must know, with the digest of every file it reads.
//!
//! Not for: deciding anything. The one fact to know: what the plan does not name is not run, and what it
//! names is verified byte for byte before the server starts.

mod creation;
mod packets;

use std::collections::BTreeMap;
use std::path::Path;

use manifest_model::{ControlPlane, Moment, RoutineKind, RowSource, Step};
use serde::Serialize;

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

/// Where it lies.
pub const PLAN: &str = "rehearsal/plan.toml";
/// Where the SQL of the states lies.
pub const STATES: &str = "rehearsal/states";

#[derive(Serialize)]
struct Plan {
    format_version: u32,
    schema: String,
    owner: String,
    database: String,
    creates_roles: Vec<String>,
    protected_rows: Vec<String>,
    negative_base: Vec<String>,
    realized_refusals: String,
    tree_input: &'static str,
    body_input: &'static str,
    catalog_check: Vec<CatalogCheck>,
    mutant_base: Vec<String>,
    mutant_check: Vec<mutants::Check>,
    counts: BTreeMap<String, i64>,
    count_queries: BTreeMap<String, String>,
    worlds: FileRef,
    access: FileRef,
    operator: Operator,
    sealed: Sealed,
    estate_script: Vec<EstateScript>,
    persona: Vec<Persona>,
    package: Vec<Package>,
    act_file: Vec<ActFile>,
    negative: Vec<FileRef>,
    attack: Vec<FileRef>,
    mutant: Vec<FileRef>,
    guard: Vec<GuardRef>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    state: Vec<StateRef>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    packet: Vec<packets::PacketRef>,
    #[serde(skip_serializing_if = "Option::is_none")]
    creation: Option<creation::CreationRef>,
    #[serde(skip_serializing_if = "Option::is_none")]
    leave: Option<packets::LeaveRef>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<packets::Client>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    later: Vec<packets::Later>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scan: Option<scan::ScanRef>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bypass: Option<FileRef>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    guard_case: Vec<FileRef>,
    input: Vec<InputRef>,
    fixture_file: Vec<FileRef>,
    exhibit: Vec<exhibits::Exhibit>,
    reason: Vec<Reason>,
}

#[derive(Serialize)]
struct CatalogCheck {
    kinds: Vec<&'static str>,
    sql: String,
}

#[derive(Serialize)]
pub(crate) struct FileRef {
    pub(crate) path: String,
    pub(crate) sha256: String,
}

#[derive(Serialize)]
struct InputRef {
    key: String,
    path: String,
    sha256: String,
}

#[derive(Serialize)]
struct EstateScript {
    path: String,
    sha256: String,
    database: String,
}

#[derive(Serialize)]
struct Persona {
    name: String,
    login: String,
    member_of: Vec<String>,
}

#[derive(Serialize)]
struct Package {
    id: String,
    steps: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
}

#[derive(Serialize)]
struct Operator {
    login: String,
    made_before: Vec<String>,
    before: FileRef,
    after: FileRef,
}

#[derive(Serialize)]
struct ActFile {
    step: String,
    path: String,
    sha256: String,
}

#[derive(Serialize)]
struct GuardRef {
    id: String,
    package: String,
    step: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rows_of: Option<String>,
}

/// A state and the guards that run in it.
#[derive(Serialize)]
struct StateRef {
    step: String,
    moment: &'static str,
    stands_on: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    mends: Option<FileRef>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<FileRef>,
    #[serde(skip_serializing_if = "Option::is_none")]
    packet: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    part: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    remember: Vec<InputRef>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reads: Option<ReadsRef>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    guard: Vec<CellRef>,
}

/// Reads that are tried, and who tries them.
#[derive(Serialize)]
struct ReadsRef {
    role: &'static str,
    path: String,
    sha256: String,
}

#[derive(Serialize)]
struct CellRef {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    waits: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
}

#[derive(Serialize)]
struct Reason {
    code: String,
    sqlstate: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    phase: Option<String>,
}

#[derive(Serialize)]
struct Sealed {
    sqlstate: String,
    reason: String,
}

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
        counts: counts(plane),
        count_queries: count_queries(plane),
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
        guard: guards(plane, guard_files),
        state: states(plane, root, guard_files)?,
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
        guard_case: guard_cases(plane, guard_files),
        input: inputs(files, root)?,
        fixture_file: paths_under("seeds/")
            .into_iter()
            .chain(exact_sets(root)?)
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

fn counts(plane: &ControlPlane) -> BTreeMap<String, i64> {
    let runtime = plane
        .tables
        .iter()
        .filter(|table| table.class == manifest_model::TableClass::RuntimeEvidence)
        .count();
    [
        ("surfaces", plane.surfaces.len()),
        ("runtime_tables", runtime),
        ("gates", plane.gates.len()),
        ("hash_contracts", plane.hash_contracts.len()),
        ("catalog_families", plane.families.len()),
    ]
    .into_iter()
    .map(|(name, n)| (name.to_owned(), i64::try_from(n).unwrap_or(i64::MAX)))
    .collect()
}

fn count_queries(plane: &ControlPlane) -> BTreeMap<String, String> {
    let schema = plane.schema;
    let table_of = |wanted: fn(&RowSource) -> bool| {
        plane
            .surfaces
            .iter()
            .find(|surface| wanted(&surface.rows))
            .map_or("", |surface| surface.table)
    };
    let surfaces = table_of(|rows| matches!(rows, RowSource::Surfaces));
    let gates = table_of(|rows| matches!(rows, RowSource::Gates));
    let components = table_of(|rows| matches!(rows, RowSource::HashComponents));
    let scope = table_of(|rows| matches!(rows, RowSource::AuthorityScope));
    [
        ("surfaces", format!("select count(*) from {schema}.{surfaces}")),
        (
            "runtime_tables",
            format!("select count(*) from {schema}.{scope} where object_class = 'runtime_evidence'"),
        ),
        ("gates", format!("select count(*) from {schema}.{gates}")),
        (
            "hash_contracts",
            format!("select count(distinct contract) from {schema}.{components}"),
        ),
        (
            "catalog_families",
            format!("select count(*) from {schema}.code_catalog_family"),
        ),
    ]
    .into_iter()
    .map(|(name, query)| (name.to_owned(), query))
    .collect()
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

/// The guards' inputs: authored documents, and the vectors as they are committed.
fn inputs(files: &Files, root: &Path) -> Result<Vec<InputRef>, AuthorError> {
    let prefix = format!("{}/", inputs::FOLDER);
    let mut refs: Vec<InputRef> = files
        .iter()
        .filter_map(|(path, text)| {
            let key = path.strip_prefix(&prefix)?.strip_suffix(".json")?;
            Some(InputRef {
                key: key.to_owned(),
                path: path.to_owned(),
                sha256: sha256_hex(text.as_bytes()),
            })
        })
        .collect();
    let (key, path) = inputs::VECTORS;
    let bytes = std::fs::read(root.join(path)).map_err(|source| AuthorError::Io {
        path: root.join(path),
        source,
    })?;
    refs.push(InputRef {
        key: key.to_owned(),
        path: path.to_owned(),
        sha256: sha256_hex(&bytes),
    });
    refs.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(refs)
}

/// The lock files of the exact sets, as an approval left them.
fn exact_sets(root: &Path) -> Result<Vec<FileRef>, AuthorError> {
    let folder = "seeds/exact-set";
    let io = |source| AuthorError::Io {
        path: root.join(folder),
        source,
    };
    let mut refs = Vec::new();
    for entry in std::fs::read_dir(root.join(folder)).map_err(io)? {
        let entry = entry.map_err(io)?;
        let bytes = std::fs::read(entry.path()).map_err(io)?;
        refs.push(FileRef {
            path: format!("{folder}/{}", entry.file_name().to_string_lossy()),
            sha256: sha256_hex(&bytes),
        });
    }
    refs.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(refs)
}

/// Where a guard's file lies.
pub fn guard_path(id: &str) -> String {
    format!("rehearsal/guards/{}.sql", id.to_lowercase().replace('-', "_"))
}

/// Where the faults of a guard lie.
pub fn case_path(id: &str) -> String {
    format!(
        "rehearsal/guard_cases/{}.toml",
        id.to_lowercase().replace('-', "_")
    )
}

fn file_ref(root: &Path, path: String) -> Result<FileRef, AuthorError> {
    let bytes = std::fs::read(root.join(&path)).map_err(|source| AuthorError::Io {
        path: root.join(&path),
        source,
    })?;
    Ok(FileRef {
        sha256: sha256_hex(&bytes),
        path,
    })
}

/// The faults of every guard that has some.
fn guard_cases(plane: &ControlPlane, guard_files: &GuardFiles) -> Vec<FileRef> {
    let cases = plane.guards.iter().filter_map(|guard| {
        let sha256 = guard_files.cases(guard.id)?.sha256.clone();
        let path = case_path(guard.id);
        Some(FileRef { path, sha256 })
    });
    cases.collect()
}

/// Every state with the cells of the registry that no package of the plan has; a guard whose file is not there
/// is listed without one, and is then not measured.
fn states(plane: &ControlPlane, root: &Path, guard_files: &GuardFiles) -> Result<Vec<StateRef>, AuthorError> {
    let packaged: Vec<(String, String)> = guards(plane, guard_files)
        .into_iter()
        .map(|cell| (cell.id, cell.step))
        .collect();
    let cells = plane.guard_cells();
    let mut refs = Vec::new();
    if plane.guards.is_empty() {
        return Ok(refs);
    }
    for state in plane.rehearsal.states {
        let mut guard = Vec::new();
        for (id, step, moment) in &cells {
            let is_packaged =
                *moment == Moment::After && packaged.contains(&((*id).to_owned(), step.label()));
            if *step != state.step || *moment != state.moment || is_packaged {
                continue;
            }
            let (path, sha256) = guard_files.reference(id);
            let waits = plane.rehearsal.waits.iter();
            let mut waits = waits.filter(|wait| (wait.0, wait.1, wait.2) == (*id, *step, *moment));
            guard.push(CellRef {
                id: (*id).to_owned(),
                waits: waits.next().map(|wait| wait.3),
                path,
                sha256,
            });
        }
        let below = |file: &str| format!("{STATES}/{file}");
        let remember = state
            .remembers
            .iter()
            .map(|(key, file)| {
                let FileRef { path, sha256 } = file_ref(root, below(file))?;
                Ok(InputRef {
                    key: (*key).to_owned(),
                    path,
                    sha256,
                })
            })
            .collect::<Result<Vec<_>, AuthorError>>()?;
        let reads = plane.rehearsal.tried_reads.filter(|_| state.tries_reads);
        let reads = reads
            .map(|(role, file)| {
                let FileRef { path, sha256 } = file_ref(root, below(file))?;
                Ok::<_, AuthorError>(ReadsRef { role, path, sha256 })
            })
            .transpose()?;
        refs.push(StateRef {
            step: state.step.label(),
            moment: state.moment.word(),
            stands_on: state.stands_on.word(),
            mends: state.mends.map(|file| file_ref(root, below(file))).transpose()?,
            file: state.file.map(|file| file_ref(root, below(file))).transpose()?,
            packet: state.packet.map(|(package, _)| package),
            part: state.packet.map(|(_, part)| part.word()),
            remember,
            reads,
            guard,
        });
    }
    Ok(refs)
}

/// Every cell that doc 06 or doc 07 puts into a rehearsed package. A guard whose file is not there is
/// listed without one, and is then not measured.
fn guards(plane: &ControlPlane, guard_files: &GuardFiles) -> Vec<GuardRef> {
    let mut refs = Vec::new();
    for package in plane
        .packages
        .iter()
        .filter(|package| plane.rehearsal.packages.contains(&package.id))
    {
        let population = plane
            .rehearsal
            .population
            .iter()
            .find(|(id, _)| *id == package.id);
        for step in package.steps {
            let first = plane.rehearsal.again.iter().find(|(again, _)| again == step);
            let is_due = |at: &Step| at == step || first.is_some_and(|(_, first)| first == at);
            for guard in plane.guards {
                let by_table = guard.steps.iter().any(is_due);
                let by_package = guard
                    .packages
                    .iter()
                    .any(|(id, at)| *id == package.id && is_due(at));
                if !by_table && !by_package {
                    continue;
                }
                let is_static = by_package && plane.rehearsal.is_fixture(package.id, guard.id);
                if is_static {
                    refs.push(GuardRef {
                        id: guard.id.to_owned(),
                        package: package.id.to_owned(),
                        step: step.label(),
                        path: None,
                        sha256: None,
                        rows_of: None,
                    });
                    continue;
                }
                let (path, sha256) = guard_files.reference(guard.id);
                refs.push(GuardRef {
                    id: guard.id.to_owned(),
                    package: package.id.to_owned(),
                    step: step.label(),
                    path,
                    sha256,
                    rows_of: population.map(|(_, rows_of)| (*rows_of).to_owned()),
                });
            }
        }
    }
    refs
}
