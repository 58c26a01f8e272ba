//! What people read and start: preflight, README, declaration, runs.
//!
//! Not for: what a part does, or which have run (`verify`). The one fact to know: README.txt is followed line by line by a
//! test, so what it says is what is done.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Frame;
use super::parts::{ROLLBACK, short};
use super::spent::SETTING;
use super::stage::{ACTIVATE, CANDIDATE, CREATE, EVIDENCE, PARTS, RETURN, Runner, SIGNOFF};
use crate::header::GENERATED;
use crate::index::toml_text;
use crate::packet::codes::{self, Refusal};
use crate::packet::common;
use crate::packet::sql::literal;

/// The codes that a part of the creation may give.
const CODES: [Refusal; 17] = [
    codes::OUTSIDE_TRANSACTION,
    codes::OTHER_OPERATOR_AT_WORK,
    codes::AUTHORIZATION_REFUSED,
    codes::OTHER_MAJOR,
    codes::STATE_MOVED,
    codes::LOCK_TABLE_TOO_SMALL,
    codes::OPERATOR_NOT_PREPARED,
    codes::STATE_NOT_REACHED,
    codes::NOT_APPLIED,
    codes::READINESS_NOT_BLOCKED,
    codes::NEITHER_BEFORE_NOR_AFTER,
    codes::OUT_OF_ORDER,
    codes::DBA_MAY_NOT_GIVE,
    codes::WINDOW_OPEN,
    codes::PART_OUT_OF_ORDER,
    codes::DECISION_UNCLEAR,
    codes::LEAVE_NOT_EXPIRED,
];

#[derive(Serialize)]
struct Declaration<'a> {
    format_version: u32,
    package: &'a str,
    title: &'a str,
    author: &'a str,
    operator: &'a str,
    verifier: &'a str,
    signers: Vec<&'a str>,
    slots: &'a [&'static str],
    tool_version: &'a str,
    server_major: u32,
    capture_sha256: &'a str,
    lock_timeout_ms: u32,
    statement_timeout_ms: u32,
    objects: Vec<String>,
    part: Vec<PartLine>,
}

#[derive(Serialize)]
struct PartLine {
    file: String,
    run_by: &'static str,
    from: &'static str,
    state_before_sha256: String,
    to: &'static str,
    state_after_sha256: String,
}

