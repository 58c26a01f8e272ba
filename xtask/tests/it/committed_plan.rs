//! Some packages of the committed plan: what was named is whole, and nothing behind it is rehearsed.

use crate::rig::Running;

#[test]
fn the_first_package_is_rehearsed_and_one_json_object_says_so() {
    let ended = Running::start(&["rehearse", "--postgres", "local", "--format", "json", "PKG-A"]).end();
    let json = ended.json();
    assert_eq!(json["format_version"], 1);
    for key in [
        "verdict",
        "postgres",
        "counts",
        "packages",
        "rollback",
        "negatives",
        "attacks",
        "elapsed_ms",
        "worlds",
    ] {
        assert!(!json[key].is_null(), "`{key}` is absent");
    }
    let rollback = &json["rollback"];
    assert_eq!(
        rollback["before"], rollback["after_rollback"],
        "{}",
        rollback["residue"]
    );
    assert_ne!(rollback["before"], rollback["after_apply"]);
    assert_eq!(rollback["xid_status"], "aborted");
    // Nobody asked for it.
    assert_eq!(json["committed"]["verdict"], "not_measured");
    assert_eq!(json["committed"]["xid_status"], "not_measured");
    assert_eq!(json["ways_back"][0]["kind"], "draft");
    assert_eq!(json["ways_back"][0]["verdict"], "pass", "{}", json["findings"]);
    assert!(
        ended.stderr.is_empty(),
        "progress off a terminal: {}",
        ended.stderr
    );
    let pass = json["verdict"] == "pass";
    assert_eq!(ended.code, Some(i32::from(!pass)));
}

#[test]
fn what_comes_behind_a_named_package_is_not_rehearsed() {
    let ended = Running::start(&[
        "rehearse",
        "--postgres",
        "local",
        "--servers",
        "2",
        "--format",
        "json",
        "PKG-C",
    ])
    .end();
    let json = ended.json();
    assert_eq!(json["verdict"], "pass", "{}", json["findings"]);
    let verdicts: Vec<(&str, &str)> = json["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["id"].as_str().unwrap(), one["verdict"].as_str().unwrap()))
        .collect();
    let expected = |id: &str| if id < "PKG-D" { "pass" } else { "not_measured" };
    assert_eq!(verdicts.len(), 9);
    for (id, verdict) in verdicts {
        assert_eq!(verdict, expected(id), "{id}");
    }
    assert_eq!(json["packet_outcomes"].as_array().map_or(0, Vec::len), 0);
    let runs = json["guards"]["runs"].as_array().unwrap();
    assert!(runs.iter().all(|run| run["step"].as_str().unwrap() <= "S12"));
    // What was asked for is whole, whichever server had it.
    let committed = rehearsal::load(&super::tidy::root()).unwrap();
    let count = |key: &str, of: &str| usize::try_from(json[key][of].as_u64().unwrap()).unwrap();
    let tests = committed
        .negatives
        .iter()
        .flat_map(rehearsal::NegativeSpec::tests)
        .count();
    assert_eq!(count("negatives", "sole_cause"), tests);
    let attacks: usize = committed.attacks.iter().map(|file| file.attack.len()).sum();
    assert_eq!(count("attacks", "repelled"), attacks);
    let manifest = usize::try_from(json["mutants"]["manifest"]["total"].as_u64().unwrap()).unwrap();
    assert_eq!(manifest, committed.mutants.len());
    let cut = committed.up_to(&["PKG-C".to_owned()]);
    let faults: usize = cut.guard_cases.values().map(|file| file.fault.len()).sum();
    assert_eq!(json["mutants"]["guards"]["killed"], faults);
    assert!(faults > 100, "{faults}");
    assert_eq!(ended.code, Some(0));
}

#[test]
fn a_plan_that_is_cut_off_keeps_a_cell_for_each_fault() {
    let whole = || rehearsal::load(&super::tidy::root()).unwrap();
    let everything = whole();
    let of_states = everything.states.iter().map(|state| state.state.guard.len());
    let all = everything.plan.guard.len() + of_states.sum::<usize>();
    let untouched = whole().up_to(&[]);
    assert_eq!(untouched.states.len(), everything.states.len());
    assert_eq!(untouched.packets.len(), everything.packets.len());
    for package in ["PKG-A", "PKG-B", "PKG-C"] {
        let cut = whole().up_to(&[package.to_owned()]);
        assert!(cut.packets.is_empty() && cut.creation.is_none() && cut.bypass.is_none());
        assert!(!cut.unasked.contains(&package.to_owned()));
        let behind = ["PKG-A", "PKG-B", "PKG-C", "PKG-D", "PKG-I"].map(str::to_owned);
        let behind = behind.iter().filter(|id| id.as_str() > package);
        assert!(
            behind.clone().all(|id| cut.unasked.contains(id)),
            "{package}: {:?}",
            cut.unasked
        );
        let in_packages = cut.plan.guard.iter().map(|cell| (&cell.id, &cell.step));
        let in_states = cut.states.iter().flat_map(|state| {
            let cells = state.state.guard.iter();
            cells.map(|cell| (&cell.id, &state.state.step))
        });
        let cells: Vec<_> = in_packages.chain(in_states).collect();
        for (guard, cases) in &cut.guard_cases {
            for fault in &cases.fault {
                assert!(
                    cells.contains(&(guard, &fault.step)),
                    "{package}: {guard} {}",
                    fault.step
                );
            }
        }
        assert!(cells.len() < all, "{package}: {} of {all}", cells.len());
    }
}
