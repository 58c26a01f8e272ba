//! Surfaces that pin a routine of the control plane by its digest: pairs, adapters, the gateway.
//!
//! The one fact to know: a digest is of the routine as the server will hold it, not of the manifest's text.

use canonical::{SourceDigest, Value, h06_routine};
use manifest_model::{ControlPlane, Routine, RoutineKind, RowSource, Security, Surface};
use sql_render::expected::{language_name, volatility_code};
use sql_render::routine;

use super::{digest, encode, row, text};
use crate::error::AuthorError;
use crate::item::Row;
use crate::live::key;

pub(super) fn verifier_pairs(plane: &ControlPlane) -> Result<Vec<Row>, AuthorError> {
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

pub(super) fn adapters(plane: &ControlPlane) -> Result<Vec<Row>, AuthorError> {
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
pub(super) fn gateway(plane: &ControlPlane) -> Result<Vec<Row>, AuthorError> {
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

pub(super) fn find<'a>(plane: &'a ControlPlane, name: &str) -> Result<&'a Routine, AuthorError> {
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

pub(crate) fn routine_digest(plane: &ControlPlane, routine: &Routine) -> Result<SourceDigest, AuthorError> {
    h06_routine(&routine_source(plane, routine)).map_err(encode("routine", routine.name))
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
