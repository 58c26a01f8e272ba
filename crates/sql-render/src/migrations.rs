//! PKG-A: S01..S08 as files, in order.
//!
//! Not for: rows. The one fact to know: the version of a file is step × 1000 + part, and the parts of a
//! step are numbered in the order in which they must run.

use manifest_model::{AccessGrant, ControlPlane, Privilege, RoutineKind, Step, TableClass};

use crate::{literal, routine, table};

/// One object: its way up, its way down.
#[derive(Debug, Clone)]
pub struct Unit {
    /// Name for the design lock: `table readiness_gate_manifest`.
    pub name: String,
    /// File that defines it, relative to the repository.
    pub source: String,
    /// SQL that creates it.
    pub up: String,
    /// SQL that drops it; no CASCADE.
    pub down: String,
}

/// One file.
#[derive(Debug, Clone)]
pub struct Script {
    /// Step that it belongs to.
    pub step: Step,
    /// From 1 within the step.
    pub part: u32,
    /// `readiness_gate_manifest`.
    pub slug: String,
    /// Its objects, in order.
    pub units: Vec<Unit>,
    /// Whether it runs as the owner role, which S01 has yet to create.
    pub as_owner: bool,
}

impl Script {
    /// `5009`.
    pub fn version(&self) -> u32 {
        u32::from(self.step.number()) * 1000 + self.part
    }

    /// `05009_readiness_gate_manifest`.
    pub fn name(&self) -> String {
        format!("{:05}_{}", self.version(), self.slug)
    }
}

/// Every file of S01..S08.
pub fn migrations(plane: &ControlPlane) -> Vec<Script> {
    let mut scripts = vec![roles(plane), schema(plane)];
    let mut part = 0;
    let mut add = |step: Step, slug: &str, units: Vec<Unit>| {
        if units.is_empty() {
            return;
        }
        let same = scripts.iter().filter(|script| script.step == step).count();
        part = u32::try_from(same).unwrap_or(u32::MAX) + 1;
        scripts.push(Script {
            step,
            part,
            slug: slug.to_owned(),
            units,
            as_owner: true,
        });
    };
    let (s02, s06, s08) = (Step::new(2), Step::new(6), Step::new(8));
    add(s02, "domains", domains(plane));
    add(
        s02,
        "hash_functions",
        routines(plane, s02, |kind| kind == RoutineKind::Hash),
    );
    add(
        s02,
        "trigger_functions",
        routines(plane, s02, |kind| kind == RoutineKind::Trigger),
    );
    let tables = plane.table_definitions();
    for definition in tables.iter().filter(|table| table.step <= s06) {
        add(
            definition.step,
            definition.name,
            vec![table_unit(plane, definition)],
        );
    }
    add(s06, "views", views(plane, s06));
    let mut readers = generated(plane, &["items_of", "recomputed_items_of"]);
    readers.extend(routines(plane, s06, |kind| {
        matches!(kind, RoutineKind::Internal | RoutineKind::Reader)
    }));
    add(s06, "readers", readers);
    let mut checks = routines(plane, s06, |kind| {
        matches!(kind, RoutineKind::SealCheck { .. } | RoutineKind::EntryCheck)
    });
    checks.extend(generated(plane, &["seal_violations"]));
    add(s06, "seal_checks", checks);
    add(
        s06,
        "entry_points",
        routines(plane, s06, |kind| matches!(kind, RoutineKind::LevelB { .. })),
    );
    add(
        s06,
        "verifiers",
        routines(plane, s06, |kind| kind == RoutineKind::LevelA),
    );
    for definition in tables.iter().filter(|table| table.step == Step::new(7)) {
        add(
            definition.step,
            definition.name,
            vec![table_unit(plane, definition)],
        );
    }
    let later_keys = |evidence: bool| -> Vec<Unit> {
        tables
            .iter()
            .filter(|table| (table.class == TableClass::RuntimeEvidence) == evidence)
            .filter_map(|definition| {
                table::foreign_keys_of_s08(plane, definition).map(|(up, down)| Unit {
                    name: format!("foreign keys of {}", definition.name),
                    source: definition.source.to_owned(),
                    up,
                    down,
                })
            })
            .collect()
    };
    add(s08, "deferred_foreign_keys", later_keys(false));
    add(s08, "evidence_foreign_keys", later_keys(true));
    let mut activation = routines(plane, s08, |kind| {
        matches!(kind, RoutineKind::ActivationCheck { .. })
    });
    activation.extend(generated(plane, &["activation_violations"]));
    add(s08, "activation_checks", activation);
    add(
        s08,
        "gate_readers",
        routines(plane, s08, |kind| kind == RoutineKind::Internal),
    );
    add(
        s08,
        "adapters",
        routines(plane, s08, |kind| kind == RoutineKind::Reader),
    );
    add(s08, "acceptance", views(plane, s08));
    add(
        s08,
        "gateway",
        routines(plane, s08, |kind| kind == RoutineKind::Gateway),
    );
    add(s08, "grants", grants(plane));
    scripts
}

