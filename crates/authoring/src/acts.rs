//! Acts of the rehearsal: S11 exact sets and digests, S12 the seal, S14 a first activation.
//!
//! Not for: performing them (`rehearsal`). The one fact to know: each act is one statement by one
//! persona; a probe act returns rows in the guards' probe contract, so that nothing passes by being empty.

use canonical::{Scope, h04, h05};
use manifest_model::ControlPlane;
use serde::Serialize;
use sql_render::literal;

use crate::Sources;
use crate::error::AuthorError;
use crate::files::Files;
use crate::index::toml_text;
use crate::item::Version;
use crate::seeds::catalog_digest;

#[derive(Serialize)]
struct ActFile {
    format_version: u32,
    act: Vec<Act>,
}

#[derive(Serialize)]
struct Act {
    persona: String,
    sql: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expect_sqlstate: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    probes: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    expects: Vec<String>,
}

fn act(persona: &str, sql: String) -> Act {
    Act {
        persona: persona.to_owned(),
        sql,
        expect_sqlstate: None,
        probes: false,
        expects: Vec::new(),
    }
}

/// A query whose rows are exactly the probes that `expects` names: one that is not there is red.
fn probe(expects: Vec<String>, sql: String) -> Act {
    Act {
        probes: true,
        expects,
        ..act("harness", sql)
    }
}

/// Path of the exact-set acts.
pub const EXACT_SET: &str = "rehearsal/steps/11_exact_set.toml";
/// Path of the seal acts.
pub const SEAL: &str = "rehearsal/steps/12_seal.toml";
/// Path of the activation acts.
pub const ACTIVATE: &str = "rehearsal/steps/14_activate.toml";

/// Adds the three act files.
pub fn add(files: &mut Files, sources: &Sources<'_>, versions: &[Version]) -> Result<(), AuthorError> {
    let plane = sources.plane;
    let exact = exact(plane)?;
    files.add(
        EXACT_SET,
        toml_text(&ActFile {
            format_version: 1,
            act: exact,
        }),
    );
    files.add(
        SEAL,
        toml_text(&ActFile {
            format_version: 1,
            act: seal(plane, versions)?,
        }),
    );
    let activation = activate(plane, versions)?;
    files.add(
        ACTIVATE,
        toml_text(&ActFile {
            format_version: 1,
            act: activation,
        }),
    );
    Ok(())
}

/// The proofs of S11: exact sets, digests, constraints, fixtures.
fn exact(plane: &ControlPlane) -> Result<Vec<Act>, AuthorError> {
    Ok(vec![
        exact_sets(plane),
        digests(plane),
        constraint_set(plane),
        fixtures(plane)?,
    ])
}

/// The queries of S11 with the probes that each must return, for whoever asserts them elsewhere.
pub(crate) fn exact_probes(plane: &ControlPlane) -> Result<Vec<(Vec<String>, String)>, AuthorError> {
    let acts = exact(plane)?.into_iter();
    Ok(acts.map(|act| (act.expects, act.sql)).collect())
}

/// A probe for each surface: `WHAT.TABLE`.
fn of_each_surface(plane: &ControlPlane, what: &str) -> Vec<String> {
    let surfaces = plane.surfaces.iter();
    surfaces
        .map(|surface| format!("{what}.{}", surface.table))
        .collect()
}

/// Expected keys against rows, surface by surface, in both directions.
fn exact_sets(plane: &ControlPlane) -> Act {
    let schema = plane.schema;
    let sql = format!(
        "with item as materialized (
  select i.manifest_id, i.surface_no, i.item_key::text from {schema}.surface_item i
), expected as materialized (
  select x.manifest_id, x.surface_no, x.item_key::text from {schema}.expected_item x
), difference as materialized (
  select 'missing ' || d.item_key as offender, d.surface_no from (select * from expected except select * from item) d
  union all
  select 'unexpected ' || d.item_key, d.surface_no from (select * from item except select * from expected) d
)
select 'exact_set.' || t.table_name as probe,
  coalesce(x.items, 0) as expected,
  coalesce(i.items, 0) as realized,
  coalesce(x.items, 0) as population,
  array(select d.offender from difference d where d.surface_no = t.surface_no order by 1) as offenders
from {schema}.surface_table t
left join (select surface_no, count(*) as items from expected group by surface_no) x on x.surface_no = t.surface_no
left join (select surface_no, count(*) as items from item group by surface_no) i on i.surface_no = t.surface_no
order by t.surface_no"
    );
    probe(of_each_surface(plane, "exact_set"), sql)
}

