//! What of a packet only looks, and what people read: preflight, verification, README, declaration.
//!
//! Not for: changing anything. The one fact to know: `verify.sql` has three answers, and is what is run first when a
//! connection was lost in the middle: BEFORE, AFTER, or NEITHER with the objects that differ.

use serde::Serialize;

use super::codes;
use super::common;
use super::declared::{self, Side, live};
use super::frame::Frame;
use super::sql::{block, literal, raise, refuse_if_any};
use super::work::Told;
use crate::header::GENERATED;
use crate::index::toml_text;

/// Go or no-go, a line a question; the last statement fails on a no-go. `asks` is what the packet itself asks.
pub(crate) fn preflight(frame: &Frame<'_>, asks: &str) -> String {
    let schema = frame.plane.schema;
    let declared = &frame.declared;
    let mut sql = format!(
        "-- {GENERATED}\n-- {package}: would it run now? Read-only, the day before and once more at the hour: psql -X -v ON_ERROR_STOP=1 -f preflight.sql\n\n{look}\n",
        package = frame.packet.package,
        look = format_args!(
            "{}set lock_timeout = '{}ms';\n",
            common::look(frame.window),
            frame.packet.limits.lock_timeout_ms
        )
    );
    sql.push_str(&frame.prepared());
    sql.push_str(&format!(
        "
-- Where this is.
select c.system_identifier || '/' || pg_catalog.current_database() as target, pg_catalog.current_setting('server_version') as server,
  session_user as login, (select e.epoch from {schema}.control_epoch as e) as control_epoch
from pg_catalog.pg_control_system() as c;

-- Sessions that may be inside a call of the old path; each would have to end first.
select f.line as in_flight from (
{flight}
) as f (line);

-- Objects that are not in the state that was reviewed.
select m.line as moved from (
{state}
) as m (line);

-- Locks that the server has left.
select pg_catalog.current_setting('max_locks_per_transaction')::bigint
    * (pg_catalog.current_setting('max_connections')::bigint + pg_catalog.current_setting('max_prepared_transactions')::bigint) as lock_table,
  (select pg_catalog.count(*) from pg_catalog.pg_locks) as in_use;

",
        state = declared::differences(schema, declared, Side::Before),
        flight = frame.in_flight_query(),
    ));
    sql.push_str("-- And the answer.\n");
    sql.push_str(&frame.checks());
    sql.push_str(asks);
    sql.push_str("select 'GO' as preflight;\n");
    sql
}

/// After `live`: objects that are not as in the nearer of the two states, none where there is none that differs.
const NEARER: &str = ", nearer as (
  select s.side from (values ('BEFORE'), ('AFTER')) as s (side)
  order by (select pg_catalog.count(*) from live as l where l.found is distinct from case s.side when 'BEFORE' then l.before else l.after end), s.side desc
  limit 1
), moved as (
  select l.identity, n.side as nearer, case n.side when 'BEFORE' then l.before else l.after end as expected, l.found
  from live as l cross join nearer as n
  where l.found is distinct from case n.side when 'BEFORE' then l.before else l.after end
)";

