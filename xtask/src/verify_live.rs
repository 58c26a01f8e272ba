//! `cargo xtask verify-live URL`: the pairs of a live control plane, read without a trace; or run there first.
//!
//! Not for: deciding what a verifier recomputes (the control plane does). The one fact to know: without
//! `--record` nothing is written; with it the login of the URL sends the statements of `scan.sql`, each a
//! transaction of its own, and only to the cluster whose system identifier a person named.

use std::io::Write;

use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::{AssertSqlSafe, PgConnection, Row as _};

use crate::cli::Format;
use crate::exit::{Code, CommandError};
use crate::guards::LOCK_TIMEOUT_MS;
use crate::rehearse::{interruptible, runtime};

/// SQLSTATE of a `raise exception`: how the scan's last statement says that something was unsound.
const RAISED: &str = "P0001";
/// SQLSTATE of a missing privilege.
const DENIED: &str = "42501";

/// What the command line said.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Database to look at, `postgres://ROLE@HOST/DATABASE`; a password is better given as PGPASSWORD
    #[arg(value_name = "URL")]
    pub(crate) url: String,
    /// First run the paired verifiers there, as the login of the URL: this writes evidence
    #[arg(long, requires = "approve_target")]
    pub(crate) record: bool,
    /// System identifier of the cluster in which evidence may be written
    #[arg(long, value_name = "IDENTIFIER", requires = "record")]
    pub(crate) approve_target: Option<String>,
    /// Longest that one statement may take, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 120_000, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) statement_timeout: u32,
    /// Longest wait for a lock, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = LOCK_TIMEOUT_MS, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) lock_timeout: u32,
    /// How to print the outcome
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,
}

/// The database that was looked at.
#[derive(Debug, Serialize)]
struct Target {
    url: String,
    database: String,
    system_identifier: String,
    login: String,
}

/// An entry point with its executions.
#[derive(Debug, Serialize, Deserialize)]
struct Pair {
    entrypoint: String,
    verifier: Option<String>,
    executed: u64,
    sound: u64,
    unsound: Vec<String>,
}

/// A verifier that #18 schedules.
#[derive(Debug, Serialize, Deserialize)]
struct Scheduled {
    verifier: String,
    staleness_seconds_max: u64,
    age_seconds: Option<i64>,
    verdict: Option<String>,
    sound: bool,
}

/// What was read.
#[derive(Debug, Serialize, Deserialize)]
struct Seen {
    pairs: Vec<Pair>,
    schedule: Vec<Scheduled>,
    readiness: Vec<(String, String, Vec<String>)>,
}

/// What the scan itself answered.
#[derive(Debug, Serialize)]
struct Scan {
    executed: i64,
    sound: i64,
    unsound: Vec<String>,
}

pub(crate) fn run(arguments: &Arguments, out: &mut dyn Write) -> Result<Code, CommandError> {
    let (target, scan, seen) = runtime()?.block_on(interruptible(look(arguments)))??;
    let unsound = unsound(scan.as_ref(), seen.as_ref());
    let verdict = match &unsound {
        None => "not_measured",
        Some(list) if list.is_empty() => "pass",
        Some(_) => "fail",
    };
    match arguments.format {
        Format::Json => {
            let outcome = json!({
                "format_version": 1, "verdict": verdict, "target": target, "recorded": arguments.record,
                "scan": scan, "seen": seen, "unsound": unsound,
            });
            writeln!(out, "{outcome:#}")?;
        }
        Format::Human => print(&target, scan.as_ref(), seen.as_ref(), unsound.as_ref(), out)?,
    }
    Ok(if verdict == "pass" {
        Code::Pass
    } else {
        Code::Finding
    })
}

