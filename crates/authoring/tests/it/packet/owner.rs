//! PKG-G: what moves is exactly the sealed set without the permit and its readers, one statement each, there and back.

use super::{STAY, acting, moving, objects, packet, same, statements};
use crate::definitions::LIVE;
use fix7_manifest::FIX7;
use std::collections::BTreeSet;

const OWNER: &str = "qt001_cp_owner";

/// `apply.sql` after the way back was tried.
fn for_good() -> Vec<String> {
    let all = statements("PKG-G", "apply.sql");
    let at = all
        .iter()
        .position(|text| text.starts_with("release savepoint"))
        .unwrap();
    all[at + 1..].to_vec()
}

fn owners(statements: &[String], to: &str) -> BTreeSet<String> {
    let ends = format!(" owner to {to}");
    let these: Vec<String> = statements
        .iter()
        .filter(|text| text.ends_with(&ends))
        .cloned()
        .collect();
    let found = objects(&these, "alter ", " owner to ");
    assert_eq!(found.len(), these.len(), "one statement an object");
    found
}

#[test]
fn exactly_the_sealed_set_moves_but_for_the_permit_and_its_readers() {
    same(&owners(&for_good(), OWNER), &moving());
    assert_eq!(moving().len() + STAY.len(), 262);
    let back = statements("PKG-G", "rollback.sql");
    same(&owners(&back, "directus"), &moving());
    for name in ["apply.sql", "rollback.sql"] {
        let text = packet("PKG-G", name).to_lowercase();
        assert!(!text.contains("reassign owned") && !text.contains("drop owned"));
    }
}

#[test]
fn the_seal_says_the_same_of_each_member_after_s16() {
    let sealed =
        authoring::moments::members(&crate::definitions::sources(&FIX7, Some(&LIVE)), &LIVE).unwrap();
    let goes = sealed.iter().filter(|member| {
        member.at(authoring::moments::Moment::AfterS16).owner
            != member.at(authoring::moments::Moment::AfterS15).owner
    });
    let goes: BTreeSet<String> = goes.map(|member| member.identity.clone()).collect();
    same(&goes, &moving());
}

#[test]
fn the_way_back_is_tried_with_the_very_statements_before_anything_stays() {
    let all = statements("PKG-G", "apply.sql");
    let at = |start: &str| all.iter().position(|text| text.starts_with(start)).unwrap();
    let (from, to) = (at("savepoint way_back_tried"), at("rollback to savepoint"));
    let tried = &all[from + 1..to];
    let is_acting = |text: &&String| {
        ["alter ", "grant ", "revoke "]
            .iter()
            .any(|word| text.starts_with(word))
    };
    let acts: Vec<&String> = tried.iter().filter(is_acting).collect();
    let there = for_good();
    let back = acting("PKG-G", "rollback.sql");
    let expected: Vec<&String> = there.iter().chain(&back).filter(is_acting).collect();
    assert_eq!(acts, expected);
    assert!(tried.iter().any(|text| text.contains("RESTORE_DIFFERS")));
    assert!(
        !all[..from].iter().any(|text| is_acting(&text)),
        "nothing acts before it was tried"
    );
}

#[test]
fn reads_are_exactly_the_sealed_ones_on_what_moves() {
    let expected: BTreeSet<String> = LIVE
        .reads
        .iter()
        .filter(|read| {
            let table = |(table, own): (&String, &BTreeSet<String>)| {
                own.contains(&read.relation) && moving().contains(table)
            };
            moving().contains(&read.relation) || LIVE.own_sequences.iter().any(table)
        })
        .map(|read| {
            let kind = if read.kind == "sequence" {
                "sequence"
            } else {
                "table"
            };
            format!("grant select on {kind} {} to directus", read.relation)
        })
        .collect();
    let found: BTreeSet<String> = for_good()
        .into_iter()
        .filter(|text| text.starts_with("grant select"))
        .collect();
    same(&found, &expected);
    assert!(expected.len() > 200, "{}", expected.len());
}

#[test]
fn the_owner_may_create_in_the_schema_only_in_between() {
    let statements = for_good();
    let at = |text: &str| statements.iter().position(|one| one == text).unwrap();
    let opened = at("grant create on schema public to qt001_cp_owner");
    let closed = at("revoke create on schema public from qt001_cp_owner");
    let moved = |text: &String| text.ends_with(" owner to qt001_cp_owner");
    let within = statements[opened..closed]
        .iter()
        .filter(|text| moved(text))
        .count();
    assert_eq!(within, statements.iter().filter(|text| moved(text)).count());
}

/// Eight items of everybody, on tables, a view, sequences and columns, by the owner and by another grantor.
#[test]
fn each_item_of_everybody_goes_by_its_grantor_and_comes_back_by_it() {
    let gone = "set local role access_manager;
revoke select on table public.qt001_plan from public;
revoke usage on sequence public.qt001_run_id_seq from public;
revoke select (code) on table public.qt001_run_step from public;
set local role directus;
revoke insert on table public.qt001_error_queue from public;
revoke usage on sequence public.qt001_error_queue_id_seq from public;
revoke select (code) on table public.qt001_gate from public;
revoke select (state) on table public.qt001_gate from public;
revoke select on table public.qt001_v_run_latest from public;
reset role;
";
    let come = "set local role directus;
grant insert on table public.qt001_error_queue to public;
grant usage on sequence public.qt001_error_queue_id_seq to public;
grant select (code) on table public.qt001_gate to public;
grant select (state) on table public.qt001_gate to public;
grant select on table public.qt001_v_run_latest to public;
set local role access_manager;
grant select on table public.qt001_plan to public;
grant usage on sequence public.qt001_run_id_seq to public;
grant select (code) on table public.qt001_run_step to public;
reset role;
";
    let (apply, rollback) = (packet("PKG-G", "apply.sql"), packet("PKG-G", "rollback.sql"));
    assert_eq!(apply.matches(gone).count(), 2, "tried, and for good");
    assert_eq!(apply.matches(come).count(), 1, "tried");
    assert_eq!(rollback.matches(come).count(), 1);
    let revokes = |text: &str| {
        text.lines()
            .filter(|line| line.starts_with("revoke ") && line.ends_with(" from public;"))
            .count()
    };
    assert_eq!(
        (revokes(&apply), revokes(&rollback)),
        (16, 0),
        "and nothing else of everybody"
    );
    assert!(packet("PKG-G", "dba_before.sql").contains("access_manager"));
}
