//! A second, tiny control plane: other schema, roles, surface numbers, gates and gateway; no name of FIX7's.
//!
//! For: showing that everything but `fix7-manifest` serves another control plane [ruling A18]. Not for:
//! defining tables again: the kernel's tables and routines are taken over by name. The fact to know: what
//! is listed in [`SURFACES`] is all that the kernel needs in order to seal, sign, activate and verify.

use fix7_manifest::FIX7;
use fix7_manifest::routines::{GATE_OBSERVATION, QT001_WRITER_GATEWAY};
use manifest_model::estate::Estate;
use manifest_model::{
    AccessGrant, Column, Constraint, ControlPlane, FirstActivation, Gate, Item, Language, Persona, Privilege,
    Role, Routine, RowSource, Rule, Surface, SurfaceSeal, Table, V, reject,
};

/// Surfaces by table name, numbered by their place.
const SURFACES: &[&str] = &[
    "authority_scope_manifest",
    "principal_manifest",
    "slot_binding_manifest",
    "writer_type_manifest",
    "retention_policy_manifest",
    "signoff_separation_manifest",
    "readiness_gate_manifest",
    "evidence_requirement_manifest",
    "quorum_manifest",
    "verifier_pairing_manifest",
    "verifier_schedule_manifest",
];

/// Routines that read a surface which this plane lacks.
const LEFT_OUT: &[&str] = &[
    "check_operand_incompatible",
    "check_threshold_unresolved",
    "cp_record_measurement",
    "cp_scan",
    "cp_verify_measurement",
    "cp_verify_privileges",
    "cp_verify_protected_state",
    "dependency_drift",
    "protected_state",
    "read_threshold",
    "read_retain_days",
];

pub(crate) const GATES: &[Gate] = &[
    Gate {
        number: 1,
        key: "SET_SEALED",
        title: "Every version of the active set is sealed",
        refusal: "SURFACE_NOT_SEALED",
    },
    Gate {
        number: 2,
        key: "SET_SIGNED",
        title: "Every version of the active set was approved",
        refusal: "QUORUM_NOT_MET",
    },
];

const OBSERVATION: Routine = Routine {
    language: Language::Sql,
    body: "select 'SET_SEALED', count(*) > 0 and count(*) = count(*) filter (where e.state = 'sealed'), count(*)
from {cp}.active_manifest m
join {cp}.manifest_envelope e on e.manifest_id = m.manifest_id and e.surface_no = m.surface_no
where m.writer_type::text = p_writer_type
union all
select 'SET_SIGNED', count(*) > 0 and count(*) = count(*) filter (where exists (
    select from {cp}.signoff_binding b where b.manifest_id = m.manifest_id and b.decision = 'approve')), count(*)
from {cp}.active_manifest m
where m.writer_type::text = p_writer_type",
    source: file!(),
    ..GATE_OBSERVATION
};

const GATEWAY: Routine = Routine {
    name: "tiny_writer_gateway",
    ..QT001_WRITER_GATEWAY
};

/// Which evidence each gate requires.
const EVIDENCE: &[Item] = &[
    Item {
        key: "gate.SET_SEALED.verification_log",
        refusal: "EVIDENCE_MISSING",
        values: &[V::T("gate"), V::T("SET_SEALED"), V::T("verification_log")],
    },
    Item {
        key: "gate.SET_SIGNED.signoff_artifact",
        refusal: "EVIDENCE_MISSING",
        values: &[V::T("gate"), V::T("SET_SIGNED"), V::T("signoff_artifact")],
    },
];

pub(crate) const ESTATE: Estate = Estate {
    database: "tiny",
    scripts: &[],
    worlds: &[],
    attempts: &[],
    deployed_files: &[],
    legacy: &[],
    collections: &[],
    collection_columns: &[],
    readme: "",
};

fn kept<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

fn retold(words: &str) -> &'static str {
    let words = words
        .replace("qt001_cp", "tiny_cp")
        .replace("fix7", "tiny")
        .replace("birth_writer", "tiny_writer");
    kept(words)
}

