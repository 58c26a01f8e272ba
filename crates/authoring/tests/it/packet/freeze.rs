//! PKG-H: frozen is exactly what moved, nothing is dropped, and the way back has the captured comments.

use super::{acting, moving, objects, packet, same};
use crate::definitions::LIVE;
use fix7_manifest::estate;
use manifest_model::estate::MemberKind;
use std::collections::BTreeSet;

fn tables() -> BTreeSet<String> {
    let is_table = |name: &String| {
        estate::LEGACY
            .iter()
            .any(|member| member.identity == name && member.kind == MemberKind::Table)
    };
    moving().into_iter().filter(is_table).collect()
}

#[test]
fn every_table_that_moved_refuses_all_four_writes_always() {
    let acting = acting("PKG-H", "apply.sql");
    assert_eq!(tables().len(), 19);
    let made: BTreeSet<String> = acting
        .iter()
        .filter_map(|text| {
            let rest = text.strip_prefix(
                "create trigger legacy_frozen before insert or delete or update or truncate on ",
            )?;
            rest.strip_suffix(" for each statement execute function qt001_cp.legacy_frozen()")
                .map(str::to_owned)
        })
        .collect();
    same(&made, &tables());
    same(
        &objects(&acting, "alter ", " enable always trigger legacy_frozen"),
        &tables(),
    );
}

#[test]
fn every_member_that_moved_carries_its_sentinel_and_nothing_is_dropped() {
    let acting = acting("PKG-H", "apply.sql");
    same(&objects(&acting, "comment on ", " is "), &moving());
    let comments: Vec<&String> = acting
        .iter()
        .filter(|text| text.starts_with("comment "))
        .collect();
    assert_eq!(comments.len(), 2 * moving().len(), "S17, and S18");
    let digests: BTreeSet<&str> = comments
        .iter()
        .map(|text| {
            let digest = text.split("LEGACY_FROZEN ").nth(1).unwrap();
            &digest[..64]
        })
        .collect();
    assert_eq!(digests.len(), moving().len(), "a digest is an object's own");
    assert!(!acting.iter().any(|text| text.starts_with("drop ")));
}

#[test]
fn the_way_back_drops_the_triggers_alone_and_restores_captured_comments() {
    let acting = acting("PKG-H", "rollback.sql");
    let dropped: BTreeSet<String> = acting
        .iter()
        .filter(|text| text.starts_with("drop "))
        .map(|text| {
            text.strip_prefix("drop trigger legacy_frozen on ")
                .unwrap()
                .to_owned()
        })
        .collect();
    same(&dropped, &tables());
    same(&objects(&acting, "comment on ", " is "), &moving());
    let with_text: BTreeSet<&String> = acting
        .iter()
        .filter(|text| text.starts_with("comment ") && !text.ends_with(" is null"))
        .collect();
    let captured = LIVE.comments.iter().filter(|(name, _)| moving().contains(*name));
    assert_eq!(with_text.len(), captured.count());
}

#[test]
fn what_goes_comes_back_item_by_item() {
    let there = acting("PKG-H", "apply.sql");
    let back = acting("PKG-H", "rollback.sql");
    let gone: BTreeSet<String> = there
        .iter()
        .filter_map(|text| text.strip_prefix("revoke "))
        .map(|text| text.replace(" from ", " to "))
        .collect();
    let come: BTreeSet<String> = back
        .iter()
        .filter_map(|text| text.strip_prefix("grant "))
        .map(|text| text.replace(" with grant option", ""))
        .collect();
    same(&gone, &come);
}

/// What was given on goes before what it was given by, and comes back after it.
#[test]
fn each_write_of_others_goes_by_its_grantor_and_comes_back_by_it() {
    let gone = "set local role access_manager;
revoke update on table public.qt001_run from job_scheduler;
revoke usage on sequence public.qt001_run_id_seq from job_scheduler;
revoke update (state) on table public.qt001_run_step from job_scheduler;
revoke update on table public.qt001_v_run_open from job_scheduler;
set local role qt001_cp_owner;
revoke insert on table public.birth_candidate_stage from job_scheduler;
revoke usage on sequence public.birth_candidate_stage_id_seq from job_scheduler;
revoke update on table public.qt001_run from access_manager;
revoke usage on sequence public.qt001_run_id_seq from access_manager;
revoke update (state) on table public.qt001_run_step from access_manager;
revoke update on table public.qt001_v_run_open from access_manager;
reset role;
";
    let come = "set local role qt001_cp_owner;
grant insert on table public.birth_candidate_stage to job_scheduler;
grant usage on sequence public.birth_candidate_stage_id_seq to job_scheduler;
grant update on table public.qt001_run to access_manager with grant option;
grant usage on sequence public.qt001_run_id_seq to access_manager with grant option;
grant update (state) on table public.qt001_run_step to access_manager with grant option;
grant update on table public.qt001_v_run_open to access_manager with grant option;
set local role access_manager;
grant update on table public.qt001_run to job_scheduler;
grant usage on sequence public.qt001_run_id_seq to job_scheduler;
grant update (state) on table public.qt001_run_step to job_scheduler;
grant update on table public.qt001_v_run_open to job_scheduler;
reset role;
";
    assert_eq!(packet("PKG-H", "apply.sql").matches(gone).count(), 1);
    assert_eq!(packet("PKG-H", "rollback.sql").matches(come).count(), 1);
}