/// A table as a unit, from its definition.
pub fn table_unit(plane: &ControlPlane, definition: &manifest_model::TableDef) -> Unit {
    Unit {
        name: format!("table {}", definition.name),
        source: definition.source.to_owned(),
        up: table::create(plane, definition) + &row_type(plane, definition.name),
        down: table::drop(plane, definition),
    }
}

/// Default privileges do not reach the row type of a table or view: it is born with USAGE for PUBLIC, and
/// with that anybody could hang an object of their own on a table of the control plane.
fn row_type(plane: &ControlPlane, relation: &str) -> String {
    format!("revoke usage on type {}.{relation} from public;\n", plane.schema)
}

fn roles(plane: &ControlPlane) -> Script {
    let units = plane
        .roles
        .iter()
        .map(|role| Unit {
            name: format!("role {}", role.name),
            source: ROLES_SOURCE.to_owned(),
            up: format!(
                "-- {}\ncreate role {} nologin noinherit nocreatedb nocreaterole noreplication nobypassrls;\ncomment on role {} is {};\n",
                role.doc,
                role.name,
                role.name,
                literal::text(role.doc)
            ),
            down: format!("drop role {};\n", role.name),
        })
        .collect();
    Script {
        step: Step::new(1),
        part: 1,
        slug: "roles".to_owned(),
        units,
        as_owner: false,
    }
}

/// Where roles and grants are defined.
const ROLES_SOURCE: &str = "crates/fix7-manifest/src/roles.rs";
/// Where domains are defined.
const DOMAINS_SOURCE: &str = "crates/fix7-manifest/src/domains.rs";
/// Where generated routines and views are defined.
const GENERATED_SOURCE: &str = "crates/sql-render/src/routine.rs";

fn schema(plane: &ControlPlane) -> Script {
    let (schema, owner) = (plane.schema, plane.owner);
    let up = format!(
        "-- The schema that holds all authority. Only its owner may create in it.\n\
         create schema {schema} authorization {owner};\n\
         -- What only the owner may say of it, so that an operator who may become the owner need be no superuser.\n\
         set local role {owner};\n\
         comment on schema {schema} is 'The control plane. Authority is sealed rows; code only dereferences them.';\n\
         -- PUBLIC's EXECUTE on functions and USAGE on types are global defaults of the creating role: revoked for\n\
         -- the role and without IN SCHEMA, because IN SCHEMA would change nothing.\n\
         alter default privileges for role {owner} revoke execute on functions from public;\n\
         alter default privileges for role {owner} revoke usage on types from public;\n\
         reset role;\n"
    );
    let down = format!(
        "set local role {owner};\n\
         alter default privileges for role {owner} grant usage on types to public;\n\
         alter default privileges for role {owner} grant execute on functions to public;\n\
         drop schema {schema};\n\
         reset role;\n"
    );
    let unit = Unit {
        name: format!("schema {schema}"),
        source: ROLES_SOURCE.to_owned(),
        up,
        down,
    };
    Script {
        step: Step::new(1),
        part: 2,
        slug: "schema".to_owned(),
        units: vec![unit],
        as_owner: false,
    }
}