impl Frame<'_> {
    /// Everything that is no part.
    pub(crate) fn texts(&self, capture_sha256: &str) -> BTreeMap<String, String> {
        let mut files = BTreeMap::from([
            ("README.txt".to_owned(), self.readme()),
            ("packet.toml".to_owned(), self.declaration(capture_sha256)),
        ]);
        for part in [CREATE, EVIDENCE, SIGNOFF, ACTIVATE, CANDIDATE, RETURN] {
            files.insert(
                format!("run-{}.psql", short(part.name)),
                run(part.name, part.runner),
            );
        }
        files.insert(format!("run-{ROLLBACK}.psql"), run(ROLLBACK, Runner::Operator));
        files
    }

    /// Go or no-go for the first part; the last statement fails on a no-go.
    pub(crate) fn preflight(&self) -> String {
        format!(
            "-- {GENERATED}
-- {package}: would {first} run now? Read-only, the day before and once more at the hour: psql -X -v ON_ERROR_STOP=1 -f preflight.sql

{look}
-- Where this is, and who runs it.
select c.system_identifier || '/' || pg_catalog.current_database() as target, pg_catalog.current_setting('server_version') as server, session_user as login
from pg_catalog.pg_control_system() as c;

-- Locks that the server has left.
select pg_catalog.current_setting('max_locks_per_transaction')::bigint
    * (pg_catalog.current_setting('max_connections')::bigint + pg_catalog.current_setting('max_prepared_transactions')::bigint) as lock_table,
  (select pg_catalog.count(*) from pg_catalog.pg_locks) as in_use, {need} as needed;

-- Logins of the packet's people that are not there.
select l.login as missing_login from (values {logins}) as l (login) where pg_catalog.to_regrole(pg_catalog.quote_ident(l.login)) is null;

-- And the answer.
{prepared}{major}{locks}{absent}select 'GO' as preflight;
",
            package = self.packet.package,
            first = CREATE.name,
            look = common::look(self.window),
            need = self.locks(),
            logins = self
                .logins()
                .iter()
                .map(|login| format!("({})", literal(login)))
                .collect::<Vec<_>>()
                .join(", "),
            prepared = self.prepared(Runner::Operator),
            major = common::major(self.server_major),
            locks = common::lock_table(self.locks()),
            absent = self.demand_absent(codes::STATE_MOVED),
        )
    }

    fn declaration(&self, capture_sha256: &str) -> String {
        let packet = self.packet;
        let ways = PARTS
            .iter()
            .flat_map(|part| part.ways().into_iter().map(move |way| (part, way)));
        let parts = ways.map(|(part, (from, to))| PartLine {
            file: format!("{}.sql", part.name),
            run_by: part.runner.word(),
            from: from.word(),
            state_before_sha256: self.declared.digest(from),
            to: to.word(),
            state_after_sha256: self.declared.digest(to),
        });
        toml_text(&Declaration {
            format_version: 1,
            package: packet.package,
            title: packet.title,
            author: packet.author,
            operator: self.operator(),
            verifier: self.verifier(),
            signers: self.signers(),
            slots: &self.slots,
            tool_version: self.tool_version,
            server_major: self.server_major,
            capture_sha256,
            lock_timeout_ms: packet.limits.lock_timeout_ms,
            statement_timeout_ms: packet.limits.statement_timeout_ms,
            objects: self.declared.identities(),
            part: parts.collect(),
        })
    }

    /// What people read.
    fn readme(&self) -> String {
        let (operator, verifier) = (self.operator(), self.verifier());
        let given = "-v packet_sha256=\"$(sha256sum SHA256SUMS | cut -d' ' -f1)\" -v authorization=\"$(cat authorization.json)\"";
        let look = "psql -X -v ON_ERROR_STOP=1 -d DATABASE -f";
        let dba = "psql -X -v ON_ERROR_STOP=1 -1 -d DATABASE -f";
        let mut text = format!(
            "{package}: {title}.

You need psql, ssh-keygen and sha256sum; this folder; authorization.json with both signatures beside it; allowed_signers and,
if there is one, the file of revoked keys, both as you keep them yourself: what came with a packet proves nothing of it.
Nothing here can check a signature but you: the database can't. REVIEWER and OWNER are the principals whom authorization.json names.

Each part is one transaction and is run by one person under their own login: {operator} (operator), {verifier} (verifier), and
signers ({signers}), one for each of the slots {slots}. Nobody runs another one's part.

Before
  These logins are there: {logins}; until PostgreSQL 15
  {operator} is NOINHERIT. A DBA is a superuser, or has CREATEROLE and may give on
  (WITH GRANT OPTION) SET on parameter {SETTING} and CREATE on this database. As a DBA, once:
    {dba} dba_roles.sql
  and before a part, or before all of them:
    {dba} dba_before.sql
  As {operator}, the day before and at the hour. The last line is GO, or an error that names what is in the way:
    {look} preflight.sql

Everybody, before their part
  1. These are the bytes that were approved. Every line says OK:
       sha256sum -c SHA256SUMS
  2. Reviewer and owner signed. Each line says Good signature (with -r REVOKED if there is a file of revoked keys):
       ssh-keygen -Y verify -f allowed_signers -I REVIEWER -n fix7-operator-authorization -s authorization.json.REVIEWER.sig < authorization.json
       ssh-keygen -Y verify -f allowed_signers -I OWNER -n fix7-operator-authorization -s authorization.json.OWNER.sig < authorization.json
  The authorization names epoch 0: no control epoch was begun before this packet.

Run, each line from this folder. The last line is COMMIT, exit code 0. Exit code 3: it was refused, nothing was changed, and
the error begins with a code. Any other end: the connection was lost; go on with verify.sql.
  10. As {operator}: S01 to S12, everything made, loaded, proved and sealed.
       psql -X -d DATABASE {given} -f run-10.psql
  15. As {verifier}: catalog and seals recomputed; this packet recorded as what the signers read.
       psql -X -d DATABASE {given} -f run-15.psql
  20. As each signer, with their slot and their decision, approve or reject. Two slots need two humans.
       psql -X -d DATABASE {given} -v slot=SLOT -v decision=DECISION -f run-20.psql
  30. As {operator}: S14, the set becomes the authority at the next control epoch.
       psql -X -d DATABASE {given} -f run-30.psql

  Which parts have run? While the window is open and no later package is applied, as {operator}:
       {look} verify.sql
     BEFORE    this part has not run
     AFTER     this part has run
     REJECTED  somebody decided against it: nothing can be activated
     NEITHER   change nothing; what differs is listed: call the author
     and the stage with its digest, which packet.toml declares for the state before and after each part.

  As a DBA, whenever nobody is at a part:
    {dba} dba_after.sql

Take it back
  Before part 30, with the same authorization, also after its window has closed. Everything that was made is dropped, and the
  rows with it; the owner's role remembers the nonce, so this authorization opens nothing again. As {operator}:
    psql -X -d DATABASE {given} -f run-rollback.psql
  Then verify.sql says BEFORE for each part. If it is not to be run again, as a DBA, after dba_after.sql
  and once this authorization has expired, which the file demands:
    {dba} dba_roles_gone.sql

  After part 30 nothing is dropped, and nothing of the evidence goes: the prior payload becomes the next version of every
  surface and is activated at the next epoch; with the same authorization, also after its window has closed. Later packages
  are taken back first: while one is applied this is refused, and where the way back of the next one has left nothing active
  this is what makes the prior payload active again. As {operator}, then each signer, then {operator}:
    psql -X -d DATABASE {given} -f run-40.psql
    and part 20 once more, by every signer
    psql -X -d DATABASE {given} -f run-50.psql

How long
  Part 10 takes some ten seconds, each other part one or two; a part waits for a lock {lock} s at most, and each statement
  may take {statement} s. No part locks a table or a row of the application: reads and births go on.

Codes
",
            package = self.packet.package,
            title = self.packet.title,
            logins = self.logins().join(", "),
            signers = self.signers().join(", "),
            slots = self.slots.join(", "),
            lock = self.packet.limits.lock_timeout_ms / 1000,
            statement = self.packet.limits.statement_timeout_ms / 1000,
        );
        for refusal in CODES {
            text.push_str(&format!(
                "  {} ({}): {}\n      {}\n",
                refusal.code, refusal.sqlstate, refusal.says, refusal.remedy
            ));
        }
        text.push_str(
            "  GUARD_NOT_GREEN (Q7900): a guard that is named is red; the detail has a line a condition and probe\n      nothing was changed: report it\n  Q70nn: a reason of the control plane itself (#22), like EPOCH_MOVED (Q7032) or SAME_HUMAN (Q7026)\n      nothing was changed: the message says what, docs/control-plane.md what to do\n  40001: the epoch was moved while this part ran\n      nothing was changed: run verify.sql\n",
        );
        text
    }
}