/// What is not sound by either answer; none where neither was to be had.
fn unsound(scan: Option<&Scan>, seen: Option<&Seen>) -> Option<Vec<String>> {
    let mut found: Vec<String> = Vec::new();
    let (mut executed, mut answered) = (0_u64, false);
    if let Some(scan) = scan {
        answered = true;
        executed += u64::try_from(scan.executed).unwrap_or_default();
        found.extend(scan.unsound.iter().cloned());
    }
    if let Some(seen) = seen {
        answered = true;
        for pair in &seen.pairs {
            executed += pair.executed;
            found.extend(
                pair.unsound
                    .iter()
                    .map(|subject| format!("{} {subject}", pair.entrypoint)),
            );
        }
        let stale = seen.schedule.iter().filter(|one| !one.sound);
        found.extend(stale.map(|one| format!("verifier {}", one.verifier)));
    }
    if answered && executed == 0 {
        found.push("no mutation was executed, so nothing was shown".to_owned());
    }
    found.sort();
    found.dedup();
    answered.then_some(found)
}

async fn look(arguments: &Arguments) -> Result<(Target, Option<Scan>, Option<Seen>), CommandError> {
    let mut connection = capture::connect(&arguments.url, "verify-live")
        .await
        .map_err(|error| crate::capture::failed(&error))?;
    let plane = &fix7_manifest::FIX7;
    let target = target(&mut connection, arguments, plane.schema).await?;
    let mut scan = None;
    if arguments.record {
        let approved = arguments.approve_target.as_deref().unwrap_or_default();
        if approved != target.system_identifier {
            return Err(CommandError::Usage(format!(
                "the server's system identifier is `{}`, approved is `{approved}`; if evidence may be written there, say `--approve-target {0}`",
                target.system_identifier
            )));
        }
        scan = Some(record(&mut connection, arguments, &target).await?);
    }
    let seen = seen(&mut connection, arguments, plane.schema).await?;
    Ok((target, scan, seen))
}

async fn target(
    connection: &mut PgConnection,
    arguments: &Arguments,
    schema: &str,
) -> Result<Target, CommandError> {
    let asked = format!(
        "select pg_catalog.current_database()::text, (select c.system_identifier::text from pg_catalog.pg_control_system() c), \
         session_user::text, pg_catalog.to_regnamespace({}) is not null",
        guards::render_text_literal(schema)
    );
    let row = sqlx::raw_sql(AssertSqlSafe(asked))
        .fetch_one(connection)
        .await
        .map_err(|error| unreadable(&error))?;
    let text = |at: usize| row.try_get::<String, _>(at).map_err(|error| unreadable(&error));
    let target = Target {
        url: capture::without_password(&arguments.url),
        database: text(0)?,
        system_identifier: text(1)?,
        login: text(2)?,
    };
    if row.try_get::<bool, _>(3).map_err(|error| unreadable(&error))? {
        Ok(target)
    } else {
        Err(CommandError::Usage(format!(
            "database `{}` has no schema `{schema}`; there is nothing to verify before PKG-E",
            target.database
        )))
    }
}

/// Sends the scan, statement by statement.
async fn record(
    connection: &mut PgConnection,
    arguments: &Arguments,
    target: &Target,
) -> Result<Scan, CommandError> {
    let settings = format!(
        "set statement_timeout = {}; set lock_timeout = {}; set search_path = ''",
        arguments.statement_timeout, arguments.lock_timeout
    );
    let mut scan = None;
    let mut statements = vec![settings];
    statements.extend(authoring::scan::statements(&fix7_manifest::FIX7));
    for statement in statements {
        let answer = sqlx::raw_sql(AssertSqlSafe(statement.clone()))
            .fetch_all(&mut *connection)
            .await;
        let rows = match answer {
            Ok(rows) => rows,
            // It says again what the row before said.
            Err(error) if code_of(&error) == RAISED && scan.is_some() => break,
            Err(error) => {
                return Err(CommandError::Environment(format!(
                    "`{}` may not run the paired verifiers of `{}`, or one is broken: {error}; expected a login of #02 that holds the verifier slot",
                    target.login, target.database
                )));
            }
        };
        if statement.contains("fix7_scan.unsound")
            && let Some(row) = rows.first()
        {
            scan = Some(Scan {
                executed: row.try_get(0).map_err(|error| unreadable(&error))?,
                sound: row.try_get(1).map_err(|error| unreadable(&error))?,
                unsound: row.try_get(2).map_err(|error| unreadable(&error))?,
            });
        }
    }
    scan.ok_or_else(|| CommandError::Environment("the scan answered nothing".to_owned()))
}

