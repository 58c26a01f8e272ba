//! Each surface is shown touched by the one observation that it is seen by.

use crate::{TINY, forged, refused};
use footprint::{Act, Footprint, Place, Sent, Touched, Whose};
use lane::{Given, Observed, Pin, observe, prove};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

fn sound() -> Footprint {
    Footprint {
        counted: true,
        connections: BTreeMap::from([(Whose::Made, 5)]),
        statements: BTreeMap::from([(
            Whose::Made,
            Sent {
                statements: 9,
                naming: BTreeMap::from([("rows".to_owned(), 4)]),
            },
        )]),
        network: BTreeMap::from([("container engine".to_owned(), 1)]),
        files: BTreeSet::from([
            touched(Act::Written, "/out/packet/a"),
            touched(Act::Removed, "/own/x"),
        ]),
        own: BTreeSet::from([Place("/own".into())]),
        ..Footprint::default()
    }
}

fn touched(act: Act, path: &str) -> Touched {
    Touched {
        act,
        path: path.into(),
    }
}

fn seen(change: impl FnOnce(&mut Footprint)) -> Observed {
    let mut footprint = sound();
    change(&mut footprint);
    let documents = BTreeMap::from([("a.json".to_owned(), b"nothing\n".to_vec())]);
    observe(
        &TINY,
        &Given {
            footprint: &footprint,
            root: Path::new("/repo"),
            packet: Path::new("/out/packet"),
            documents: &documents,
            credential: &|text| text.contains("hunter2"),
            pins: &[],
            asks: &[],
        },
    )
}

/// Surfaces that are shown touched.
fn touched_by(observed: Observed) -> Vec<String> {
    let proof = prove(&TINY, observed);
    let touched: Vec<String> = proof
        .surfaces
        .into_iter()
        .filter(|surface| surface.status == "TOUCHED")
        .map(|surface| surface.id)
        .collect();
    assert_eq!(proof.any_forbidden_surface_attempted, !touched.is_empty());
    touched
}

fn foreign(footprint: &mut Footprint, statements: u64, word: Option<&str>) {
    let naming = word.map(|word| (word.to_owned(), 1)).into_iter().collect();
    footprint
        .statements
        .insert(Whose::Live, Sent { statements, naming });
}

#[test]
fn what_a_lane_does_touches_nothing() {
    let observed = seen(|_| ());
    assert_eq!((observed.written.len(), observed.removed.len()), (0, 0));
    let proof = prove(&TINY, observed);
    let statuses: Vec<&str> = proof
        .surfaces
        .iter()
        .map(|surface| surface.status.as_str())
        .collect();
    assert_eq!(statuses, [&["UNTOUCHED"; 7][..], &["NOT_REQUESTED"]].concat());
    assert!(proof.surfaces.iter().all(|surface| !surface.shown_by.is_empty()));
}

#[test]
fn each_surface_is_touched_by_its_own_observation() {
    let connected = seen(|found| {
        found.connections.insert(Whose::Unknown, 1);
    });
    assert_eq!(touched_by(connected), ["SERVER", "NETWORK"]);
    assert_eq!(touched_by(seen(|found| foreign(found, 1, None))), ["SERVER"]);
    assert_eq!(
        touched_by(seen(|found| foreign(found, 1, Some("more")))),
        ["SERVER", "ROWS"]
    );
    assert_eq!(
        touched_by(seen(|found| foreign(found, 1, Some("switch_on")))),
        ["SERVER", "SWITCH"]
    );
    assert_eq!(
        touched_by(seen(|found| {
            found.network.insert("web".to_owned(), 1);
        })),
        ["NETWORK"]
    );
    let wrote = |act, path| {
        seen(move |found| {
            found.files.insert(touched(act, path));
        })
    };
    assert_eq!(
        touched_by(wrote(Act::Written, "/repo/.ci/run")),
        ["PIPELINES", "PINS"]
    );
    assert_eq!(touched_by(wrote(Act::Written, "/repo/.cirrus")), ["PINS"]);
    assert_eq!(touched_by(wrote(Act::Removed, "/repo/a")), ["REMOVAL", "PINS"]);
    let mut observed = seen(|_| ());
    observed.credentials.push("a.json".to_owned());
    assert_eq!(touched_by(observed), ["SECRETS"]);
    let mut observed = seen(|_| ());
    observed.asked.push("SWITCH".to_owned());
    assert_eq!(touched_by(observed), ["SWITCH"]);
    let mut observed = seen(|_| ());
    observed.pins_changed.push("a".to_owned());
    assert_eq!(touched_by(observed), ["PINS"]);
}

