//! The state of a creation, as a database tells it, and the statements that demand a stage of it.
//!
//! Not for: what a stage is (`declared`). The one fact to know: everything that is asked of the control plane stands in
//! blocks, which are planned when they run, so that a file can ask before there is a control plane.

use super::Frame;
use super::declared::{OPEN, signoffs};
use super::stage::{Part, Stage};
use crate::packet::codes::{PART_OUT_OF_ORDER, Refusal, STATE_MOVED, STATE_NOT_REACHED};
use crate::packet::sql::{block, literal, quoted, raise};

/// The setting that holds what is declared.
pub(crate) const DECLARED: &str = "packet.declared";

impl Frame<'_> {
    /// The statement that hands in what is declared; for the session where `session` is set.
    pub(crate) fn declare(&self, session: bool) -> String {
        format!(
            "-- Every object with the state that it is left in, and every fact about the rows at each stage: {stages}.
select pg_catalog.set_config('{DECLARED}', {text}, {local}) is not null as declared;

",
            stages = Stage::ALL.map(Stage::word).join(", "),
            text = quoted(&self.declared.json(), "declared"),
            local = !session,
        )
    }

    /// A query of one JSON array: an array of kind, identity, what is declared at each stage, and what is found.
    ///
    /// `into` is where a block puts it.
    pub(crate) fn live(&self, into: &str) -> String {
        let schema = self.plane.schema;
        format!(
            "with given (d) as (
    select pg_catalog.current_setting('{DECLARED}')::jsonb
  ), object as (
    select o.value ->> 0 as kind, o.value ->> 1 as identity, o.value ->> 2 as line
    from given as g cross join pg_catalog.jsonb_array_elements(g.d -> 'objects') as o (value)
  ), fact as (
    select f.value ->> 0 as identity, f.value -> 1 as at from given as g cross join pg_catalog.jsonb_array_elements(g.d -> 'facts') as f (value)
  ), run as (
    select r.packet_sha256::bytea as packet_sha256 from {schema}.operator_packet_run as r where r.package_id = {package} and r.action = 'apply'
  ), approved as (
    select v.evidence_id from {schema}.evidence_registry as v join run as r on r.packet_sha256 = v.artifact_sha256::bytea where v.evidence_kind::text = {kind}
  ), quorum as (
    select q.slot::text as slot, q.humans_min from {schema}.quorum_manifest as q
    join {schema}.manifest_envelope as e on e.manifest_id = q.manifest_id and e.surface_no = q.surface_no and e.version = 1
    where q.activation_scope = 'activation'
  ), person as (
    select p.principal_id, p.human from {schema}.principal_manifest as p
    join {schema}.latest_sealed as l on l.manifest_id = p.manifest_id and l.surface_no = p.surface_no
  ), signed as (
    -- Signoffs on a version count at the epoch of its own number, or at the next if that is where what was active was superseded.
    select e.version, e.surface_no, b.slot::text as slot, b.decision, p.human,
      exists (select from approved as a where a.evidence_id = b.evidence_id) and b.control_epoch = e.version + (select pg_catalog.count(*) from {schema}.manifest_activation as a where a.action = 'supersede' and a.control_epoch = e.version + 1)
        and b.payload_sha256 = e.payload_sha256
        and exists (select from quorum as q where q.slot = b.slot::text) as counts
    from {schema}.signoff_binding as b
    join {schema}.manifest_envelope as e on e.manifest_id = b.manifest_id and e.surface_no = b.surface_no
    join person as p on p.principal_id = b.principal_id
  ), met as (
    select q.slot, v.version, (
      select pg_catalog.count(*) from {schema}.manifest_envelope as e
      where e.version = v.version and (
        select pg_catalog.count(distinct s.human) from signed as s
        where s.slot = q.slot and s.version = e.version and s.surface_no = e.surface_no and s.decision = 'approve' and s.counts) >= q.humans_min) as surfaces,
      (select pg_catalog.count(*) from signed as s where s.slot = q.slot and s.version = v.version and s.decision <> 'approve') as rejects,
      (select pg_catalog.count(*) from signed as s where s.slot = q.slot and s.version = v.version) as touched
    from quorum as q cross join (values (1), (2)) as v (version)
  ), found (identity, found) as (
    select 'epoch', (select e.epoch::text from {schema}.control_epoch as e)
    union all
    select 'catalog', (select r.state || ' ' || pg_catalog.encode(r.catalog_sha256, 'hex') from {schema}.code_catalog_root as r)
    union all
    select 'drafts', (select pg_catalog.count(*)::text from {schema}.manifest_envelope as e where e.state <> 'sealed')
    union all
    select 'surface ' || pg_catalog.lpad(l.surface_no::text, 2, '0'), 'version ' || l.version || ' ' || pg_catalog.encode(l.envelope_sha256, 'hex')
    from {schema}.latest_sealed as l
    union all
    select 'run', case when exists (select from run) then 'recorded' else 'none' end
    union all
    select 'evidence', case when exists (select from approved) then 'recorded' else 'none' end
    union all
    select 'signoffs ' || m.slot || ' on version ' || m.version,
      case when m.touched = 0 then '{OPEN}' when m.rejects > 0 then 'rejected' when m.surfaces = {surfaces} then 'signed' else m.surfaces || ' of {surfaces} surfaces' end
    from met as m
    union all
    select 'signoffs beside', (select pg_catalog.count(*)::text from signed as s where not s.counts)
    union all
    select 'activations', (select coalesce(pg_catalog.string_agg(a.writer_type || ' ' || a.action || ' at ' || a.control_epoch
        || coalesce(' ' || pg_catalog.encode(a.set_sha256, 'hex'), ''), ', ' order by a.control_epoch), 'none') from {schema}.manifest_activation as a)
    union all
    select 'undeclared', (
      select coalesce(pg_catalog.string_agg(x.name, ', ' order by x.name collate \"C\"), 'none') from (
        select c.oid::pg_catalog.regclass::text as name from pg_catalog.pg_class as c
        where c.relnamespace = pg_catalog.to_regnamespace({schema_literal}) and c.relkind not in ('i', 'I', 't', 'c')
        union all
        select p.oid::pg_catalog.regprocedure::text from pg_catalog.pg_proc as p where p.pronamespace = pg_catalog.to_regnamespace({schema_literal})) as x (name)
      where not exists (select from object as o where o.identity = x.name))
  ), live (kind, identity, at, found) as (
    select o.kind, o.identity, pg_catalog.jsonb_build_array({absent_then_lines}), coalesce(case o.kind
      when 'routine' then (
        select pg_catalog.pg_get_userbyid(p.proowner) || ' ' || pg_catalog.encode({schema}.h06(p.oid::pg_catalog.regprocedure), 'hex')
          || ' ' || pg_catalog.encode({schema}.h07_routine(p.oid::pg_catalog.regprocedure), 'hex')
        from pg_catalog.pg_proc as p where p.oid = pg_catalog.to_regprocedure(o.identity))
      when 'relation' then (
        select pg_catalog.pg_get_userbyid(c.relowner) || ' - ' || pg_catalog.encode({schema}.h07_relation(c.oid::pg_catalog.regclass), 'hex')
        from pg_catalog.pg_class as c where c.oid = pg_catalog.to_regclass(o.identity))
      when 'schema' then (
        select pg_catalog.pg_get_userbyid(n.nspowner) || ' - ' || pg_catalog.encode({schema}.h07_schema(n.oid::pg_catalog.regnamespace), 'hex')
        from pg_catalog.pg_namespace as n where n.oid = pg_catalog.to_regnamespace(o.identity))
      end, 'absent')
    from object as o
    union all
    select 'fact', f.identity, f.at, coalesce((select x.found from found as x where x.identity = f.identity), 'absent') from fact as f
  )
  select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_array(l.kind, l.identity, l.at, l.found)){into} from live as l",
            package = literal(self.packet.package),
            kind = literal(self.plane.first_activation.evidence_kind),
            surfaces = self.plane.surfaces.len(),
            schema_literal = literal(schema),
            absent_then_lines = absent_then("o.line"),
        )
    }

    /// The same where there is no control plane: all of it is absent.
    pub(crate) fn nothing_live(into: &str) -> String {
        format!(
            "select pg_catalog.jsonb_agg(x.line){into} from (
    select pg_catalog.jsonb_build_array(o.value ->> 0, o.value ->> 1, pg_catalog.jsonb_build_array({lines}), 'absent')
    from pg_catalog.jsonb_array_elements(pg_catalog.current_setting('{DECLARED}')::jsonb -> 'objects') as o (value)
    union all
    select pg_catalog.jsonb_build_array('fact', f.value ->> 0, f.value -> 1, 'absent')
    from pg_catalog.jsonb_array_elements(pg_catalog.current_setting('{DECLARED}')::jsonb -> 'facts') as f (value)) as x (line)",
            lines = absent_then("o.value ->> 2"),
        )
    }

    /// Refuses unless the control plane stands where a part begins; facts of `beside` are not asked, since the part binds
    /// them itself, in one step with reading them.
    pub(crate) fn demand(&self, part: &Part, beside: &[&str]) -> String {
        let beside: Vec<String> = beside.iter().map(|fact| (*fact).to_owned()).collect();
        let wanted: Vec<Wanted> = part
            .ways()
            .into_iter()
            .map(|(stage, _)| Wanted {
                stage,
                beside: beside.clone(),
                also: None,
            })
            .collect();
        self.demanded("stage", &wanted, STATE_MOVED)
    }

    /// The same of what a part has led to.
    pub(crate) fn demand_reached(&self, part: &Part) -> String {
        let wanted: Vec<Wanted> = part
            .ways()
            .into_iter()
            .map(|(_, stage)| Wanted {
                stage,
                beside: Vec::new(),
                also: None,
            })
            .collect();
        self.demanded("reached", &wanted, STATE_NOT_REACHED)
    }

    /// The stages at which signers may sign: before each of them a slot is open, or others have signed in it.
    pub(crate) fn demand_signable(&self) -> String {
        self.demanded("signable", &self.signable(), STATE_MOVED)
    }

    /// The same afterwards: nothing but slots has moved.
    pub(crate) fn demand_signed(&self) -> String {
        self.demanded("signed", &self.signable(), STATE_NOT_REACHED)
    }

    /// The stages before an activation, whoever has signed by then: what may still be dropped.
    pub(crate) fn demand_droppable(&self) -> String {
        let created = Wanted {
            stage: Stage::Created,
            beside: Vec::new(),
            also: None,
        };
        let [evidenced, ..] = self.signable();
        self.demanded("droppable", &[created, evidenced], STATE_MOVED)
    }

    /// The facts that are slots, at either version.
    pub(crate) fn slot_names(&self) -> Vec<String> {
        let of = |version| self.slots.iter().map(move |slot| signoffs(slot, version));
        of(1).chain(of(2)).collect()
    }

    fn signable(&self) -> [Wanted; 3] {
        let beside = |version| self.slots.iter().map(|slot| signoffs(slot, version)).collect();
        [
            Wanted {
                stage: Stage::Evidenced,
                beside: beside(1),
                also: Some(Stage::Signed),
            },
            Wanted {
                stage: Stage::Candidate,
                beside: beside(2),
                also: Some(Stage::SignedAgain),
            },
            Wanted {
                stage: Stage::WithdrawnCandidate,
                beside: beside(2),
                also: Some(Stage::WithdrawnSigned),
            },
        ]
    }

    /// Refuses by `moved` unless one of the stages is found; and by the order of the parts where another is.
    fn demanded(&self, word: &str, wanted: &[Wanted], moved: Refusal) -> String {
        let values: Vec<String> = wanted
            .iter()
            .map(|wanted| {
                let beside: Vec<String> = wanted.beside.iter().map(|fact| literal(fact)).collect();
                format!("({}, array[{}]::text[])", wanted.stage.at(), beside.join(", "))
            })
            .collect();
        let order = if moved == STATE_NOT_REACHED {
            String::new()
        } else {
            out_of_order(wanted)
        };
        block(
            word,
            &format!(
                "declare
  v_live jsonb;
  v_whole text;
  v_moved text;
  v_open boolean;
begin
  if pg_catalog.to_regnamespace({schema}) is null then
    {absent}
  end if;
  begin
  {live};
  exception when undefined_table or undefined_column or undefined_function or invalid_schema_name then
    {unreadable}
  end;
  -- What keeps it from the nearest stage that is wanted.
  select c.lines, c.open into v_moved, v_open from (values {values}) as s (at, beside)
  cross join lateral (
    select pg_catalog.string_agg((l.v ->> 1) || ': expected ' || (l.v -> 2 ->> s.at) || ', found ' || (l.v ->> 3), E'\\n' order by (l.v ->> 1) collate \"C\") as lines,
      pg_catalog.count(*) as moved, pg_catalog.count(*) = pg_catalog.count(*) filter (where l.v ->> 0 = 'fact' and l.v ->> 3 = '{OPEN}') as open
    from pg_catalog.jsonb_array_elements(v_live) as l (v)
    where (l.v -> 2 ->> s.at) is distinct from (l.v ->> 3) and (l.v ->> 1) <> all (s.beside)) as c
  order by c.moved, s.at limit 1;
{order}  if v_moved is not null then
    {refused}
  end if;
end",
                schema = literal(self.plane.schema),
                live = self.live(" into v_live"),
                values = values.join(", "),
                absent = raise(PART_OUT_OF_ORDER, &format!("'expected {}, found absent'", words(wanted))),
                unreadable = raise(moved, "'the control plane can''t be read: ' || sqlerrm"),
                refused = raise(moved, "v_moved"),
            ),
        )
    }

    /// Refuses unless there is nothing at all of a control plane.
    pub(crate) fn demand_absent(&self, refusal: Refusal) -> String {
        crate::packet::sql::refuse_if_any(
            "absent",
            refusal,
            &format!(
                "    select {schema} || ': expected absent, found a schema of ' || pg_catalog.pg_get_userbyid(n.nspowner)
    from pg_catalog.pg_namespace as n where n.nspname = {schema}
    union all
    select r.rolname || ' owns ' || pg_catalog.count(*) || ' objects, expected none' from pg_catalog.pg_shdepend as d
    join pg_catalog.pg_roles as r on r.oid = d.refobjid and r.rolname = {owner}
    where d.deptype = 'o' and d.dbid = (select b.oid from pg_catalog.pg_database as b where b.datname = pg_catalog.current_database())
    group by r.rolname",
                schema = literal(self.plane.schema),
                owner = literal(self.plane.owner),
            ),
        )
    }
}