/// The surface under its number here, with rows that name nothing of FIX7's.
fn surface(index: usize, table: &str) -> &'static Surface {
    let kernel = FIX7.surface_of_table(table).unwrap();
    let rows = match kernel.rows {
        _ if table == "evidence_requirement_manifest" => RowSource::Listed(EVIDENCE),
        RowSource::Listed(items) => RowSource::Listed(
            items
                .iter()
                .map(|item| Item {
                    key: retold(item.key),
                    refusal: item.refusal,
                    values: item
                        .values
                        .iter()
                        .map(|value| match value {
                            V::T(words) => V::T(retold(words)),
                            other => *other,
                        })
                        .collect::<Vec<_>>()
                        .leak(),
                })
                .collect::<Vec<_>>()
                .leak(),
        ),
        derived => derived,
    };
    kept(Surface {
        number: u8::try_from(index + 1).unwrap(),
        rows,
        ..*kernel
    })
}

/// The kernel's table; expected constraints hang under the scope surface's number of this plane.
fn table(kernel: &'static Table) -> &'static Table {
    if kernel.name != "expected_constraint" {
        return kernel;
    }
    let constraints: Vec<Constraint> = kernel
        .constraints
        .iter()
        .map(|constraint| match constraint.rule {
            Rule::Check {
                expression: "(surface_no = 20)",
                ..
            } => Constraint {
                name: constraint.name,
                rule: Rule::Check {
                    expression: "(surface_no = 1)",
                    rejects: const { &[reject("hangs under another surface", "surface_no", "2")] },
                },
            },
            _ => *constraint,
        })
        .collect();
    let columns: Vec<Column> = kernel
        .columns
        .iter()
        .map(|column| match column.name {
            "surface_no" => Column {
                probe: "1",
                ..*column
            },
            _ => *column,
        })
        .collect();
    kept(Table {
        columns: columns.leak(),
        constraints: constraints.leak(),
        ..*kernel
    })
}

pub(crate) fn tiny() -> &'static ControlPlane {
    let surfaces: Vec<&'static Surface> = SURFACES
        .iter()
        .enumerate()
        .map(|(index, table)| surface(index, table))
        .collect();
    let order: Vec<u8> = surfaces.iter().map(|surface| surface.number).collect();
    let routines: Vec<&'static Routine> = FIX7
        .routines
        .iter()
        .filter(|routine| !LEFT_OUT.contains(&routine.name))
        .map(|routine| match routine.name {
            "gate_observation" => &OBSERVATION,
            "qt001_writer_gateway" => &GATEWAY,
            _ => *routine,
        })
        .collect();
    let grants: Vec<AccessGrant> = FIX7
        .grants
        .iter()
        .filter(
            |grant| !matches!(grant.privilege, Privilege::Execute(routine) if LEFT_OUT.contains(&routine)),
        )
        .map(|grant| AccessGrant {
            role: retold(grant.role),
            privilege: grant.privilege,
        })
        .collect();
    let roles: Vec<Role> = FIX7
        .roles
        .iter()
        .map(|role| Role {
            name: retold(role.name),
            doc: role.doc,
        })
        .collect();
    let personas: Vec<Persona> = FIX7
        .personas
        .iter()
        .map(|persona| Persona {
            name: persona.name,
            login: retold(persona.login),
            member_of: persona
                .member_of
                .iter()
                .map(|role| retold(role))
                .collect::<Vec<_>>()
                .leak(),
        })
        .collect();
    kept(ControlPlane {
        id: "tiny",
        schema: "tiny_cp",
        owner: "tiny_cp_owner",
        roles: roles.leak(),
        tables: FIX7
            .tables
            .iter()
            .map(|kernel| table(kernel))
            .collect::<Vec<_>>()
            .leak(),
        surfaces: surfaces.leak(),
        routines: routines.leak(),
        gates: GATES,
        grants: grants.leak(),
        seal: SurfaceSeal { order: order.leak() },
        guards: &[],
        personas: personas.leak(),
        first_activation: FirstActivation {
            writer_type: "tiny_writer",
            ..FIX7.first_activation
        },
        adapters: &[],
        attacks: &[],
        bypasses: &[],
        application_role: "tiny_application",
        check_faults: &[],
        activation_probe: None,
        ..FIX7
    })
}