#[test]
fn a_record_of_nothing_shows_nothing() {
    let all = ["SERVER", "NETWORK", "ROWS", "SWITCH"];
    assert_eq!(touched_by(seen(|found| found.counted = false)), all);
    assert_eq!(touched_by(seen(|found| found.statements.clear())), all);
    assert_eq!(touched_by(seen(|found| found.connections.clear())), all);
    let mut observed = seen(|_| ());
    observed.foreign_statements_naming.remove("switch_on");
    assert_eq!(
        touched_by(observed),
        ["SWITCH"],
        "a word that nobody counted is not 0"
    );
}

#[test]
fn a_path_of_this_machine_stays_out_of_the_packet() {
    let observed = seen(|found| {
        found
            .files
            .insert(touched(Act::Written, "/var/somebody/secret-place/a"));
    });
    assert_eq!(observed.written, ["(outside the checkout) a"]);
}

#[test]
fn documents_and_pins_are_looked_at() {
    let documents = BTreeMap::from([("a.json".to_owned(), b"x\nhunter2\n".to_vec())]);
    let pin = Pin {
        path: "p".to_owned(),
        pinned: "1".to_owned(),
        before: "1".to_owned(),
        after: "2".to_owned(),
    };
    let observed = observe(
        &TINY,
        &Given {
            footprint: &sound(),
            root: Path::new("/repo"),
            packet: Path::new("/out/packet"),
            documents: &documents,
            credential: &|text| text.contains("hunter2"),
            pins: &[pin],
            asks: &["SWITCH".to_owned()],
        },
    );
    assert_eq!(touched_by(observed), ["SECRETS", "PINS", "SWITCH"]);
}

#[test]
fn a_pass_while_a_surface_was_touched_is_refused_by_its_name() {
    let touched =
        |change: fn(&mut Observed)| refused(&forged(|documents| change(&mut documents.proof.observed)));
    assert_eq!(
        touched(|observed| observed.foreign_connections = 1),
        [
            "PASS_WHILE_FORBIDDEN_SURFACE:SERVER",
            "PASS_WHILE_FORBIDDEN_SURFACE:NETWORK"
        ]
    );
    assert_eq!(
        touched(|observed| observed.removed.push("a".to_owned())),
        [
            "PASS_WHILE_FORBIDDEN_SURFACE:REMOVAL",
            "PASS_WHILE_FORBIDDEN_SURFACE:PINS"
        ]
    );
    // An honest proof of it, and a lane that says it passed all the same.
    let honest = forged(|documents| {
        documents.proof.observed.foreign_connections = 1;
        documents.proof = prove(&TINY, documents.proof.observed.clone());
    });
    assert!(refused(&honest).contains(&"PASS_WHILE_FORBIDDEN_SURFACE:SERVER".to_owned()));
    let unnamed = forged(|documents| drop(documents.proof.surfaces.pop()));
    assert_eq!(refused(&unnamed), ["PASS_WHILE_FORBIDDEN_SURFACE:SWITCH"]);
    let said = forged(|documents| documents.proof.any_forbidden_surface_attempted = true);
    assert_eq!(
        refused(&said),
        ["PASS_WHILE_FORBIDDEN_SURFACE:forbidden-surface-proof.json"]
    );
}