/// Every item, payload and envelope digest, recomputed in the database.
fn digests(plane: &ControlPlane) -> Act {
    let schema = plane.schema;
    let sql = format!(
        "with item as (
  select i.manifest_id, i.surface_no,
    count(*) filter (where i.item_sha256 = i.recomputed_sha256) as sound,
    {schema}.h02(array_agg(i.ordinal::integer order by i.ordinal), array_agg(i.item_key::text order by i.ordinal), array_agg(i.recomputed_sha256 order by i.ordinal)) as payload_sha256
  from {schema}.surface_item i group by i.manifest_id, i.surface_no
), expected as (
  select x.manifest_id, x.surface_no, {schema}.h05(array_agg(x.item_key::text)) as expected_sha256
  from {schema}.expected_item x group by x.manifest_id, x.surface_no
)
select 'digests.' || t.table_name as probe,
  e.item_count::bigint as expected,
  coalesce(i.sound, 0) as realized,
  e.item_count::bigint as population,
  array(
    select 'payload of surface ' || e.surface_no
    where e.payload_sha256 is distinct from i.payload_sha256
    union all
    select 'envelope of surface ' || e.surface_no
    where e.envelope_sha256 is distinct from {schema}.h03(e.surface_no, e.version, e.item_count, e.payload_sha256, x.expected_sha256)
    union all
    select 'identity of surface ' || e.surface_no
    where e.manifest_id is distinct from {schema}.manifest_id_of(e.envelope_sha256)
    order by 1) as offenders
from {schema}.surface_table t
join {schema}.manifest_envelope e on e.surface_no = t.surface_no
left join item i on i.manifest_id = e.manifest_id and i.surface_no = e.surface_no
left join expected x on x.manifest_id = e.manifest_id and x.surface_no = e.surface_no
order by t.surface_no"
    );
    probe(of_each_surface(plane, "digests"), sql)
}

/// Expected constraints against the catalog, in both directions.
fn constraint_set(plane: &ControlPlane) -> Act {
    let schema = plane.schema;
    let sql = format!(
        "with expected as materialized (
  select c.object_kind::text, c.relation_name::text, c.object_name::text, c.definition::text from {schema}.expected_constraint c
), realized as materialized (
  select * from {schema}.realized_constraint(null)
), difference as (
  select 'missing ' || d.object_kind || ' ' || d.relation_name || '.' || d.object_name as offender from (select * from expected except select * from realized) d
  union all
  select 'unexpected ' || d.object_kind || ' ' || d.relation_name || '.' || d.object_name from (select * from realized except select * from expected) d
)
select 'constraint_set' as probe,
  (select count(*) from expected) as expected,
  (select count(*) from realized) as realized,
  (select count(*) from expected) as population,
  array(select d.offender from difference d order by 1) as offenders"
    );
    probe(vec!["constraint_set".to_owned()], sql)
}

/// CP-06 fixtures: the database computes what the author computed, byte for byte.
fn fixtures(plane: &ControlPlane) -> Result<Act, AuthorError> {
    let schema = plane.schema;
    let failed = |source| AuthorError::Encode {
        surface: "fixtures".to_owned(),
        item: "CP-06".to_owned(),
        source,
    };
    let identities = ["z", "A", "ä \"quoted\"\n", ""];
    let h05_expected = h05(&identities).map_err(failed)?;
    let list: Vec<String> = identities
        .iter()
        .map(|identity| literal::text(identity))
        .collect();
    let scope = Scope {
        manifest_id: canonical::Uuid::from_u128(0x0123_4567_89ab_8def_8123_4567_89ab_cdef),
        surface_no: 9,
        payload: [7; 32],
        slot: "reviewer",
        principal_id: "p_reviewer",
        evidence: [9; 32],
        control_epoch: 3,
        decision: "approve",
    };
    let h04_expected = h04(&scope).map_err(failed)?;
    let rows = [
        (
            "cp06.h05",
            format!("{schema}.h05(array[{}])", list.join(", ")),
            h05_expected.to_bytea_text(),
        ),
        (
            "cp06.h04",
            format!(
                "{schema}.h04('{}', 9, '\\x{}', 'reviewer', 'p_reviewer', '\\x{}', 3, 'approve')",
                scope.manifest_id,
                "07".repeat(32),
                "09".repeat(32)
            ),
            h04_expected.to_bytea_text(),
        ),
    ];
    let selects: Vec<String> = rows
        .iter()
        .map(|(name, expression, expected)| {
            format!(
                "select '{name}' as probe, 1::bigint as expected, (v.found = '{expected}'::bytea)::integer::bigint as realized, 1::bigint as population, array(select 'digest ' || encode(v.found, 'hex') where v.found is distinct from '{expected}'::bytea) as offenders from (select {expression} as found) v"
            )
        })
        .collect();
    let names = rows.iter().map(|(name, ..)| (*name).to_owned()).collect();
    Ok(probe(names, selects.join("\nunion all\n")))
}

