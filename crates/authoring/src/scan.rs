//! The scheduled half of the pairs: what a verifier runs with psql alone, and what is imported of an analysis.
//!
//! Not for: running it (`rehearsal`, `xtask verify-live`, cron). The one fact to know: each statement is a
//! transaction of its own under the verifier's own login, and the last fails if anything was unsound, when that
//! has been recorded.

use std::collections::BTreeMap;

use manifest_model::ControlPlane;
use serde::Serialize;
use sql_render::literal;

use crate::Sources;
use crate::error::AuthorError;
use crate::files::Files;
use crate::header::{GENERATED, sha256_hex};
use crate::live::LiveFacts;
use crate::plan::FileRef;
use crate::static_analysis::{self, Found};

/// Where they lie.
pub const FOLDER: &str = "rehearsal/scan";
/// What cron runs.
pub const SCAN: &str = "rehearsal/scan/scan.sql";
/// What imports the static analysis.
pub const ANALYSIS: &str = "rehearsal/scan/static_analysis.sql";
/// The artifact's name in the evidence.
const ANALYSIS_URI: &str = "urn:fix7:static-analysis";
/// Kind of evidence of #05 under which it is kept.
const ANALYSIS_KIND: &str = "static_analysis";
/// The routine that runs every paired verifier.
const SCANNER: &str = "cp_scan";

/// In the plan: who runs the files, in order, and the query for what came of it.
#[derive(Serialize)]
pub(crate) struct ScanRef {
    persona: &'static str,
    came_of_it: String,
    readiness: String,
    file: Vec<FileRef>,
}

/// Adds the files, where the control plane has a scanner.
pub(crate) fn add(
    files: &mut Files,
    sources: &Sources<'_>,
    live: &LiveFacts,
    findings: &BTreeMap<String, Found>,
) -> Result<(), AuthorError> {
    if !has(sources.plane, SCANNER) {
        return Ok(());
    }
    if !findings.is_empty() {
        let document = static_analysis::document(findings, live)?;
        files.add(ANALYSIS.to_owned(), analysis(sources.plane, &document));
    }
    let mut text = format!(
        "-- {GENERATED}\n-- The paired verifiers, on schedule and under the verifier's own login:\n\
         --   psql -X -v ON_ERROR_STOP=1 -f scan.sql\n\
         -- Each statement is a transaction of its own. What was seen is recorded when the last statement fails, with\n\
         -- psql's exit code 3, because something was unsound. Until static_analysis.sql has been run once that is what it\n\
         -- imports; `cargo xtask verify-live URL` says of each verifier whether it ran, when, and what it said.\n"
    );
    for statement in statements(sources.plane) {
        text.push('\n');
        text.push_str(&statement);
        text.push_str(";\n");
    }
    files.add(SCAN.to_owned(), text);
    Ok(())
}

/// The scan, statement by statement.
pub fn statements(plane: &ControlPlane) -> Vec<String> {
    let cp = plane.schema;
    vec![
        format!("select {cp}.cp_verify_protected_state() as protected_state"),
        format!("select {cp}.cp_verify_privileges('scheduled') as privileges"),
        format!(
            "do $denial$\ndeclare\n  refused text;\nbegin\n  -- A write by hand is tried, and its refusal recorded.\n  begin\n    \
             insert into {cp}.verification_run (verifier, verifier_sha256, subject, verdict, control_epoch, principal_id)\n    \
             values ('by hand', sha256('by hand'), 'by hand', 'pass', 1, 'by hand');\n  \
             exception when insufficient_privilege then\n    refused := sqlstate;\n  end;\n  \
             if refused is null then\n    raise exception 'the login `%` may write evidence by hand', session_user;\n  end if;\n  \
             perform {cp}.cp_verify_denial(session_user::text, '{cp}.verification_run', 'INSERT', refused);\nend\n$denial$"
        ),
        format!(
            "select s.executed, s.sound, s.unsound,\n  pg_catalog.set_config('fix7_scan.unsound', pg_catalog.array_to_string(s.unsound, ', '), false) as stale_or_red\n\
             from {cp}.{SCANNER}() as s"
        ),
        "do $verdict$\nbegin\n  if pg_catalog.current_setting('fix7_scan.unsound') <> '' then\n    \
         raise exception 'unsound: %', pg_catalog.current_setting('fix7_scan.unsound');\n  end if;\nend\n$verdict$"
            .to_owned(),
    ]
}

/// What imports the findings: the artifact is recorded once an epoch, and imported each time.
fn analysis(plane: &ControlPlane, document: &str) -> String {
    let cp = plane.schema;
    let sha256 = sha256_hex(document.as_bytes());
    format!(
        "-- {GENERATED}\n-- What the static analysis `{}` found in the sealed legacy bodies, imported under the verifier's login:\n\
         --   psql -X -v ON_ERROR_STOP=1 -f static_analysis.sql\n\n\
         do $record$\nbegin\n  perform {cp}.cp_record_evidence('{ANALYSIS_KIND}', '\\x{sha256}', '{ANALYSIS_URI}');\n\
         exception when unique_violation then\n  raise notice 'recorded before at this epoch';\nend\n$record$;\n\n\
         select {cp}.cp_record_findings({}) as findings;\n",
        static_analysis::TOOL,
        literal::text(document)
    )
}

