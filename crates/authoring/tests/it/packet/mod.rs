//! What packets name, parsed: exactly the sealed set, and never what no package may open.
//!
//! The one fact to know: a statement that acts is any but `do`, `select`, `set`, `reset`, the savepoint under which a way
//! back is tried, and the line of the registry; assertions read more, and that is what they are for.

mod freeze;
mod owner;
mod repoint;

use fix7_manifest::estate;
use manifest_model::estate::LegacyMember;
use squawk_syntax::SourceFile;
use squawk_syntax::ast::AstNode as _;
use std::collections::BTreeSet;
use std::path::Path;

const PACKAGES: [&str; 3] = ["PKG-F", "PKG-G", "PKG-H"];

fn packet(package: &str, name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
    std::fs::read_to_string(root.join("rehearsal/packages").join(package).join(name)).unwrap()
}

fn statements(package: &str, name: &str) -> Vec<String> {
    let sql = packet(package, name);
    let parsed = SourceFile::parse(&sql);
    assert_eq!(parsed.errors(), &[], "{package} {name}");
    let of = |statement: squawk_syntax::ast::Stmt| {
        let text = statement.syntax().text().to_string();
        text.trim_end_matches(';').to_owned()
    };
    parsed.tree().stmts().map(of).collect()
}

fn acting(package: &str, name: &str) -> Vec<String> {
    let passive = ["do", "select", "set", "reset", "savepoint", "rollback", "release"];
    let is_acting = |text: &String| !passive.contains(&text.split_whitespace().next().unwrap_or_default());
    statements(package, name).into_iter().filter(is_acting).collect()
}

/// Objects of `PREFIX KIND OBJECT WORD …`.
fn objects(statements: &[String], prefix: &str, word: &str) -> BTreeSet<String> {
    let object = |text: &String| {
        let rest = text.strip_prefix(prefix)?;
        let (kind, rest) = rest.split_once(' ')?;
        let known = ["function", "procedure", "table", "view", "sequence"];
        known.contains(&kind).then_some(())?;
        rest.contains(word).then_some(())?;
        Some(rest.split(word).next()?.to_owned())
    };
    statements.iter().filter_map(object).collect()
}

fn members(of: impl Fn(&LegacyMember) -> bool) -> BTreeSet<String> {
    let members = estate::LEGACY.iter().filter(|member| of(member));
    members.map(|member| member.identity.replace(", ", ",")).collect()
}

/// The permit, and the views that read it, at any depth: a person counted them.
const STAY: [&str; 14] = [
    "public.qt001_backfill_permit",
    "public.qt001_v_alarm_permit_and_plan",
    "public.qt001_v_backfill_permit_age",
    "public.qt001_v_backfill_permit_alarm",
    "public.qt001_v_backfill_permit_backlog",
    "public.qt001_v_backfill_permit_by_state",
    "public.qt001_v_backfill_permit_closed",
    "public.qt001_v_backfill_permit_latest",
    "public.qt001_v_backfill_permit_open",
    "public.qt001_v_backfill_permit_stale",
    "public.qt001_v_board_planning",
    "public.qt001_v_dashboard",
    "public.qt001_v_permit_status",
    "public.v_backfill_go",
];

/// Both differences, which say more than two long sets.
#[track_caller]
fn same(found: &BTreeSet<String>, expected: &BTreeSet<String>) {
    let unexpected: Vec<_> = found.difference(expected).collect();
    let missing: Vec<_> = expected.difference(found).collect();
    assert!(
        unexpected.is_empty() && missing.is_empty(),
        "unexpected {unexpected:?}, missing {missing:?}"
    );
    assert!(!expected.is_empty());
}

fn moving() -> BTreeSet<String> {
    let all = members(|_| true);
    assert_eq!(all.len(), 262);
    all.into_iter()
        .filter(|name| !STAY.contains(&name.as_str()))
        .collect()
}

#[test]
fn no_statement_that_acts_names_what_no_package_may_open_or_touch() {
    for package in PACKAGES {
        let mut looked_at = 0;
        for name in ["apply.sql", "rollback.sql", "dba_before.sql", "dba_after.sql"] {
            for statement in acting(package, name) {
                looked_at += 1;
                // Bodies of the old path are the old path's; what they name is what they always named.
                let head = statement.split("\nas $").next().unwrap_or_default();
                let permit = [estate::repoint::PERMIT.0, "public.directus_"];
                for forbidden in estate::DO_NOT_TOUCH.iter().chain(&permit) {
                    let name = forbidden.split('(').next().unwrap_or_default();
                    assert!(!head.contains(name), "{package}: {name} in `{head}`");
                }
            }
        }
        assert!(looked_at > 200, "{package}: only {looked_at} statements");
    }
}

#[test]
fn a_packet_is_one_transactions_content() {
    for (package, name) in PACKAGES
        .iter()
        .flat_map(|package| ["apply.sql", "rollback.sql"].map(|name| (*package, name)))
    {
        let statements = statements(package, name);
        assert_eq!(
            statements[0], "set default_transaction_read_only = on",
            "{package} {name}"
        );
        assert!(statements[1].contains("OUTSIDE_TRANSACTION"), "{package} {name}");
        for statement in &statements {
            let first = statement
                .split_whitespace()
                .next()
                .unwrap_or_default()
                .to_lowercase();
            let known = [
                "alter", "comment", "create", "do", "drop", "grant", "insert", "reset", "revoke", "select",
                "set",
            ];
            let tried = [
                "savepoint way_back_tried",
                "rollback to savepoint way_back_tried",
                "release savepoint way_back_tried",
            ];
            assert!(
                known.contains(&first.as_str())
                    || tried.contains(&statement.as_str())
                    || statement == "delete from qt001_cp.legacy_sentinel",
                "{package} {name}: `{statement}`"
            );
            assert!(!statement.contains("cascade"), "{package} {name}: `{statement}`");
        }
        let rows = |word: &str, table: &str| {
            let start = format!("{word} qt001_cp.{table}");
            statements.iter().filter(|text| text.starts_with(&start)).count()
        };
        let freezes = usize::from((package, name) == ("PKG-H", "apply.sql"));
        let thaws = usize::from((package, name) == ("PKG-H", "rollback.sql"));
        let written = statements
            .iter()
            .filter(|text| text.starts_with("insert ") || text.starts_with("delete "))
            .count();
        assert_eq!(
            (
                rows("insert into", "operator_packet_run"),
                rows("insert into", "legacy_sentinel"),
                rows("delete from", "legacy_sentinel"),
                written
            ),
            (1, freezes, thaws, 1 + freezes + thaws),
            "{package} {name} writes the registry, PKG-H its sentinels, and no other row"
        );
    }
}