/// Pairs and schedule, in one read-only transaction that leaves no trace; none if the login may not read them.
async fn seen(
    connection: &mut PgConnection,
    arguments: &Arguments,
    schema: &str,
) -> Result<Option<Seen>, CommandError> {
    let begin = format!(
        "start transaction isolation level repeatable read, read only; set local statement_timeout = {}; \
         set local lock_timeout = {}; set local search_path = ''",
        arguments.statement_timeout, arguments.lock_timeout
    );
    let mut send = async |sql: String| {
        sqlx::raw_sql(AssertSqlSafe(sql))
            .fetch_all(&mut *connection)
            .await
    };
    send(begin).await.map_err(|error| unreadable(&error))?;
    let answer = send(question(schema)).await;
    let traced = match &answer {
        Ok(_) => {
            let clean = "select pg_catalog.pg_current_xact_id_if_assigned() is null".to_owned();
            let row = send(clean).await.map_err(|error| unreadable(&error))?;
            !matches!(row.first().map(|row| row.try_get::<bool, _>(0)), Some(Ok(true)))
        }
        Err(_) => false,
    };
    send("rollback".to_owned())
        .await
        .map_err(|error| unreadable(&error))?;
    if traced {
        return Err(CommandError::Environment(
            "reading left a transaction id, expected none".to_owned(),
        ));
    }
    let rows = match answer {
        Ok(rows) => rows,
        Err(error) if code_of(&error) == DENIED => return Ok(None),
        Err(error) => return Err(unreadable(&error)),
    };
    let text: String = rows
        .first()
        .ok_or_else(|| CommandError::Environment("the pairs answered nothing".to_owned()))?
        .try_get(0)
        .map_err(|error| unreadable(&error))?;
    serde_json::from_str(&text)
        .map(Some)
        .map_err(|error| CommandError::Environment(format!("the pairs can't be read: {error}")))
}

fn question(cp: &str) -> String {
    format!(
        "with pair as materialized (
  select p.entrypoint, p.subject, p.verifier, (p.verdict = 'pass' and p.pinned and p.fresh) is true as sound from {cp}.level_b_pairs() as p
), scheduled as (
  select s.verifier::text as verifier, s.staleness_seconds_max, r.verdict, pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - r.finished_at)::bigint as age
  from {cp}.verifier_schedule_manifest as s
  join {cp}.latest_sealed as l on l.manifest_id = s.manifest_id and l.surface_no = s.surface_no
  left join lateral (
    select v.verdict, v.finished_at from {cp}.verification_run as v where v.verifier::text = s.verifier::text
    order by v.finished_at desc, v.verdict limit 1) as r on true
)
select pg_catalog.jsonb_build_object(
  'pairs', (select coalesce(pg_catalog.jsonb_agg(x.line order by x.line), '[]') from (
    select pg_catalog.jsonb_build_object('entrypoint', p.entrypoint, 'verifier', p.verifier, 'executed', pg_catalog.count(*),
      'sound', pg_catalog.count(*) filter (where p.sound),
      'unsound', coalesce(pg_catalog.jsonb_agg(p.subject order by p.subject) filter (where not p.sound), '[]')) as line
    from pair as p group by p.entrypoint, p.verifier) as x),
  'schedule', (select coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('verifier', s.verifier,
      'staleness_seconds_max', s.staleness_seconds_max, 'age_seconds', s.age, 'verdict', s.verdict,
      'sound', (s.verdict = 'pass' and s.age < s.staleness_seconds_max) is true
        or (s.age is null and not exists (select from pair as p where p.verifier = s.verifier)
          and exists (
            select from {cp}.verifier_pairing_manifest as v
            join {cp}.latest_sealed as l on l.manifest_id = v.manifest_id and l.surface_no = v.surface_no
            where v.pair_kind = 'entrypoint' and v.verifier::text = s.verifier))) order by s.verifier), '[]') from scheduled as s),
  'readiness', (select coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_array(a.writer_type, a.verdict, a.blocking_gates) order by a.writer_type), '[]')
    from {cp}.v_fix7_acceptance as a))::text"
    )
}