/// The text of each stage, of an object: absent, and then its line.
fn absent_then(line: &str) -> String {
    Stage::ALL
        .iter()
        .map(|stage| match stage {
            Stage::Absent => "'absent'",
            _ => line,
        })
        .collect::<Vec<_>>()
        .join(", ")
}

/// A stage that may be found, without these facts of it, and the one after it where that is as good.
struct Wanted {
    stage: Stage,
    beside: Vec<String>,
    also: Option<Stage>,
}

fn words(wanted: &[Wanted]) -> String {
    let words: Vec<&str> = wanted.iter().map(|wanted| wanted.stage.word()).collect();
    words.join(" or ")
}

/// A stage that is found whole, and is another one, is another part's turn; so are slots that are open.
fn out_of_order(wanted: &[Wanted]) -> String {
    let whole: Vec<String> = Stage::ALL
        .iter()
        .map(|stage| format!("({}, '{}')", stage.at(), stage.word()))
        .collect();
    let good = wanted.iter().flat_map(|wanted| [Some(wanted.stage), wanted.also]);
    let good: Vec<String> = good
        .flatten()
        .map(|stage| format!("'{}'", stage.word()))
        .collect();
    format!(
        "  select s.word into v_whole from (values {whole}) as s (at, word)
  where not exists (select from pg_catalog.jsonb_array_elements(v_live) as l (v) where (l.v -> 2 ->> s.at) is distinct from (l.v ->> 3));
  if v_whole <> all (array[{good}]) then
    {found}
  end if;
  if v_moved is not null and v_open then
    {open}
  end if;
",
        whole = whole.join(", "),
        good = good.join(", "),
        found = raise(
            PART_OUT_OF_ORDER,
            &format!("'expected {}, found ' || v_whole", words(wanted))
        ),
        open = raise(PART_OUT_OF_ORDER, "v_moved"),
    )
}
