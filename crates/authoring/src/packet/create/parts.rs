//! The parts of the creation, each as one transaction's content.
//!
//! Not for: what is asserted before and after (`state`, `leave`). The one fact to know: the first part holds every file
//! of PKG-A and PKG-B but the one whose roles a DBA makes, byte for byte, so what is applied is what was reviewed there.

use manifest_model::{Moment, Step};

use super::Frame;
use super::stage::{ACTIVATE, CREATE, EVIDENCE, Part, RETURN, Runner, SIGNOFF};
use crate::acts;
use crate::error::AuthorError;
use crate::files::Files;
use crate::guard_assertion::{Assertion, Given, asserted};
use crate::header::{GENERATED, sha256_hex};
use crate::packet::assertions::Guards;
use crate::packet::codes::{PART_OUT_OF_ORDER, STATE_MOVED, STATE_NOT_REACHED};
use crate::packet::common;
use crate::packet::sql::{ACT_AS_ONESELF, act_as, block, literal, raise};
use crate::seeds::catalog_digest;

/// The way back before an activation.
pub(crate) const ROLLBACK: &str = "rollback";

impl Frame<'_> {
    /// `10`: S01 to S12.
    pub(crate) fn create(&self, files: &Files, guards: &mut Guards<'_>) -> Result<String, AuthorError> {
        let mut sql = self.head(&CREATE);
        sql.push_str("-- There is nothing of it yet; and the estate is as it was when this was reviewed.\n");
        sql.push_str(&self.demand_absent(STATE_MOVED));
        sql.push_str(&guards.measure()?);
        sql.push_str(&guards.due_without_plane(self.packet.before)?);
        sql.push_str(ACT_AS_ONESELF);
        for folder in ["migrations", "seeds"] {
            for name in names(files, folder) {
                if name == self.roles_file() {
                    continue;
                }
                sql.push_str(&verbatim(files, &format!("{folder}/{name}.up.sql")));
            }
        }
        sql.push_str("\n-- S11: exact sets both ways, every digest recomputed, the catalog against the expected set, fixtures.\n");
        sql.push_str(&act_as(self.window.reader));
        for (probes, select) in acts::exact_probes(self.plane)? {
            sql.push_str(&exact(&probes, &select)?);
        }
        sql.push_str(ACT_AS_ONESELF);
        sql.push_str("\n-- S12: the catalog, then surface by surface.\n");
        sql.push_str(&act_as(self.packet.operator.role));
        sql.push_str(&format!(
            "select {schema}.cp_seal_catalog('{}');\n",
            catalog_digest(self.plane)?.to_bytea_text(),
            schema = self.plane.schema
        ));
        for version in acts::ordered(self.plane, self.versions) {
            sql.push_str(&self.seal(&version.manifest_id(), &version.payload.to_bytea_text()));
        }
        sql.push_str(ACT_AS_ONESELF);
        sql.push_str(&self.record("apply"));
        sql.push_str("\n-- What this leads to, object by object; then every guard of these steps.\n");
        sql.push_str(&act_as(self.window.reader));
        sql.push_str(&self.demand_reached(&CREATE));
        let all: Vec<Step> = (1..=self.packet.sealed.number()).map(Step::new).collect();
        sql.push_str(&guards.due_as_of(&all, self.packet.sealed)?);
        sql.push_str(ACT_AS_ONESELF);
        sql.push_str("set constraints all immediate;\n");
        Ok(sql)
    }

    /// `15`: what the signers read.
    pub(crate) fn evidence(&self) -> String {
        let schema = self.plane.schema;
        let mut sql = self.head(&EVIDENCE);
        sql.push_str(&self.demand(&EVIDENCE, &[]));
        sql.push_str(ACT_AS_ONESELF);
        sql.push_str(
            "\n-- Recomputed by the other road, each with its run; then this packet is what was read.\n",
        );
        sql.push_str(&act_as(self.packet.verifier.role));
        sql.push_str(&format!(
            "select {schema}.cp_verify_catalog() is not null as verified;\n"
        ));
        for version in acts::ordered(self.plane, self.versions) {
            sql.push_str(&format!(
                "select {schema}.cp_verify_seal('{}', {}) is not null as verified;\n",
                version.manifest_id(),
                version.surface.number
            ));
        }
        sql.push_str(&format!(
            "select {schema}.cp_record_evidence({}, pg_catalog.decode(pg_catalog.current_setting('packet.sha256'), 'hex'), {}) as evidence;\n",
            literal(self.plane.first_activation.evidence_kind),
            literal(self.packet.artifact_uri)
        ));
        sql.push_str(ACT_AS_ONESELF);
        sql.push('\n');
        sql.push_str(&act_as(self.window.reader));
        sql.push_str(&self.passed());
        sql.push_str(&self.demand_reached(&EVIDENCE));
        sql.push_str(ACT_AS_ONESELF);
        sql.push_str("set constraints all immediate;\n");
        sql
    }

    /// Nothing that was just verified failed.
    fn passed(&self) -> String {
        let schema = self.plane.schema;
        block(
            "passed",
            &format!(
                "declare
  v_failed text;
begin
  select pg_catalog.string_agg(r.verifier || ' of ' || r.subject || ': ' || r.verdict, E'\\n' order by r.subject collate \"C\") into v_failed
  from {schema}.verification_run as r where r.verdict <> 'pass';
  if v_failed is not null or not exists (select from {schema}.verification_run) then
    {refused}
  end if;
end",
                refused = raise(STATE_NOT_REACHED, "coalesce(v_failed, 'no verifier has run')"),
            ),
        )
    }

    /// `20`: one signer, one slot, every surface.
    pub(crate) fn signoff(&self) -> String {
        let schema = self.plane.schema;
        let mut sql = self.head(&SIGNOFF);
        sql.push_str(&self.demand_signable());
        // The reader sees what the signer may not; the signer gets the calls.
        sql.push_str(&format!(
            "
-- What is signed: the newest sealed version of every surface, over the evidence that names this packet.
select pg_catalog.set_config('packet.evidence', (
  select v.evidence_id::text from {schema}.evidence_registry as v
  where v.evidence_kind::text = {kind} and v.artifact_sha256::bytea = pg_catalog.decode(pg_catalog.current_setting('packet.sha256'), 'hex')
  order by v.control_epoch limit 1), true) is not null as read,
  pg_catalog.set_config('packet.subjects', (
  select pg_catalog.string_agg(l.manifest_id::text, ',' order by l.surface_no) from {schema}.latest_sealed as l), true) is not null as listed;
",
            kind = literal(self.plane.first_activation.evidence_kind),
        ));
        sql.push_str(&self.not_twice());
        sql.push_str(ACT_AS_ONESELF);
        sql.push('\n');
        sql.push_str(&act_as(self.packet.signer_role));
        sql.push_str(&format!(
            "select pg_catalog.count({schema}.cp_record_signoff(s.id::uuid, pg_catalog.current_setting('packet.slot'),
  pg_catalog.current_setting('packet.evidence')::uuid, pg_catalog.current_setting('packet.decision'))) as recorded
from pg_catalog.unnest(pg_catalog.string_to_array(pg_catalog.current_setting('packet.subjects'), ',')) as s (id);
",
        ));
        sql.push_str(ACT_AS_ONESELF);
        sql.push('\n');
        sql.push_str(&act_as(self.window.reader));
        sql.push_str(&self.demand_signed());
        sql.push_str(ACT_AS_ONESELF);
        sql.push_str("set constraints all immediate;\n");
        sql
    }

    /// Nobody signs twice in one slot.
    fn not_twice(&self) -> String {
        let schema = self.plane.schema;
        block(
            "twice",
            &format!(
                "declare
  v_signed bigint;
begin
  select pg_catalog.count(*) into v_signed from {schema}.signoff_binding as b
  join {schema}.latest_sealed as l on l.manifest_id = b.manifest_id and l.surface_no = b.surface_no
  join {schema}.principal_manifest as p on p.principal_id = b.principal_id and p.login_role::text = session_user::text
  join {schema}.latest_sealed as s on s.manifest_id = p.manifest_id and s.surface_no = p.surface_no
  where b.slot::text = pg_catalog.current_setting('packet.slot');
  if v_signed > 0 then
    {refused}
  end if;
end",
                refused = raise(
                    PART_OUT_OF_ORDER,
                    "session_user || ' has signed in slot ' || pg_catalog.current_setting('packet.slot')"
                ),
            ),
        )
    }

    /// `30`: S14, the epoch read and bound by the entry point itself.
    pub(crate) fn activate(&self, guards: &mut Guards<'_>) -> Result<String, AuthorError> {
        let set = acts::set_digest(self.versions)?.to_bytea_text();
        self.bind(&ACTIVATE, &set, guards)
    }

    pub(super) fn bind(
        &self,
        part: &Part,
        set: &str,
        guards: &mut Guards<'_>,
    ) -> Result<String, AuthorError> {
        let schema = self.plane.schema;
        let writer_type = literal(self.plane.first_activation.writer_type);
        let mut sql = self.head(part);
        // Epoch and activations are bound in one step with reading them: whoever moved them is told so by the entry point.
        sql.push_str(&self.demand(part, &["epoch", "activations"]));
        let mut epoch = "1".to_owned();
        if part.name == RETURN.name {
            sql.push_str(&self.remember_payloads());
            epoch = "pg_catalog.current_setting('packet.epoch')::bigint".to_owned();
        }
        sql.push_str(&guards.measure()?);
        sql.push_str(ACT_AS_ONESELF);
        sql.push_str(&format!(
            "-- EPOCH_MOVED if the control epoch is another one by now.\n{role}select {schema}.cp_activate({writer_type}, {epoch}, '{set}') as activated;\n{ACT_AS_ONESELF}\n",
            role = act_as(self.packet.operator.role)
        ));
        sql.push_str("-- What this leads to; then every guard of the step.\n");
        sql.push_str(&act_as(self.window.reader));
        sql.push_str(&self.demand_reached(part));
        if part.name == RETURN.name {
            sql.push_str(&self.same_payloads());
        }
        sql.push_str(&guards.due(self.packet.activated, Moment::After)?);
        sql.push_str(ACT_AS_ONESELF);
        if part.name == RETURN.name {
            sql.push('\n');
            sql.push_str(&self.record("rollback"));
        }
        sql.push_str("set constraints all immediate;\n");
        Ok(sql)
    }

    pub(super) fn seal(&self, id: &str, payload: &str) -> String {
        format!("select {}.cp_seal('{id}', '{payload}');\n", self.plane.schema)
    }

    /// What every part opens with: harmless when run bare, alone, by whoever may, on the right server, under leave.
    pub(super) fn head(&self, part: &Part) -> String {
        let mut sql = format!(
            "-- {GENERATED}\n-- {package}, {name}, run by {who}: {says}.\n-- One transaction's content; run-{short}.psql is what is run.\n\n",
            package = self.packet.package,
            name = part.name,
            who = part.runner.word(),
            says = part.says,
            short = short(part.name),
        );
        sql.push_str(&self.opening(part.runner));
        sql.push_str(&self.leave(Some(part)));
        sql.push('\n');
        sql
    }

    pub(super) fn opening(&self, runner: Runner) -> String {
        let limits = self.packet.limits;
        let mut sql = common::guard_against_bare_run();
        sql.push_str(&format!(
            "
set local search_path = '';
set local lock_timeout = '{}ms';
set local statement_timeout = '{}ms';

-- One person at a time, whatever the packet.
{}
",
            limits.lock_timeout_ms,
            limits.statement_timeout_ms,
            common::one_operator(self.window),
        ));
        sql.push_str(&self.declare(false));
        sql.push_str("-- Who this is, and what a DBA gives for the window.\n");
        if runner == Runner::Signer {
            sql.push_str(&self.decision());
        }
        sql.push_str(&self.session(runner));
        sql.push_str(&self.prepared(runner));
        sql.push('\n');
        sql.push_str(&act_as(self.window.reader));
        sql.push_str("-- The server and its lock table.\n");
        sql.push_str(&common::major(self.server_major));
        sql.push_str(&common::lock_table(self.locks()));
        sql.push_str("\n-- The authorization: what it says, against this target, these bytes, these people, this instant.\n");
        sql
    }

    /// Locks that the largest part holds at its end: tables with their indexes and TOAST, and what reading takes.
    pub(crate) fn locks(&self) -> usize {
        self.declared.objects.len() * 6 + 512
    }

    /// What was run, by whom, under which leave; the nonce is used up in the same transaction.
    pub(super) fn record(&self, action: &str) -> String {
        common::record_run(self.plane, self.packet.package, action)
    }
}

/// `10`, of `10_create_and_seal`.
pub(crate) fn short(name: &str) -> &str {
    name.split('_').next().unwrap_or(name)
}

/// Names of a folder's files, in the order of their index.
pub(super) fn names(files: &Files, folder: &str) -> Vec<String> {
    let prefix = format!("{folder}/");
    let names = files.iter().filter_map(|(path, _)| {
        let name = path.strip_prefix(&prefix)?.strip_suffix(".up.sql")?;
        (!name.contains('/')).then(|| name.to_owned())
    });
    names.collect()
}

/// A file, byte for byte, under its name and digest.
pub(super) fn verbatim(files: &Files, path: &str) -> String {
    let text = files.get(path).unwrap_or_default();
    format!("\n-- file: {path} {}\n{text}", sha256_hex(text.as_bytes()))
}

/// An act of S11 as an assertion.
fn exact(probes: &[String], select: &str) -> Result<String, AuthorError> {
    let probes: Vec<&str> = probes.iter().map(String::as_str).collect();
    Ok(Assertion {
        guard: "exact sets",
        due: "S11",
        probes: &probes,
        select: &asserted("exact sets", select)?,
        inputs: Given::Document("{}"),
        transient: &[],
    }
    .render())
}