/// The files for the plan; none where there is no scanner.
pub(crate) fn reference(sources: &Sources<'_>, files: &Files) -> Option<ScanRef> {
    let file: Vec<FileRef> = [ANALYSIS, SCAN]
        .into_iter()
        .filter_map(|path| {
            files.get(path).map(|text| FileRef {
                path: path.to_owned(),
                sha256: sha256_hex(text.as_bytes()),
            })
        })
        .collect();
    let cp = sources.plane.schema;
    let writer_type = sources.plane.first_activation.writer_type;
    (!file.is_empty()).then(|| ScanRef {
        persona: sources.plane.first_activation.verifier,
        came_of_it: came_of_it(cp, writer_type),
        readiness: format!(
            "select a.verdict::text from {cp}.v_fix7_acceptance a where a.writer_type = '{writer_type}'"
        ),
        file,
    })
}

/// The query for what came of it: numbers, each pair, and each verifier of the schedule.
fn came_of_it(cp: &str, writer_type: &str) -> String {
    let sealed = |surface: &str, of: &str| {
        format!(
            "{cp}.{surface} {of} join {cp}.latest_sealed l on l.manifest_id = {of}.manifest_id and l.surface_no = {of}.surface_no"
        )
    };
    let (pairing, schedule) = (
        sealed("verifier_pairing_manifest", "v"),
        sealed("verifier_schedule_manifest", "s"),
    );
    format!(
        "with run as (select r.run_id from {cp}.verification_run r join {cp}.readiness_gate_fact f on f.run_id = r.run_id \
         where r.subject = '{writer_type}' order by r.finished_at desc limit 1),\n\
         pair as materialized (select p.entrypoint, p.subject, p.fresh is true as fresh, (p.verdict = 'pass' and p.pinned and p.fresh) is true as sound from {cp}.level_b_pairs() p),\n\
         scheduled as (select s.verifier::text as verifier, s.staleness_seconds_max from {schedule}),\n\
         paired as (select o.proname::text as entrypoint, v.verifier::text as verifier, s.staleness_seconds_max, pg_catalog.count(p.subject) as executed, \
         pg_catalog.count(p.subject) filter (where p.fresh) as fresh, pg_catalog.count(p.subject) filter (where p.sound) as verified\n\
         from {pairing} join pg_catalog.pg_proc o on o.oid = pg_catalog.to_regprocedure(v.subject) left join scheduled s on s.verifier = v.verifier::text \
         left join pair p on p.entrypoint = o.proname where v.pair_kind = 'entrypoint' group by 1, 2, 3)\n\
         select pg_catalog.jsonb_build_object(\n\
         'entrypoints', (select pg_catalog.count(*) from {pairing} where v.pair_kind = 'entrypoint'),\n\
         'executed', (select pg_catalog.count(*) from pair),\n\
         'verified', (select pg_catalog.count(*) from pair p where p.sound),\n\
         'of', (select coalesce(pg_catalog.jsonb_agg(pg_catalog.to_jsonb(p) order by p.entrypoint collate \"C\"), '[]') from paired p),\n\
         'schedule', (select coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('verifier', s.verifier, 'staleness_seconds_max', s.staleness_seconds_max, \
         'verdict', r.verdict, 'fresh', (r.finished_at > pg_catalog.clock_timestamp() - pg_catalog.make_interval(secs => s.staleness_seconds_max)) is true) order by s.verifier collate \"C\"), '[]') \
         from scheduled s left join lateral (select v.verdict, v.finished_at from {cp}.verification_run v where v.verifier::text = s.verifier order by v.finished_at desc, v.verdict limit 1) r on true),\n\
         'findings', (select pg_catalog.count(*) from {cp}.verification_finding f join {cp}.verification_run r on r.run_id = f.run_id where f.tool is not null and f.source_sha256 is not null and r.finished_at = (select m.finished_at from {cp}.verification_run m where m.verifier = r.verifier order by m.finished_at desc limit 1)),\n\
         'readiness', (select a.verdict from {cp}.v_fix7_acceptance a where a.writer_type = '{writer_type}'),\n\
         'unmet', (select coalesce(pg_catalog.jsonb_agg(f.gate_key order by f.gate_key), '[]') from {cp}.readiness_gate_fact f join run on run.run_id = f.run_id where f.is_met is not true),\n\
         'gates', (select pg_catalog.count(*) from {cp}.readiness_gate_fact f join run on run.run_id = f.run_id))::text"
    )
}

fn has(plane: &ControlPlane, name: &str) -> bool {
    plane.routines.iter().any(|routine| routine.name == name)
}