/// What psql is given: one transaction, in which leave is handed in as settings.
fn run(name: &str, runner: Runner) -> String {
    let mut wanted = vec!["packet_sha256", "authorization"];
    if runner == Runner::Signer {
        wanted.extend(["slot", "decision"]);
    }
    let mut text = String::from("\\set ON_ERROR_STOP on\n");
    for variable in &wanted {
        text.push_str(&format!(
            "\\if :{{?{variable}}}\n\\else\n\\warn 'run this as README.txt says: -v {variable}=...'\nselect 1/0 as {variable}_is_missing;\n\\endif\n"
        ));
    }
    text.push_str("begin isolation level repeatable read;\nselect pg_catalog.set_config('packet.sha256', :'packet_sha256', true) is not null\n  and pg_catalog.set_config('packet.authorization', :'authorization', true) is not null as leave_handed_in;\n");
    match runner {
        Runner::Signer => text.push_str("select pg_catalog.set_config('packet.slot', :'slot', true) is not null\n  and pg_catalog.set_config('packet.decision', :'decision', true) is not null as decision_handed_in;\n"),
        Runner::Verifier => {}
        Runner::Operator => text.push_str("\\ir inputs.sql\n"),
    }
    text.push_str(&format!("\\ir {name}.sql\ncommit;\n"));
    text
}