fn code_of(error: &sqlx::Error) -> String {
    let database = error.as_database_error();
    database
        .and_then(sqlx::error::DatabaseError::code)
        .unwrap_or_default()
        .into_owned()
}

fn unreadable(error: &sqlx::Error) -> CommandError {
    CommandError::Environment(format!("the control plane can't be asked: {error}"))
}

fn print(
    target: &Target,
    scan: Option<&Scan>,
    seen: Option<&Seen>,
    unsound: Option<&Vec<String>>,
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    writeln!(out, "{}, as `{}`", target.url, target.login)?;
    if let Some(scan) = scan {
        writeln!(out, "  recorded: {} of {} are sound", scan.sound, scan.executed)?;
    }
    if let Some(seen) = seen {
        for pair in &seen.pairs {
            let verifier = pair.verifier.as_deref().unwrap_or("no verifier");
            writeln!(
                out,
                "  {:<22} {} of {} sound  {verifier}",
                pair.entrypoint, pair.sound, pair.executed
            )?;
        }
        for one in &seen.schedule {
            let age = one.age_seconds.map_or("never ran".to_owned(), |age| {
                format!("{age} s old, stale after {}", one.staleness_seconds_max)
            });
            let age = match one.verdict.as_deref() {
                None | Some("pass") => age,
                Some(verdict) => format!("{age}; its last run said {verdict}"),
            };
            let word = if one.sound { "sound" } else { "NOT SOUND" };
            writeln!(out, "  {word:<10} {}  {age}", one.verifier)?;
        }
        for (writer, verdict, gates) in &seen.readiness {
            let by = if gates.is_empty() { "" } else { " by " };
            writeln!(out, "  {writer}: {verdict}{by}{}", gates.join(", "))?;
        }
    } else {
        writeln!(
            out,
            "  `{}` may not read the pairs; the auditor's role may",
            target.login
        )?;
    }
    match unsound {
        None => writeln!(out, "not measured; nothing was written")?,
        Some(list) if list.is_empty() => writeln!(out, "PASS")?,
        Some(list) => {
            for what in list {
                writeln!(out, "  unsound: {what}")?;
            }
            writeln!(out, "FAIL: {} are not sound", list.len())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Pair, Scan, Seen, unsound};

    fn seen(executed: u64, unsound: &[&str]) -> Seen {
        Seen {
            pairs: vec![Pair {
                entrypoint: "cp_seal".to_owned(),
                verifier: None,
                executed,
                sound: executed,
                unsound: unsound.iter().map(|one| (*one).to_owned()).collect(),
            }],
            schedule: vec![],
            readiness: vec![],
        }
    }

    #[test]
    fn no_answer_is_not_measured() {
        assert_eq!(unsound(None, None), None);
    }

    #[test]
    fn nothing_executed_is_not_sound() {
        assert_eq!(unsound(None, Some(&seen(0, &[]))).unwrap().len(), 1);
    }

    #[test]
    fn both_answers_are_joined() {
        let scan = Scan {
            executed: 1,
            sound: 0,
            unsound: vec!["cp_seal x".to_owned(), "verifier v".to_owned()],
        };
        assert_eq!(
            unsound(Some(&scan), Some(&seen(1, &["x"]))).unwrap(),
            ["cp_seal x", "verifier v"]
        );
    }
}
