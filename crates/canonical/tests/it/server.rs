//! The server computes the same digests, over generated values and over every way to print them.

use canonical::{ItemLine, Numeric, Scope, Timestamp, Uuid, Value, ValueKind};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use sql_render::encoding::{h01_expr, h01_preimage_expr, value_expr};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _};

use crate::cluster::Cluster;

const ROWS: usize = 600;

/// Each function of the control plane that takes values only: name, arguments, result, body.
const FUNCTIONS: &[(&str, &str, &str, &str)] = &[
    (
        "h02",
        "p_ordinals integer[], p_item_keys text[], p_item_digests bytea[]",
        "bytea",
        include_str!("../../../fix7-manifest/src/routines/hash/h02.sql"),
    ),
    (
        "h03",
        "p_surface_no integer, p_version integer, p_item_count integer, p_payload_sha256 bytea, p_expected_sha256 bytea",
        "bytea",
        include_str!("../../../fix7-manifest/src/routines/hash/h03.sql"),
    ),
    (
        "h04",
        "p_manifest_id uuid, p_surface_no integer, p_payload_sha256 bytea, p_slot text, p_principal_id text, p_evidence_sha256 bytea, p_control_epoch bigint, p_decision text",
        "bytea",
        include_str!("../../../fix7-manifest/src/routines/hash/h04.sql"),
    ),
    (
        "h05",
        "p_identities text[]",
        "bytea",
        include_str!("../../../fix7-manifest/src/routines/hash/h05.sql"),
    ),
    (
        "manifest_id_of",
        "p_envelope_sha256 bytea",
        "uuid",
        include_str!("../../../fix7-manifest/src/routines/hash/manifest_id_of.sql"),
    ),
];

/// A value twice: as the server reads it, and as the crate has it.
#[derive(Debug, Clone)]
struct Sample {
    kind: ValueKind,
    /// The server's input text; none is NULL.
    input: Option<String>,
    value: Value,
}

fn sql_type(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Bool => "boolean",
        ValueKind::Integer => "bigint",
        ValueKind::Numeric => "numeric",
        ValueKind::Text => "text",
        ValueKind::Bytes => "bytea",
        ValueKind::Uuid => "uuid",
        ValueKind::Timestamp => "timestamp with time zone",
        ValueKind::TextArray => "text[]",
    }
}

