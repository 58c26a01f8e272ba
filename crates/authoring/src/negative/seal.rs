//! What the seal refuses, on a draft whose derived fields are recomputed, so that exactly one check can
//! fail [ruling A9].

use manifest_model::{CheckFault, Fault};

use sql_render::routine::fill;

use super::activation::{arranged, without_check};
use super::spec::{Cause, Expect, Test};
use super::surface::Draft;
use super::table::{Context, HARNESS};
use crate::item::Version;

struct Seal<'a, 'b> {
    context: &'a Context<'b>,
    draft: &'a Draft,
    number: u8,
    /// Whether its seal compares the whole schema with what is expected.
    judges_the_schema: bool,
}

/// missing, extra, wrong count, ordinals, item, payload and envelope digest, approval, dropped deferred key.
pub fn tests(context: &Context<'_>, version: &Version, draft: &Draft) -> Vec<Test> {
    let seal = Seal {
        context,
        draft,
        number: version.surface.number,
        judges_the_schema: version.surface.rows_are_scope(),
    };
    let schema = context.plane.schema;
    let table = context.qualified();
    let id = &draft.id;
    let last = draft.items;
    let redo = seal.envelope_from_rows();
    let extra = context
        .row
        .clone()
        .with("item_sha256", &format!("'\\x{}'", "0d".repeat(32)))
        .insert();
    let rehash_extra = format!(
        "update {table} t set item_sha256 = i.recomputed_sha256 from {schema}.recomputed_items_of({id}, {1}) i where t.manifest_id = {id} and t.ordinal = {0} and i.ordinal = {0}",
        last + 1,
        seal.number
    );
    let mut with_rehash = vec![rehash_extra];
    with_rehash.extend(redo.clone());
    let mut tests = Vec::new();
    if last > 1 {
        tests.push(seal.test(
            "missing",
            "last item",
            "ITEM_MISSING",
            vec![format!(
                "delete from {table} where manifest_id = {id} and ordinal = {last}"
            )],
            redo.clone(),
        ));
    }
    tests.push(seal.test("extra", "one item more", "ITEM_EXTRA", vec![extra], with_rehash));
    tests.push(seal.test(
        "wrong_count",
        "item_count is one more",
        "ITEM_COUNT_WRONG",
        seal.envelope("e.item_count + 1", "e.payload_sha256", None),
        Vec::new(),
    ));
    tests.push(seal.test(
        "noncontiguous_ordinal",
        "the last ordinal is one more",
        "ORDINAL_NOT_CONTIGUOUS",
        vec![format!(
            "update {table} set ordinal = {} where manifest_id = {id} and ordinal = {last}",
            last + 1
        )],
        redo.clone(),
    ));
    tests.push(seal.test(
        "item_hash_mismatch",
        "the first item has another digest",
        "ITEM_DIGEST_MISMATCH",
        vec![format!(
            "update {table} set item_sha256 = '\\x{}' where manifest_id = {id} and ordinal = 1",
            "0e".repeat(32)
        )],
        redo.clone(),
    ));
    tests.push(seal.test(
        "payload_hash_mismatch",
        "the payload digest is another",
        "PAYLOAD_DIGEST_MISMATCH",
        seal.envelope("e.item_count", "sha256('another payload')", None),
        Vec::new(),
    ));
    tests.push(seal.test(
        "envelope_hash_mismatch",
        "the envelope digest is another",
        "ENVELOPE_DIGEST_MISMATCH",
        seal.envelope(
            "e.item_count",
            "e.payload_sha256",
            Some("sha256('another envelope')"),
        ),
        Vec::new(),
    ));
    tests.push(seal.not_as_approved());
    for fault in context.plane.check_faults {
        if let Fault::Draft {
            surface,
            change,
            recompute,
        } = fault.fault
            && surface == context.table.name
        {
            tests.push(seal.fault(fault, change, recompute));
        }
    }
    tests
}

/// "Dropped deferred FK → OBJECT_AUTHORITY_IMMUTABLE" [doc 06, G-EXACTSET-20].
pub fn dropped_deferred_key(context: &Context<'_>, version: &Version, draft: &Draft) -> Test {
    let seal = Seal {
        context,
        draft,
        number: version.surface.number,
        judges_the_schema: version.surface.rows_are_scope(),
    };
    let drop = format!(
        "alter table {} drop constraint {}_envelope_fk",
        context.qualified(),
        context.table.name
    );
    seal.test(
        "dropped_deferred_fk",
        "the deferred key to the envelope is dropped",
        "OBJECT_AUTHORITY_IMMUTABLE",
        vec![drop],
        Vec::new(),
    )
}

/// The check that compares the objects of the catalog with those that are expected.
const OBJECT_CHECK: &str = "check_object_authority_immutable";

