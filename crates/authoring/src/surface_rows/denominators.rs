//! What coverage is measured against: the size of each inventory, and one digest over it.

use canonical::h05;
use manifest_model::TableClass;
use manifest_model::estate::MemberKind;

use super::{digest, encode, number, row, text};
use crate::Sources;
use crate::error::AuthorError;
use crate::item::Row;
use crate::live::identity;

pub(super) fn denominators(sources: &Sources<'_>) -> Result<Vec<Row>, AuthorError> {
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