/// Days from 2000-01-01 by counting years, so that it shares nothing with the crate's arithmetic.
fn days_since_2000(year: i64, month: i64, day: i64) -> i64 {
    let leap = |year: i64| (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let leaps_before = |year: i64| {
        let last = year - 1;
        last.div_euclid(4) - last.div_euclid(100) + last.div_euclid(400)
    };
    let lengths = [
        31,
        28 + i64::from(leap(year)),
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
        31,
    ];
    let months: i64 = lengths.iter().take(usize::try_from(month - 1).unwrap()).sum();
    (year - 2000) * 365 + leaps_before(year) - leaps_before(2000) + months + day - 1
}

fn text() -> BoxedStrategy<String> {
    let odd = prop::sample::select(vec![
        '"',
        '\\',
        '/',
        '\u{1}',
        '\u{8}',
        '\t',
        '\n',
        '\u{b}',
        '\u{c}',
        '\r',
        '\u{1f}',
        ' ',
        '\u{7f}',
        '\u{80}',
        '\u{a0}',
        'é',
        '\u{301}',
        'ß',
        'ệ',
        '\u{2028}',
        '\u{2029}',
        '\u{feff}',
        '\u{fffd}',
        '\u{ffff}',
        '\u{10ffff}',
        '😀',
        '\'',
        ',',
        '[',
        ']',
    ]);
    prop_oneof![
        1 => Just(String::new()),
        1 => prop::sample::select(vec!["null", "NULL", "true", "0", "-0", "{}", "a\r\nb"]).prop_map(str::to_owned),
        4 => prop::collection::vec(prop_oneof![2 => odd, 1 => prop::char::any().prop_filter("no U+0000", |c| *c != '\0')], 0..12)
            .prop_map(|characters| characters.into_iter().collect()),
    ]
    .boxed()
}

fn numeric() -> BoxedStrategy<String> {
    prop_oneof![
        2 => prop::sample::select(vec!["0", "-0", "0.000", "-0.0", "1.500", "NaN", "Infinity", "-Infinity", "100", "1e0"])
            .prop_filter("the crate takes no exponent", |text| !text.contains('e')).prop_map(str::to_owned),
        4 => "-?[0-9]{1,20}(\\.[0-9]{1,20})?",
        1 => "-?[1-9][0-9]{200,400}\\.0{0,9}[0-9]{100,300}0{0,9}",
    ]
    .boxed()
}

fn timestamp() -> BoxedStrategy<(String, Timestamp)> {
    let fields = (
        prop_oneof![4 => 1900_i64..2100, 1 => -4711_i64..=1, 1 => 9_990_i64..10_010, 1 => 1_i64..294_276],
        1_i64..=12,
        1_i64..=28,
        0_i64..86_400,
        prop_oneof![
            Just(0_i64),
            Just(1),
            Just(999_999),
            Just(500_000),
            0_i64..1_000_000
        ],
        prop_oneof![
            Just(0_i64),
            Just(14 * 60),
            Just(-12 * 60),
            Just(345),
            -15 * 60..15 * 60_i64
        ],
    );
    prop_oneof![
        1 => Just(("infinity".to_owned(), Timestamp::Infinity)),
        1 => Just(("-infinity".to_owned(), Timestamp::NegativeInfinity)),
        10 => fields.prop_map(|(year, month, day, second, micro, offset)| {
            let (shown, era) = if year < 1 { (1 - year, " BC") } else { (year, "") };
            let sign = if offset < 0 { '-' } else { '+' };
            let input = format!(
                "{shown:04}-{month:02}-{day:02} {:02}:{:02}:{:02}.{micro:06}{sign}{:02}:{:02}{era}",
                second / 3600, second / 60 % 60, second % 60, offset.abs() / 60, offset.abs() % 60
            );
            let seconds = days_since_2000(year, month, day) * 86_400 + second - offset * 60;
            (input, Timestamp::from_postgres_micros(seconds * 1_000_000 + micro).unwrap())
        }),
    ]
    .boxed()
}

fn array_input(elements: &[Option<String>]) -> String {
    let quoted = elements.iter().map(|element| match element {
        None => "NULL".to_owned(),
        Some(text) => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
    });
    format!("{{{}}}", quoted.collect::<Vec<_>>().join(","))
}

fn sample(kind: ValueKind) -> BoxedStrategy<Sample> {
    let present = match kind {
        ValueKind::Bool => any::<bool>()
            .prop_map(|b| (b.to_string(), Value::Bool(b)))
            .boxed(),
        ValueKind::Integer => prop_oneof![-3_i64..3, any::<i64>(), Just(i64::MIN), Just(i64::MAX)]
            .prop_map(|n| (n.to_string(), Value::Integer(n)))
            .boxed(),
        ValueKind::Numeric => numeric()
            .prop_map(|text| {
                let value: Numeric = text.parse().unwrap();
                (text, Value::Numeric(value))
            })
            .boxed(),
        ValueKind::Text => text().prop_map(|text| (text.clone(), Value::Text(text))).boxed(),
        ValueKind::Bytes => prop::collection::vec(any::<u8>(), 0..40)
            .prop_map(|bytes| {
                let hex: String = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
                (format!("\\x{hex}"), Value::Bytes(bytes))
            })
            .boxed(),
        ValueKind::Uuid => any::<[u8; 16]>()
            .prop_map(|bytes| {
                let uuid = Uuid::from_bytes(bytes);
                (
                    format!("{{{}}}", uuid.to_string().to_uppercase()),
                    Value::Uuid(uuid),
                )
            })
            .boxed(),
        ValueKind::Timestamp => timestamp()
            .prop_map(|(input, value)| (input, Value::Timestamp(value)))
            .boxed(),
        ValueKind::TextArray => prop::collection::vec(prop::option::weighted(0.8, text()), 0..5)
            .prop_map(|elements| (array_input(&elements), Value::TextArray(elements)))
            .boxed(),
    };
    prop_oneof![
        1 => Just(Sample { kind, input: None, value: Value::Null }),
        9 => present.prop_map(move |(input, value)| Sample { kind, input: Some(input), value }),
    ]
    .boxed()
}

/// The same generated values in every run: a failure is reproducible, and no test is flaky.
pub(crate) fn runner() -> TestRunner {
    TestRunner::new_with_rng(
        Config::default(),
        TestRng::deterministic_rng(RngAlgorithm::ChaCha),
    )
}

pub(crate) fn draw<S: Strategy>(strategy: &S, runner: &mut TestRunner) -> S::Value {
    strategy.new_tree(runner).expect("a generated value").current()
}

fn column(kind: ValueKind) -> String {
    format!("c_{kind:?}").to_lowercase()
}

/// Settings that change how values print; none may reach a digest.
const ODD_SETTINGS: &str = "set datestyle = 'German, DMY'; set timezone = 'Pacific/Chatham'; set bytea_output = 'escape'; \
    set extra_float_digits = -10; set intervalstyle = 'sql_standard'; set quote_all_identifiers = on; \
    set search_path = 'nowhere'; set standard_conforming_strings = on";

async fn prepare(connection: &mut PgConnection) {
    let mut script = String::from("create schema cp;");
    for (name, arguments, returns, body) in FUNCTIONS {
        script.push_str(&format!(
            "create function cp.{name}({arguments}) returns {returns} language plpgsql immutable parallel safe \
             set search_path = pg_catalog, pg_temp as $body${body}$body$;"
        ));
    }
    sqlx::raw_sql(AssertSqlSafe(script))
        .execute(connection)
        .await
        .expect("the hash functions");
}

#[tokio::test(flavor = "current_thread")]
async fn server_and_crate_compute_the_same_digests() {
    let cluster = Cluster::start().await;
    let mut connection = cluster.connect("postgres").await;
    prepare(&mut connection).await;
    for settings in ["select 1", ODD_SETTINGS] {
        sqlx::raw_sql(settings).execute(&mut connection).await.unwrap();
        rows_agree(&mut connection).await;
        encoding_is_injective(&mut connection).await;
        payloads_envelopes_scopes_and_sets_agree(&mut connection).await;
    }
    inputs_without_an_encoding_give_null(&mut connection).await;
    connection.close().await.unwrap();
}

async fn rows_agree(connection: &mut PgConnection) {
    let columns: Vec<(String, ValueKind, String)> = ValueKind::ALL
        .iter()
        .map(|kind| (column(*kind), *kind, format!("r.{}", column(*kind))))
        .collect();
    let inputs: Vec<String> = ValueKind::ALL
        .iter()
        .enumerate()
        .map(|(position, kind)| {
            format!(
                "${}::text::{} as {}",
                position + 1,
                sql_type(*kind),
                column(*kind)
            )
        })
        .collect();
    let query = format!(
        "select {}, {} from (select {}) as r",
        h01_expr(9, &columns),
        h01_preimage_expr(9, &columns),
        inputs.join(", ")
    );
    let strategies: Vec<_> = ValueKind::ALL.iter().map(|kind| sample(*kind)).collect();
    let mut runner = runner();
    for _ in 0..ROWS {
        let mut row: Vec<Sample> = strategies
            .iter()
            .map(|strategy| draw(strategy, &mut runner))
            .collect();
        let first = row_digest(connection, &query, &row).await;
        let changed = draw(&(0..row.len()), &mut runner);
        let before = row[changed].value.clone();
        row[changed] = draw(&strategies[changed], &mut runner);
        let second = row_digest(connection, &query, &row).await;
        assert_eq!(
            before == row[changed].value,
            first == second,
            "{before:?} became {:?}",
            row[changed]
        );
    }
}

/// The digest, computed on both sides.
async fn row_digest(connection: &mut PgConnection, query: &str, row: &[Sample]) -> Vec<u8> {
    let names: Vec<String> = row.iter().map(|sample| column(sample.kind)).collect();
    let columns: Vec<(&str, Value)> = names
        .iter()
        .zip(row)
        .map(|(name, sample)| (name.as_str(), sample.value.clone()))
        .collect();
    let mut bound = sqlx::query(AssertSqlSafe(query.to_owned()));
    for sample in row {
        bound = bound.bind(sample.input.clone());
    }
    let answer = bound
        .fetch_one(connection)
        .await
        .unwrap_or_else(|error| panic!("{error}: {row:?}"));
    let preimage: String = answer.get(1);
    assert_eq!(preimage, canonical::h01_preimage(9, &columns).unwrap(), "{row:?}");
    let digest: Vec<u8> = answer.get(0);
    assert_eq!(digest, canonical::h01(9, &columns).unwrap().as_bytes());
    let parsed: serde_json::Value = serde_json::from_str(&preimage).expect("valid JSON");
    assert_eq!(
        serde_json::to_string(&parsed).unwrap(),
        preimage,
        "its own JCS form"
    );
    digest
}

/// The server's own equality decides whether two inputs are different.
async fn encoding_is_injective(connection: &mut PgConnection) {
    let mut runner = runner();
    for kind in ValueKind::ALL {
        let small = sample(kind);
        let inputs: Vec<Option<String>> = (0..100).map(|_| draw(&small, &mut runner).input).collect();
        let ty = sql_type(kind);
        let query = format!(
            "with v as (select row_number() over () as n, e.i::{ty} as x from unnest($1::text[]) as e (i)) \
             select count(*), count(*) filter (where (a.x is not distinct from b.x) <> ({} = {})) \
             from v as a cross join v as b",
            value_expr(kind, "a.x"),
            value_expr(kind, "b.x")
        );
        let answer = sqlx::query(AssertSqlSafe(query))
            .bind(&inputs)
            .fetch_one(&mut *connection)
            .await
            .unwrap();
        let (pairs, wrong): (i64, i64) = (answer.get(0), answer.get(1));
        assert_eq!((pairs, wrong), (10_000, 0), "{kind:?}");
    }
}

async fn payloads_envelopes_scopes_and_sets_agree(connection: &mut PgConnection) {
    let mut runner = runner();
    let keys = prop::collection::btree_set(text(), 0..12);
    let digest = any::<[u8; 32]>();
    for _ in 0..ROWS / 4 {
        let keys: Vec<String> = draw(&keys, &mut runner).into_iter().collect();
        let count = i32::try_from(keys.len()).unwrap();
        let mut ordinals: Vec<i32> = (1..=count).collect();
        ordinals.rotate_left(usize::from(!keys.is_empty()));
        let digests: Vec<[u8; 32]> = keys.iter().map(|_| draw(&digest, &mut runner)).collect();
        let lines: Vec<ItemLine<'_>> = keys
            .iter()
            .zip(&ordinals)
            .zip(&digests)
            .map(|((item_key, ordinal), digest)| ItemLine {
                ordinal: *ordinal,
                item_key,
                digest: canonical::ItemDigest::from_bytes(*digest),
            })
            .collect();
        let payload = canonical::h02(&lines).unwrap();
        let expected = canonical::h05(&keys).unwrap();
        let envelope = canonical::h03(27, 3, count + 1, payload, expected).unwrap();
        let (slot, principal, decision) = (
            draw(&text(), &mut runner),
            draw(&text(), &mut runner),
            draw(&text(), &mut runner),
        );
        let scope = Scope {
            manifest_id: envelope.manifest_id(),
            surface_no: 27,
            payload: *payload.as_bytes(),
            slot: &slot,
            principal_id: &principal,
            evidence: draw(&digest, &mut runner),
            control_epoch: draw(&any::<i64>(), &mut runner),
            decision: &decision,
        };
        let answer = sqlx::query(
            "select cp.h02($1, $2, $3), cp.h05($2), cp.h03(27, 3, $4, cp.h02($1, $2, $3), cp.h05($2)), \
             cp.manifest_id_of(cp.h03(27, 3, $4, cp.h02($1, $2, $3), cp.h05($2)))::text, \
             cp.h04($5::uuid, 27, cp.h02($1, $2, $3), $6, $7, $8, $9, $10)",
        )
        .bind(&ordinals)
        .bind(&keys)
        .bind(digests.iter().map(|digest| digest.to_vec()).collect::<Vec<_>>())
        .bind(count + 1)
        .bind(scope.manifest_id.to_string())
        .bind(&slot)
        .bind(&principal)
        .bind(scope.evidence.to_vec())
        .bind(scope.control_epoch)
        .bind(&decision)
        .fetch_one(&mut *connection)
        .await
        .unwrap();
        assert_eq!(answer.get::<Vec<u8>, _>(0), payload.as_bytes());
        assert_eq!(answer.get::<Vec<u8>, _>(1), expected.as_bytes());
        assert_eq!(answer.get::<Vec<u8>, _>(2), envelope.as_bytes());
        assert_eq!(answer.get::<String, _>(3), envelope.manifest_id().to_string());
        assert_eq!(
            answer.get::<Vec<u8>, _>(4),
            canonical::h04(&scope).unwrap().as_bytes()
        );
    }
}

async fn inputs_without_an_encoding_give_null(connection: &mut PgConnection) {
    let d = "pg_catalog.sha256('x'::bytea)";
    let refused = [
        format!("cp.h02(array[1, 1], array['a', 'b'], array[{d}, {d}])"),
        format!("cp.h02(array[0], array['a'], array[{d}])"),
        format!("cp.h02(array[1, 2], array['a'], array[{d}, {d}])"),
        format!("cp.h02(array[1], array[null::text], array[{d}])"),
        format!("cp.h02(array[null::integer], array['a'], array[{d}])"),
        "cp.h02(array[1], array['a'], array['\\x00'::bytea])".to_owned(),
        "cp.h02(null, null, null)".to_owned(),
        format!("cp.h03(0, 1, 1, {d}, {d})"),
        format!("cp.h03(1, 1, null, {d}, {d})"),
        format!("cp.h03(1, 1, 1, ''::bytea, {d})"),
        format!("cp.h04(null, 1, {d}, 's', 'p', {d}, 1, 'approve')"),
        format!("cp.h04('00000000-0000-8000-8000-000000000000', 1, {d}, 's', 'p', {d}, 1, null)"),
        format!("cp.h04('00000000-0000-8000-8000-000000000000', 1, {d}, 's', 'p', ''::bytea, 1, 'approve')"),
        "cp.h05(array['a', 'b', 'a'])".to_owned(),
        "cp.h05(array['a', null])".to_owned(),
        "cp.h05(null)".to_owned(),
        "cp.manifest_id_of('\\x00'::bytea)".to_owned(),
        value_expr(ValueKind::TextArray, "'[0:0]={a}'"),
        value_expr(ValueKind::TextArray, "'{{a},{b}}'"),
    ];
    for expression in refused {
        let query = format!("select ({expression}) is null");
        let null: bool = sqlx::query_scalar(AssertSqlSafe(query))
            .fetch_one(&mut *connection)
            .await
            .unwrap();
        assert!(null, "{expression}");
    }
}