fn domains(plane: &ControlPlane) -> Vec<Unit> {
    let schema = plane.schema;
    let mut units: Vec<Unit> = plane
        .domains
        .iter()
        .filter_map(|domain| {
            let name = domain.ty.domain()?;
            let collate = if domain.collate_c { " collate \"C\"" } else { "" };
            Some(Unit {
                name: format!("domain {name}"),
                source: DOMAINS_SOURCE.to_owned(),
                up: format!(
                    "-- {}\ncreate domain {schema}.{name} as {}{collate}\n    constraint {} check ({});\n",
                    domain.doc,
                    domain.ty.base(),
                    domain.check_name,
                    domain.expression
                ),
                down: format!("drop domain {schema}.{name};\n"),
            })
        })
        .collect();
    units.push(Unit {
        name: "type violation".to_owned(),
        source: GENERATED_SOURCE.to_owned(),
        up: format!(
            "-- What a seal or activation check found wrong\ncreate type {schema}.violation as (\n    reason_code text,\n    refused_with text,\n    object_name text,\n    detail text\n);\n"
        ),
        down: format!("drop type {schema}.violation;\n"),
    });
    units
}

fn routines(plane: &ControlPlane, step: Step, of: impl Fn(RoutineKind) -> bool) -> Vec<Unit> {
    plane
        .routines
        .iter()
        .filter(|routine| routine.step == step && of(routine.kind))
        .map(|routine| Unit {
            name: format!("routine {}", routine.name),
            source: routine.source.to_owned(),
            up: routine::create(plane, routine),
            down: routine::drop(plane, routine),
        })
        .collect()
}

fn generated(plane: &ControlPlane, names: &[&str]) -> Vec<Unit> {
    routine::generated(plane)
        .into_iter()
        .filter(|generated| names.contains(&generated.name))
        .map(|generated| Unit {
            name: format!("routine {}", generated.name),
            source: GENERATED_SOURCE.to_owned(),
            down: generated.down(plane),
            up: generated.up,
        })
        .collect()
}

fn views(plane: &ControlPlane, step: Step) -> Vec<Unit> {
    let mut units = Vec::new();
    let mut add = |name: &str, source: &str, up: String| {
        units.push(Unit {
            name: format!("view {name}"),
            source: source.to_owned(),
            up: up + &row_type(plane, name),
            down: format!("drop view {}.{name};\n", plane.schema),
        });
    };
    if step == Step::new(6) {
        add(
            "surface_table",
            GENERATED_SOURCE,
            routine::surface_table_view(plane),
        );
        add(
            "surface_item",
            GENERATED_SOURCE,
            routine::surface_item_view(plane),
        );
    }
    for view in plane.views.iter().filter(|view| view.step == step) {
        add(view.name, view.source, routine::create_view(plane, view));
    }
    units
}

/// Every table and view of the schema, qualified, tables first.
pub fn relations(plane: &ControlPlane) -> Vec<String> {
    let tables = plane.table_definitions();
    let views = ["surface_table", "surface_item"];
    tables
        .iter()
        .map(|table| table.name)
        .chain(views)
        .chain(plane.views.iter().map(|view| view.name))
        .map(|name| format!("{}.{name}", plane.schema))
        .collect()
}

fn grants(plane: &ControlPlane) -> Vec<Unit> {
    plane
        .grants
        .iter()
        .map(|grant| grant_unit(plane, grant))
        .collect()
}

/// A grant as a unit.
pub fn grant_unit(plane: &ControlPlane, grant: &AccessGrant) -> Unit {
    let schema = plane.schema;
    let what = match grant.privilege {
        Privilege::SchemaUsage => format!("usage on schema {schema}"),
        Privilege::Execute(name) => {
            let routine = plane.routines.iter().find(|routine| routine.name == name);
            let types = match routine {
                Some(routine) => routine.argument_types.to_owned(),
                None => routine::generated(plane)
                    .iter()
                    .find(|generated| generated.name == name)
                    .map_or_else(String::new, |generated| generated.argument_types.to_owned()),
            }
            .replace(',', ", ");
            format!("execute on function {schema}.{name}({types})")
        }
        Privilege::SelectAll => {
            format!("select on\n    {}\n   ", relations(plane).join(",\n    "))
        }
    };
    Unit {
        name: format!("grant {} {:?}", grant.role, grant.privilege),
        source: ROLES_SOURCE.to_owned(),
        up: format!("grant {what} to {};\n", grant.role),
        down: format!("revoke {what} from {};\n", grant.role),
    }
}