/// In which state it is, and whether everything that began before has ended.
pub(crate) fn verify(frame: &Frame<'_>) -> String {
    let (schema, declared) = (frame.plane.schema, &frame.declared);
    let limits = frame.packet.limits;
    let package = frame.packet.package;
    let answer = "case when pg_catalog.count(*) filter (where l.found is distinct from l.before) = 0 then 'BEFORE'
    when pg_catalog.count(*) filter (where l.found is distinct from l.after) = 0 then 'AFTER' else 'NEITHER' end";
    let lines = live(schema, declared);
    format!(
        "-- {GENERATED}
-- {package}: in which state is the database? Read-only, at any time, first of all after a connection was lost: psql -X -v ON_ERROR_STOP=1 -f verify.sql

{look}
{may_look}
{nothing}
-- BEFORE, AFTER, or NEITHER, with the digest that packet.toml declares for the first two.
{lines}
select {answer} || ' ' || pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(
  pg_catalog.string_agg(l.kind || ' ' || l.identity || ' ' || l.found, E'\\n' order by l.kind || ' ' || l.identity || ' ' || l.found collate \"C\"), 'UTF8')), 'hex') as state
from live as l;

-- What keeps it from the nearer of the two.
{lines}
{NEARER}
select m.identity as object, m.nearer, m.expected, m.found from moved as m order by m.identity collate \"C\";

-- Runs of this packet.
select r.action, r.nonce, pg_catalog.encode(r.packet_sha256, 'hex') as packet_sha256, r.actor, r.recorded_at from {schema}.operator_packet_run as r
where r.package_id = {package_literal} order by r.recorded_at;

-- Transactions that began before the last run ended are waited for, {drain} seconds at most: what they do they do on the old path.
{wait}
{late}
{neither}",
        look = common::look(frame.window),
        may_look = common::may_look(schema),
        nothing = refuse_if_any(
            "nothing",
            codes::OUT_OF_ORDER,
            &format!(
                "    select 'not applied: PKG-E' where pg_catalog.to_regnamespace({}) is null",
                literal(schema)
            ),
        ),
        late = late_writes(frame),
        package_literal = literal(package),
        drain = limits.drain_seconds,
        wait = drain(frame),
        neither = block(
            "neither",
            &format!(
                "declare
  v_moved text;
begin
  {lines}
  {NEARER}
  select pg_catalog.string_agg(m.identity || ': not as ' || pg_catalog.lower(m.nearer) || ' this packet', E'\\n' order by m.identity collate \"C\") into v_moved from moved as m;
  if v_moved is not null then
    {refused}
  end if;
end",
                refused = raise(codes::NEITHER_BEFORE_NOR_AFTER, "v_moved"),
            )
        ),
    )
}

/// Waits for every transaction that is older than the last run [ruling A11].
fn drain(frame: &Frame<'_>) -> String {
    let schema = frame.plane.schema;
    block(
        "drain",
        &format!(
            "declare
  v_run timestamptz := (select pg_catalog.max(r.recorded_at) from {schema}.operator_packet_run as r where r.package_id = {package} and r.action = 'apply');
  v_begun constant timestamptz := pg_catalog.clock_timestamp();
  v_until constant timestamptz := v_begun + pg_catalog.make_interval(secs => coalesce(nullif(pg_catalog.current_setting('packet.drain_seconds', true), ''), '{seconds}')::double precision);
  v_open text;
begin
  loop
    perform pg_catalog.pg_stat_clear_snapshot();
    -- The run's own transaction had begun before it wrote its row, and whoever began until its end may be on the old path:
    -- that end is not recorded, so whatever is open when this begins to look counts, if it is older than the look.
    -- One that is prepared has no session, and does not say when it began.
    select pg_catalog.string_agg(o.line, E'\\n' order by o.line collate \"C\") into v_open
    from (
      select 'pid ' || s.pid || ', ' || coalesce(s.usename, 'nobody') || ', ' || coalesce(nullif(s.application_name, ''), 'no application name')
        || ': open since ' || s.xact_start
      from pg_catalog.pg_stat_activity as s
      where s.datname = pg_catalog.current_database() and s.pid <> pg_catalog.pg_backend_pid() and s.backend_type = 'client backend'
        and s.xact_start < v_begun
      union all
      select 'prepared transaction ' || p.gid || ', ' || p.owner || ': prepared at ' || p.prepared
      from pg_catalog.pg_prepared_xacts as p
      where p.database = pg_catalog.current_database()) as o (line)
    where v_run is not null;
    exit when v_open is null or pg_catalog.clock_timestamp() >= v_until;
    perform pg_catalog.pg_sleep(0.1);
  end loop;
  if v_open is not null then
    {raised}
  end if;
end",
            package = literal(frame.packet.package),
            seconds = frame.packet.limits.drain_seconds,
            raised = raise(codes::NOT_DRAINED, "v_open"),
        ),
    )
}

/// Rows that reached a sealed table after the last run had looked: a call that was under way wrote them, or somebody
/// who may still write by hand [ruling A11]. What no package opens is not read.
fn late_writes(frame: &Frame<'_>) -> String {
    let (schema, package) = (frame.plane.schema, literal(frame.packet.package));
    let tables: Vec<String> = frame
        .sealed_tables
        .iter()
        .map(|table| {
            format!(
                "  select {} as relation, pg_catalog.count(*) as written from {table} as r cross join run
  where not pg_catalog.pg_visible_in_snapshot((run.base + r.xmin::text::bigint
    - case when run.base + r.xmin::text::bigint > run.now then 4294967296 else 0 end)::text::pg_catalog.xid8, run.snapshot) and r.xmin::text::bigint >= 3",
                literal(table)
            )
        })
        .collect();
    format!(
        "-- Rows that reached a sealed table since the packet was applied.
with latest as (
  select r.action, r.snapshot from {schema}.operator_packet_run as r where r.package_id = {package} order by r.recorded_at desc limit 1
), run as (
  select l.snapshot::pg_catalog.pg_snapshot as snapshot, n.now, (n.now >> 32) << 32 as base
  from latest as l
  cross join (select pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())::text::bigint as now) as n
  where l.action = 'apply'
), late as (
{tables}
)
select 'LEGACY_WRITE_AFTER_CUTOVER' as late, l.relation, l.written from late as l where l.written > 0 order by l.relation collate \"C\";
",
        tables = tables.join("\n  union all\n")
    )
}

/// What psql is given: one transaction, in which both halves of the leave are settings.
pub(crate) fn run(file: &str) -> String {
    format!(
        "\\set ON_ERROR_STOP on
\\if :{{?packet_sha256}}
\\else
\\warn 'run this as README.txt says: -v packet_sha256=... -v authorization=...'
select 1/0 as packet_sha256_is_missing;
\\endif
\\if :{{?authorization}}
\\else
\\warn 'run this as README.txt says: -v packet_sha256=... -v authorization=...'
select 1/0 as authorization_is_missing;
\\endif
begin isolation level repeatable read;
select pg_catalog.set_config('packet.sha256', :'packet_sha256', true) is not null
  and pg_catalog.set_config('packet.authorization', :'authorization', true) is not null as leave_handed_in;
\\ir inputs.sql
\\ir {file}
commit;
"
    )
}

#[derive(Serialize)]
struct Declaration<'a> {
    format_version: u32,
    package: &'a str,
    step: String,
    title: &'a str,
    author: &'a str,
    operator: &'a str,
    tool_version: &'a str,
    server_major: u32,
    capture_sha256: &'a str,
    state_before_sha256: String,
    state_after_sha256: String,
    lock_timeout_ms: u32,
    statement_timeout_ms: u32,
    objects: &'a [String],
}

/// What the packet declares of itself.
pub(crate) fn packet_toml(frame: &Frame<'_>, capture_sha256: &str) -> String {
    let packet = frame.packet;
    toml_text(&Declaration {
        format_version: 1,
        package: packet.package,
        step: packet.step.label(),
        title: packet.title,
        author: packet.author,
        operator: &frame.operator,
        tool_version: frame.tool_version,
        server_major: frame.server_major,
        capture_sha256,
        state_before_sha256: declared::digest(&frame.declared, Side::Before),
        state_after_sha256: declared::digest(&frame.declared, Side::After),
        lock_timeout_ms: packet.limits.lock_timeout_ms,
        statement_timeout_ms: packet.limits.statement_timeout_ms,
        objects: &frame.objects,
    })
}

/// What an operator reads.
pub(crate) fn readme(frame: &Frame<'_>, told: &Told) -> String {
    let (package, operator) = (frame.packet.package, &frame.operator);
    let mut text = format!(
        "{package}, {step}: {title}.

You need psql, ssh-keygen and sha256sum; this folder; authorization.json with both signatures beside it; allowed_signers and,
if there is one, the file of revoked keys, both as you keep them yourself: what came with a packet proves nothing of it.
Nothing here can check a signature but you: the database can't. REVIEWER and OWNER are the principals whom authorization.json names.

Before
  A DBA fulfils, outside of this packet: the application's role is no superuser; the schema of the sealed routines belongs to a
  role that nobody can become (alter schema public owner to NEUTRAL; grant usage, create on schema public to the application);
  until PostgreSQL 15 the login {operator} is NOINHERIT.
{before}  Then, as a DBA, who is a superuser or may give on what this file gives:
    psql -X -v ON_ERROR_STOP=1 -1 -d DATABASE -f dba_before.sql

  As {operator}, the day before and at the hour. The last line is GO, or an error that names what is in the way:
    psql -X -v ON_ERROR_STOP=1 -d DATABASE -f preflight.sql

Run
  1. These are the bytes that were approved. Every line says OK:
       sha256sum -c SHA256SUMS
  2. Reviewer and owner signed. Each line says Good signature (with -r REVOKED if there is a file of revoked keys):
       ssh-keygen -Y verify -f allowed_signers -I REVIEWER -n fix7-operator-authorization -s authorization.json.REVIEWER.sig < authorization.json
       ssh-keygen -Y verify -f allowed_signers -I OWNER -n fix7-operator-authorization -s authorization.json.OWNER.sig < authorization.json
  3. As {operator}, from this folder:
       psql -X -d DATABASE -v packet_sha256=\"$(sha256sum SHA256SUMS | cut -d' ' -f1)\" -v authorization=\"$(cat authorization.json)\" -f run.psql
     The last line is COMMIT, exit code 0. Exit code 3: it was refused, nothing was changed, and the error begins with a code.
     Any other end: the connection was lost; go on with 4.
  4. In which state is the database? As {operator}, while the window is open:
       psql -X -v ON_ERROR_STOP=1 -d DATABASE -f verify.sql
     BEFORE   nothing was changed: see what the error said, and begin again with preflight.sql
     AFTER    it is done: the digest is state_after_sha256 of packet.toml
     NEITHER  change nothing; listed is each object that is not as in the nearer of the two: call the author
     LEGACY_WRITE_AFTER_CUTOVER names tables of the old path that were written since: by a call that was under way, or by hand.
     It waits for transactions that began before, {drain} seconds at most, and names those that are still open
     (PGOPTIONS='-c packet.drain_seconds=300' waits longer).
  5. As a DBA:
       psql -X -v ON_ERROR_STOP=1 -1 -d DATABASE -f dba_after.sql

Take it back
  With the same authorization, also after its window has closed. Between dba_before.sql and dba_after.sql, as {operator}:
    psql -X -d DATABASE -v packet_sha256=\"$(sha256sum SHA256SUMS | cut -d' ' -f1)\" -v authorization=\"$(cat authorization.json)\" -f run-rollback.psql
  Then verify.sql says BEFORE.

How long
  About a second of work; it waits for a lock {lock} s at most, and each statement may take {statement} s. {duration}

Codes
",
        step = frame.packet.step.label(),
        title = frame.packet.title,
        before = told.before,
        duration = told.duration,
        drain = frame.packet.limits.drain_seconds,
        lock = frame.packet.limits.lock_timeout_ms / 1000,
        statement = frame.packet.limits.statement_timeout_ms / 1000,
    );
    for refusal in codes::REFUSALS
        .iter()
        .filter(|one| !codes::OF_PARTS.contains(one))
    {
        text.push_str(&format!(
            "  {} ({}): {}\n      {}\n",
            refusal.code, refusal.sqlstate, refusal.says, refusal.remedy
        ));
    }
    text.push_str("  GUARD_NOT_GREEN (Q7900): a guard that is named is red; the detail has a line a condition and probe\n      nothing was changed: report it\n");
    text
}
