//! Faults that only a repetition, a seal or an empty question shows, each red by its own code.
//!
//! Not for: faults of one file, which are in `red`. The one fact to know: a setting of the session survives the way back
//! without being part of any state, so what rests on it differs the second time.

use crate::toy::{Toy, codes};
use rehearsal::{Outcome, Status};

#[track_caller]
fn red(outcome: &Outcome, code: &str, detail: &str) {
    assert_eq!(outcome.verdict, Status::Fail);
    let finding = outcome.findings.iter().find(|one| one.code == code);
    let finding = finding.unwrap_or_else(|| panic!("no {code}: {:#?}", outcome.findings));
    let said = format!("{}\n{}", finding.message, finding.details.join("\n"));
    assert!(said.contains(detail), "no `{detail}`: {finding:?}");
}

const DEFERRED: &str = "migrations/03001_deferred.up.sql";
const DEFERRED_DOWN: &str = "migrations/03001_deferred.down.sql";

#[tokio::test]
async fn an_up_that_comes_to_another_state_the_second_time_is_red() {
    let remembers = "reset role;\ndo $again$ begin\n  if pg_catalog.current_setting('toy.was_here', true) = 'yes' then\n    \
                     comment on table public.article is 'again';\n  end if;\n  \
                     perform pg_catalog.set_config('toy.was_here', 'yes', false);\nend $again$;";
    let toy = Toy::new().edit(DEFERRED, "reset role;", remembers).edit(
        "plan.toml",
        "[operator]\nlogin",
        "[operator_of_nothing]\nlogin",
    );
    // Without an operator's scripts the packages are applied again by whoever applied them first.
    let plan = std::fs::read_to_string(toy.path("plan.toml")).unwrap();
    let (before, rest) = plan.split_once("[operator_of_nothing]").unwrap();
    let (_, after) = rest.split_once("[access]").unwrap();
    toy.write("plan.toml", &format!("{before}[access]{after}"));
    red(
        &toy.rehearse().await.unwrap(),
        "UP_AGAIN_DIFFERS",
        "public.article",
    );
}

#[tokio::test]
async fn a_down_that_leaves_something_only_after_the_seal_is_red() {
    let seen = "reset role;\ndo $sealed$ begin\n  if exists (select from tiny_cp.book as b where b.sealed) then\n    \
                comment on table public.article is 'was sealed';\n  end if;\nend $sealed$;";
    let toy = Toy::new().edit(DEFERRED_DOWN, "reset role;", seen);
    let outcome = toy.rehearse().await.unwrap();
    red(&outcome, "SEALED_WAY_BACK_DID_NOT_RESTORE", "public.article");
    assert!(!codes(&outcome).contains(&"DOWN_DID_NOT_RESTORE"), "{outcome:#?}");
}

#[tokio::test]
async fn a_state_that_the_server_refuses_is_red() {
    let toy = Toy::new().edit("states/06_after.sql", "to cms;", "to nobody_at_all;");
    red(&toy.rehearse().await.unwrap(), "STATE_NOT_MADE", "nobody_at_all");
}

#[tokio::test]
async fn a_catalog_in_which_nothing_refuses_is_vacuous() {
    let toy = Toy::new();
    let plan = std::fs::read_to_string(toy.path("plan.toml")).unwrap();
    let (before, rest) = plan.split_once("realized_refusals = \"\"\"\n").unwrap();
    let (_, after) = rest.split_once("\"\"\"\n").unwrap();
    toy.write(
        "plan.toml",
        &format!("{before}realized_refusals = \"select '', '', '' where false\"\n{after}"),
    );
    red(
        &toy.rehearse().await.unwrap(),
        "COVERAGE_VACUOUS",
        "expected something",
    );
}
