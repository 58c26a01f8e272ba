//! Surfaces whose rows are a list of the manifests: the surfaces themselves, gates, hash components, reason codes,
//! what adapters read.

use canonical::Value;
use manifest_model::{ControlPlane, Severity};

use super::{number, row, text};
use crate::item::Row;

pub(super) fn surfaces(plane: &ControlPlane) -> Vec<Row> {
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

pub(super) fn gates(plane: &ControlPlane) -> Vec<Row> {
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

pub(super) fn hash_components(plane: &ControlPlane) -> Vec<Row> {
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

pub(super) fn reason_codes(plane: &ControlPlane) -> Vec<Row> {
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

pub(super) fn adapter_inputs(plane: &ControlPlane) -> Vec<Row> {
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
