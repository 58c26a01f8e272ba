//! What packets name, parsed: exactly the sealed set, and never what no package may open.
//!
//! The one fact to know: a statement that acts is any but `do`, `select`, `set`, `reset` and the line of the registry;
//! assertions read more, and that is what they are for.

use fix7_manifest::estate;
use manifest_model::estate::{Disposition, LegacyMember};
use squawk_syntax::SourceFile;
use squawk_syntax::ast::AstNode as _;
use std::collections::BTreeSet;
use std::path::Path;

fn packet(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    std::fs::read_to_string(root.join("rehearsal/packages/PKG-F").join(name)).unwrap()
}

fn statements(name: &str) -> Vec<String> {
    let sql = packet(name);
    let parsed = SourceFile::parse(&sql);
    assert_eq!(parsed.errors(), &[], "{name}");
    let of = |statement: squawk_syntax::ast::Stmt| {
        let text = statement.syntax().text().to_string();
        text.trim_end_matches(';').to_owned()
    };
    parsed.tree().stmts().map(of).collect()
}

fn acting(name: &str) -> Vec<String> {
    let passive = ["do", "select", "set", "reset"];
    let is_acting = |text: &String| !passive.contains(&text.split_whitespace().next().unwrap_or_default());
    statements(name).into_iter().filter(is_acting).collect()
}

/// Objects of `PREFIX (function|procedure) OBJECT WORD …`.
fn objects(statements: &[String], prefix: &str, word: &str) -> BTreeSet<String> {
    let object = |text: &String| {
        let rest = text.strip_prefix(prefix)?;
        let rest = rest
            .strip_prefix("function ")
            .or(rest.strip_prefix("procedure "))?;
        Some(rest.split(word).next()?.to_owned())
    };
    statements.iter().filter_map(object).collect()
}

fn members(of: impl Fn(&LegacyMember) -> bool) -> BTreeSet<String> {
    let routines = estate::LEGACY
        .iter()
        .filter(|member| member.identity.ends_with(')'));
    routines
        .filter(|member| of(member))
        .map(|member| member.identity.replace(", ", ","))
        .collect()
}

fn names(identities: &BTreeSet<String>) -> BTreeSet<String> {
    let name = |identity: &String| identity.split('(').next().unwrap_or_default().to_owned();
    identities.iter().map(name).collect()
}

const GATEWAY: &str = "qt001_cp.qt001_writer_gateway(text,jsonb,boolean)";

fn callers() -> BTreeSet<String> {
    let identity = |routine: &manifest_model::estate::Routine| routine.identity.to_owned();
    estate::repoint::REPOINTED.iter().map(identity).collect()
}

#[test]
fn pkg_f_revokes_exactly_the_sealed_set_and_grants_the_gateway_alone() {
    let acting = acting("apply.sql");
    let all = members(|_| true);
    assert_eq!(all.len(), 46);
    assert_eq!(objects(&acting, "revoke execute on ", " from "), all);
    assert_eq!(
        objects(&acting, "grant execute on ", " to "),
        BTreeSet::from([GATEWAY.to_owned()])
    );
    let grants = acting.iter().filter(|text| text.starts_with("grant ")).count();
    assert_eq!(grants, 2, "EXECUTE, and USAGE of the schema");
}

#[test]
fn pkg_f_stubs_exactly_the_members_that_fail_closed() {
    let acting = acting("apply.sql");
    let stubbed = members(|member| member.disposition == Disposition::StubFailClosed);
    let (stubs, bodies): (Vec<String>, Vec<String>) = acting
        .into_iter()
        .filter(|text| text.starts_with("create or replace "))
        .partition(|text| text.contains("$stub$"));
    assert_eq!(objects(&stubs, "create or replace ", "("), names(&stubbed));
    assert_eq!(stubs.len(), stubbed.len());
    assert_eq!(objects(&bodies, "create or replace ", "("), names(&callers()));
    let of_body = |stub: &&String| stub.contains(estate::repoint::STUB_BODY);
    assert_eq!(stubs.iter().filter(of_body).count(), stubs.len());
}

#[test]
fn the_way_back_restores_what_was_changed_and_nothing_else() {
    let acting = acting("rollback.sql");
    assert_eq!(objects(&acting, "grant execute on ", " to "), members(|_| true));
    assert_eq!(
        objects(&acting, "revoke execute on ", " from "),
        BTreeSet::from([GATEWAY.to_owned()])
    );
    let mut bodies = members(|member| member.disposition == Disposition::StubFailClosed);
    bodies.extend(callers());
    assert_eq!(objects(&acting, "create or replace ", "("), names(&bodies));
}

#[test]
fn no_statement_that_acts_names_what_no_package_may_open_or_touch() {
    let mut looked_at = 0;
    for name in ["apply.sql", "rollback.sql", "dba_before.sql", "dba_after.sql"] {
        for statement in acting(name) {
            looked_at += 1;
            // Bodies of the old path are the old path's; what they name is what they always named.
            let head = statement.split("\nas $").next().unwrap_or_default();
            for forbidden in estate::DO_NOT_TOUCH.iter().chain([&estate::repoint::PERMIT.0]) {
                let name = forbidden.split('(').next().unwrap_or_default();
                assert!(!head.contains(name), "{name} in `{head}`");
            }
        }
    }
    assert!(looked_at > 200, "only {looked_at} statements were looked at");
}

#[test]
fn a_packet_is_one_transactions_content() {
    for name in ["apply.sql", "rollback.sql"] {
        let statements = statements(name);
        assert_eq!(statements[0], "set default_transaction_read_only = on", "{name}");
        assert!(statements[1].contains("OUTSIDE_TRANSACTION"), "{name}");
        for statement in &statements {
            let first = statement
                .split_whitespace()
                .next()
                .unwrap_or_default()
                .to_lowercase();
            let known = [
                "create", "do", "grant", "insert", "reset", "revoke", "select", "set",
            ];
            assert!(known.contains(&first.as_str()), "{name}: `{statement}`");
        }
        let insert = statements
            .iter()
            .filter(|text| text.starts_with("insert "))
            .count();
        assert_eq!(insert, 1, "{name} writes the registry, and no other row");
    }
}
