//! PKG-F: closed is exactly the sealed set, stubbed are exactly the entry points, and the way back restores both.

use super::{acting, members, objects};
use fix7_manifest::estate;
use manifest_model::estate::{Disposition, LegacyMember};
use std::collections::BTreeSet;

fn routines(of: impl Fn(&LegacyMember) -> bool) -> BTreeSet<String> {
    members(|member| member.identity.ends_with(')') && of(member))
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
    let acting = acting("PKG-F", "apply.sql");
    let all = routines(|_| true);
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
    let acting = acting("PKG-F", "apply.sql");
    let stubbed = routines(|member| member.disposition == Disposition::StubFailClosed);
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
    let acting = acting("PKG-F", "rollback.sql");
    assert_eq!(objects(&acting, "grant execute on ", " to "), routines(|_| true));
    assert_eq!(
        objects(&acting, "revoke execute on ", " from "),
        BTreeSet::from([GATEWAY.to_owned()])
    );
    let mut bodies = routines(|member| member.disposition == Disposition::StubFailClosed);
    bodies.extend(callers());
    assert_eq!(objects(&acting, "create or replace ", "("), names(&bodies));
}