impl Seal<'_, '_> {
    /// The seal itself, with whatever payload digest the envelope has.
    fn act(&self) -> String {
        let schema = self.context.plane.schema;
        format!(
            "select {schema}.cp_seal(e.manifest_id, e.payload_sha256) from {schema}.manifest_envelope e where e.manifest_id = {}",
            self.draft.id
        )
    }

    fn test(
        &self,
        class: &'static str,
        mutation: &str,
        reason: &'static str,
        change: Vec<String>,
        derived: Vec<String>,
    ) -> Test {
        let plane = self.context.plane;
        let check = format!("check_{}", reason.to_lowercase());
        let mut test = self
            .context
            .test(class, "seal", mutation.to_owned(), self.act(), self.act());
        test.twin_persona = HARNESS.to_owned();
        test.persona = HARNESS.to_owned();
        test.change = change;
        test.derived = derived;
        test.cause = Cause {
            kind: "seal_check",
            object: format!("{}.{check}", plane.schema),
            name: reason.to_owned(),
        };
        test.removal = vec![without_check(plane, &check)];
        // #20 judges every routine of the schema, the one that is taken away among them.
        if self.judges_the_schema && check != OBJECT_CHECK {
            test.arrange = vec![without_check(plane, OBJECT_CHECK)];
        }
        let sqlstate = plane.reason(reason).map_or("", |code| code.sqlstate);
        test.expect = Expect::on(sqlstate, plane.schema, self.context.table.name, "seal").reason(reason);
        test
    }

    /// The caller approves another payload than the one that is there.
    fn not_as_approved(&self) -> Test {
        let schema = self.context.plane.schema;
        let mut test = self.test(
            "payload_not_approved",
            "the caller approves another payload",
            "PAYLOAD_NOT_AS_APPROVED",
            Vec::new(),
            Vec::new(),
        );
        test.twin = format!(
            "select {schema}.cp_seal({}, {})",
            self.draft.id, self.draft.payload
        );
        test.rejected = format!(
            "select {schema}.cp_seal({}, sha256('another payload'))",
            self.draft.id
        );
        test.expect.table = Some("manifest_envelope".to_owned());
        test
    }

    /// A fault that only this surface can have.
    fn fault(&self, fault: &CheckFault, change: &str, recompute: bool) -> Test {
        let plane = self.context.plane;
        let (schema, id, table) = (plane.schema, &self.draft.id, self.context.qualified());
        let rehash = format!(
            "update {table} t set item_sha256 = i.recomputed_sha256 from {schema}.recomputed_items_of({id}, {0}) i where t.manifest_id = {id} and t.ordinal = i.ordinal and t.item_sha256 is distinct from i.recomputed_sha256",
            self.number
        );
        let mut derived = Vec::new();
        if recompute {
            derived.push(rehash);
            derived.extend(self.envelope_from_rows());
        }
        let mut test = self.test(
            "check_fault",
            fault.what,
            fault.reason,
            vec![fill(plane, change).replace("{draft}", id)],
            derived,
        );
        test.id = format!("{}/check_fault/{}", self.context.table.name, fault.check);
        test.arrange.extend(arranged(plane, fault));
        test.expect.table = Some(fault.object.to_owned());
        test
    }

    /// The envelope again, with count and payload from these expressions, and H03 over them unless given.
    /// One statement, because a draft envelope is never updated.
    fn envelope(&self, count: &str, payload: &str, envelope: Option<&str>) -> Vec<String> {
        let schema = self.context.plane.schema;
        let (id, no) = (&self.draft.id, self.number);
        let digest = envelope.map_or_else(
            || {
                format!(
                    "{schema}.h03({no}, 2, n.item_count, n.payload_sha256, (select {schema}.h05(array_agg(x.item_key::text)) from {schema}.expected_item x where x.manifest_id = {id} and x.surface_no = {no}))"
                )
            },
            str::to_owned,
        );
        vec![format!(
            "with e as (delete from {schema}.manifest_envelope where manifest_id = {id} returning item_count, payload_sha256), n as (select {count} as item_count, {payload} as payload_sha256 from e) insert into {schema}.manifest_envelope (manifest_id, surface_no, version, item_count, payload_sha256, envelope_sha256) select {id}, {no}, 2, n.item_count, n.payload_sha256, {digest} from n"
        )]
    }

    /// The envelope again, with everything that follows from the rows as they are now.
    fn envelope_from_rows(&self) -> Vec<String> {
        let schema = self.context.plane.schema;
        let (id, no) = (&self.draft.id, self.number);
        let rows = format!("from {schema}.items_of({id}, {no}) i");
        self.envelope(
            &format!("(select count(*)::integer {rows})"),
            &format!(
                "(select {schema}.h02(array_agg(i.ordinal order by i.ordinal), array_agg(i.item_key order by i.ordinal), array_agg(i.item_sha256 order by i.ordinal)) {rows})"
            ),
            None,
        )
    }
}