fn seal(plane: &ControlPlane, versions: &[Version]) -> Result<Vec<Act>, AuthorError> {
    let schema = plane.schema;
    let operator = plane.first_activation.operator;
    let mut acts = vec![act(
        operator,
        format!(
            "select {schema}.cp_seal_catalog('{}')",
            catalog_digest(plane)?.to_bytea_text()
        ),
    )];
    for version in ordered(plane, versions) {
        acts.push(act(
            operator,
            format!(
                "select {schema}.cp_seal('{}', '{}')",
                version.manifest_id(),
                version.payload.to_bytea_text()
            ),
        ));
    }
    Ok(acts)
}

/// Versions in the order in which they are sealed.
pub(crate) fn ordered<'a>(
    plane: &'a ControlPlane,
    versions: &'a [Version],
) -> impl Iterator<Item = &'a Version> {
    plane
        .seal
        .order
        .iter()
        .filter_map(|number| versions.iter().find(|version| version.surface.number == *number))
}

/// The evidence that the rehearsal's signers read: an artifact of this name.
const ARTIFACT: &str = "rehearsed payloads";

/// Digest of the set of sealed versions, as `cp_activate` names it.
pub fn set_digest(versions: &[Version]) -> Result<canonical::ObjectSetDigest, AuthorError> {
    let lines: Vec<String> = versions
        .iter()
        .map(|version| format!("{:02}:{}", version.surface.number, version.envelope))
        .collect();
    h05(&lines).map_err(|source| AuthorError::Encode {
        surface: "manifest_activation".to_owned(),
        item: "set".to_owned(),
        source,
    })
}

/// Identity that `cp_record_evidence` gives this artifact at this epoch.
fn evidence_id(kind: &str, artifact: &str, epoch: i64) -> String {
    let name = format!("{kind}:{artifact}:{epoch}");
    canonical::EnvelopeDigest::of(&name).manifest_id().to_string()
}

/// Evidence, signoffs under each signer's own login, activation; then what the gateway says.
fn activate(plane: &ControlPlane, versions: &[Version]) -> Result<Vec<Act>, AuthorError> {
    let schema = plane.schema;
    let first = plane.first_activation;
    let (writer_type, kind) = (first.writer_type, first.evidence_kind);
    let artifact = crate::header::sha256_hex(ARTIFACT.as_bytes());
    let mut acts = vec![act(
        first.verifier,
        format!("select {schema}.cp_record_evidence('{kind}', '\\x{artifact}', 'urn:rehearsal:payloads')"),
    )];
    let evidence = evidence_id(kind, &artifact, 1);
    for (persona, slot) in first.signers {
        for version in versions {
            acts.push(act(
                persona,
                format!(
                    "select {schema}.cp_record_signoff('{}', '{slot}', '{evidence}', 'approve')",
                    version.manifest_id()
                ),
            ));
        }
    }
    acts.push(act(
        first.operator,
        format!(
            "select {schema}.cp_activate('{writer_type}', 1, '{}')",
            set_digest(versions)?.to_bytea_text()
        ),
    ));
    acts.push(probe(vec!["activated".to_owned()], format!(
        "select 'activated' as probe, {0}::bigint as expected, count(*) as realized, {0}::bigint as population, array(select 'surface ' || t.surface_no from {schema}.surface_table t where not exists (select from {schema}.active_manifest a where a.surface_no = t.surface_no)) as offenders from {schema}.active_manifest",
        versions.len()
    )));
    acts.push(probe(vec!["readiness_blocked".to_owned()], format!(
        "select 'readiness_blocked' as probe, {0}::bigint as expected, a.gates_expected as realized, a.gates_expected as population, array(select 'READY' where a.verdict <> 'BLOCKED') as offenders from {schema}.v_fix7_acceptance a where a.writer_type = '{writer_type}'",
        plane.gates.len()
    )));
    Ok(acts)
}
