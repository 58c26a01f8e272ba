//! What the cutover keeps and what it changes: #21's reads, #27's bodies before and after.

use canonical::{Value, h06_routine};
use manifest_model::estate::Disposition;

use super::scope::not_captured;
use super::{digest, encode, row, text};
use crate::Sources;
use crate::error::AuthorError;
use crate::item::Row;
use crate::live::{LiveFacts, identity, key};
use crate::moments;

pub(super) fn read_contract(live: &LiveFacts) -> Vec<Row> {
    live.reads
        .iter()
        .map(|read| {
            let name = if read.column.is_empty() {
                read.relation.clone()
            } else {
                format!("{}({})", read.relation, read.column)
            };
            row(
                key(&name),
                "DIRECTUS_READ_DRIFT",
                vec![
                    text(&*read.relation),
                    text(&*read.column),
                    text(&*read.held_through),
                ],
            )
        })
        .collect()
}

pub(super) fn repoint(sources: &Sources<'_>, live: &LiveFacts) -> Result<Vec<Row>, AuthorError> {
    let mut rows = Vec::new();
    let mut add = |kind: &str, written: &str, new_body: &str, stub: bool| -> Result<(), AuthorError> {
        let name = identity(written);
        let before = live
            .routines
            .get(&name)
            .ok_or_else(|| not_captured("routine", &name, "the repoint"))?;
        let mut after = before.source.clone();
        if stub {
            moments::stub(&mut after, new_body);
        } else {
            new_body.clone_into(&mut after.body);
        }
        let failed = || encode("writer_repoint_manifest", &name);
        let old = h06_routine(&before.source).map_err(failed())?;
        let new = h06_routine(&after).map_err(failed())?;
        let stub_digest = if stub { digest(new.as_bytes()) } else { Value::Null };
        rows.push(row(
            key(&name),
            "REPOINT_SOURCE_MISMATCH",
            vec![
                text(&*name),
                text(kind),
                digest(old.as_bytes()),
                digest(new.as_bytes()),
                text(&*before.source.body),
                stub_digest,
            ],
        ));
        Ok(())
    };
    for member in sources.estate.legacy {
        if member.disposition == Disposition::StubFailClosed {
            let kind = if member.identity == sources.live_writer {
                "live_writer"
            } else {
                "stub"
            };
            add(kind, member.identity, sources.stub_body, true)?;
        }
    }
    for caller in sources.repointed {
        add(
            "caller",
            caller.identity,
            &sql_render::estate::stored_source(caller),
            false,
        )?;
    }
    rows.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(rows)
}
