//! What can't be authored, and what stops `author` until a person approves it.
//!
//! For: each kind of bad definition with the error that names file and item; locks, drift, determinism;
//! and that the server prints every definition in the words of the manifest [ruling B2]. The fact to know:
//! bad definitions are FIX7 with one thing changed, so that everything else is known to be sound.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use authoring::files::{self, Drift};
use authoring::{
    Approvals, AuthorError, Decisions, Files, LiveFacts, Sources, approve, author, locks, surface_rows,
};
use capture::Capture;
use fix7_manifest::{FIX7, estate};
use manifest_model::{
    Constraint, ControlPlane, Item, Language, RowSource, Surface, V, check as check_rule, foreign_key,
    reject, unique,
};
use tempfile::TempDir;

use crate::plane::{Plane, Stage, root};

/// The committed capture, read once for all tests.
pub(crate) static LIVE: LazyLock<LiveFacts> = LazyLock::new(|| {
    let capture = Capture::load(&root().join("rehearsal/captures/reference")).unwrap();
    let decisions = Decisions::load(&root(), &["p_owner"]).unwrap();
    LiveFacts::from_capture(&capture).unwrap().decided(&decisions)
});

/// What FIX7 is authored to, once for all tests.
static AUTHORED: LazyLock<Files> = LazyLock::new(|| author(&sources(&FIX7, Some(&LIVE)), &root()).unwrap());

pub(crate) fn sources<'a>(plane: &'a ControlPlane, live: Option<&'a LiveFacts>) -> Sources<'a> {
    Sources {
        plane,
        estate: &estate::ESTATE,
        do_not_touch: estate::DO_NOT_TOUCH,
        do_not_open: &[estate::repoint::PERMIT.0],
        live_writer: estate::repoint::LIVE_WRITER,
        repointed: estate::repoint::REPOINTED,
        stub_body: estate::repoint::STUB_BODY,
        creation: Some(fix7_manifest::packets::CREATION),
        packets: fix7_manifest::packets::PACKETS,
        window: fix7_manifest::packets::WINDOW,
        namespaces: fix7_manifest::packages::SIGNING_NAMESPACES,
        reserved: Some(&fix7_manifest::lane::LANE.reserved),
        live,
    }
}

fn kept<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

/// FIX7 with this surface changed.
fn with_surface(table: &str, change: impl FnOnce(&mut Surface)) -> ControlPlane {
    let mut changed = *FIX7.surface_of_table(table).unwrap();
    change(&mut changed);
    let changed = kept(changed);
    let surfaces: Vec<&'static Surface> = FIX7
        .surfaces
        .iter()
        .map(|surface| if surface.table == table { changed } else { *surface })
        .collect();
    ControlPlane {
        surfaces: surfaces.leak(),
        ..FIX7
    }
}

fn with_constraint(table: &str, constraint: Constraint) -> ControlPlane {
    with_surface(table, |surface| {
        surface.constraints = [surface.constraints, &[constraint]].concat().leak();
    })
}

fn with_values(table: &str, values: &'static [V]) -> ControlPlane {
    with_surface(table, |surface| {
        let RowSource::Listed(items) = surface.rows else {
            panic!("the rows of {table} are derived");
        };
        let mut items: Vec<Item> = items.to_vec();
        items[0].values = values;
        surface.rows = RowSource::Listed(items.leak());
    })
}

/// Authoring refuses, names this file and this item, and says this; and it says nothing else.
#[track_caller]
fn check(plane: &ControlPlane, file: &str, item: &str, what: &str) {
    let error = author(&sources(plane, None), &root()).unwrap_err();
    let AuthorError::Invalid(problems) = &error else {
        panic!("expected an invalid definition, found {error}");
    };
    let found = problems
        .iter()
        .any(|problem| problem.source.ends_with(file) && problem.item == item && problem.what.contains(what));
    assert!(found, "expected {file}, {item}, {what}; found {error}");
    assert_eq!(problems.len(), 1, "{error}");
    assert!(error.to_string().contains(file) && error.to_string().contains(item));
}

const QUORUM: &str = "quorum_manifest";
const QUORUM_FILE: &str = "s16_quorum_manifest.rs";
const SEVEN: &[manifest_model::Reject] = &[reject("seven", "humans_min", "7")];

#[test]
fn foreign_key_to_an_unknown_table_is_not_authored() {
    let constraint = foreign_key("quorum_manifest_nowhere_fk", &["manifest_id"], "nowhere", &["id"]);
    check(
        &with_constraint(QUORUM, constraint),
        QUORUM_FILE,
        "quorum_manifest.quorum_manifest_nowhere_fk",
        "`nowhere`",
    );
}

#[test]
fn foreign_key_to_what_is_no_key_is_not_authored() {
    let constraint = foreign_key(
        "quorum_manifest_loose_fk",
        &["manifest_id"],
        "manifest_envelope",
        &["version"],
    );
    check(
        &with_constraint(QUORUM, constraint),
        QUORUM_FILE,
        "quorum_manifest.quorum_manifest_loose_fk",
        "no key",
    );
}

#[test]
fn name_of_64_bytes_is_not_authored_and_one_of_63_is_valid() {
    for (length, is_bad) in [(63, false), (64, true)] {
        let name: &'static str = Box::leak("q".repeat(length).into_boxed_str());
        let plane = with_constraint(QUORUM, check_rule(name, "(humans_min <> 7)", SEVEN));
        if is_bad {
            check(
                &plane,
                QUORUM_FILE,
                &format!("quorum_manifest.{name}"),
                "63 bytes",
            );
        } else {
            assert_eq!(manifest_model::validate::problems(&plane), []);
        }
    }
}

#[test]
fn constraint_without_a_name_is_not_authored() {
    let plane = with_constraint(QUORUM, check_rule("", "(humans_min <> 7)", SEVEN));
    check(&plane, QUORUM_FILE, "quorum_manifest.", "expected a name");
}

#[test]
fn check_without_a_negative_test_is_not_authored() {
    let plane = with_constraint(
        QUORUM,
        check_rule("quorum_manifest_bare_check", "(humans_min <> 7)", &[]),
    );
    check(
        &plane,
        QUORUM_FILE,
        "quorum_manifest.quorum_manifest_bare_check",
        "negative test",
    );
}

#[test]
fn unique_that_contains_a_key_is_not_authored() {
    let plane = with_constraint(
        QUORUM,
        unique("quorum_manifest_wide_key", &["manifest_id", "ordinal", "slot"]),
    );
    check(
        &plane,
        QUORUM_FILE,
        "quorum_manifest.quorum_manifest_wide_key",
        "implied by `quorum_manifest_pk`",
    );
}

#[test]
fn check_beside_not_null_is_not_authored() {
    let rule = check_rule("quorum_manifest_there_check", "(humans_min IS NOT NULL)", SEVEN);
    check(
        &with_constraint(QUORUM, rule),
        QUORUM_FILE,
        "quorum_manifest.quorum_manifest_there_check",
        "implied by NOT NULL",
    );
}

#[test]
fn part_of_a_check_that_no_value_shows_is_not_authored() {
    for (expression, rejects, what) in [
        (
            "((humans_min < 7) OR (slot IS NOT NULL))",
            SEVEN,
            "lets pass what it must reject: `seven`",
        ),
        (
            "((humans_min <> 7) AND (humans_min <= 90))",
            SEVEN,
            "conjunct (humans_min <= 90) left out",
        ),
        (
            "(humans_min <= 90)",
            const { &[reject("a hundred", "humans_min", "100")] },
            "humans_min <= 90 becomes humans_min <= 91",
        ),
        (
            "(humans_min % 7 > 0)",
            SEVEN,
            "in no form of which each part can be tried",
        ),
    ] {
        let rule = check_rule("quorum_manifest_part_check", expression, rejects);
        let problems = manifest_model::validate::problems(&with_constraint(QUORUM, rule));
        let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
        let named = |text: &String| {
            text.contains(QUORUM_FILE)
                && text.contains("`quorum_manifest.quorum_manifest_part_check`")
                && text.contains(what)
        };
        assert!(said.iter().any(named), "{what}: {said:#?}");
    }
}

#[test]
fn last_good_value_and_first_bad_one_are_enough_for_a_bound() {
    let rejects = const { &[reject("too many", "humans_min", "91")] };
    let rule = check_rule("quorum_manifest_part_check", "(humans_min <= 90)", rejects);
    let plane = with_constraint(QUORUM, rule);
    assert_eq!(manifest_model::validate::problems(&plane), []);
    let table = plane.surface_of_table(QUORUM).unwrap().definition();
    let proof = manifest_model::check_proof::prove(&table);
    let bound = proof
        .accepted
        .iter()
        .find(|row| row.set == [("humans_min", "90".to_owned())]);
    assert!(bound.is_some(), "{:?}", proof.accepted);
}

/// A member that is dropped, a disjunct, a bound, and NULL of a column that may be NULL: each has its row.
#[test]
fn each_part_of_each_check_is_shown_by_a_row() {
    let mut told = 0;
    for table in FIX7.table_definitions() {
        let proof = manifest_model::check_proof::prove(&table);
        assert_eq!(proof.missing, [], "{}", table.name);
        told += proof.told.len();
        for constraint in &table.constraints {
            let manifest_model::Rule::Check { expression, .. } = constraint.rule else {
                continue;
            };
            let condition = manifest_model::condition::parse(expression).unwrap();
            assert_eq!(condition.to_string(), expression);
            let members = expression.matches("::text,").count();
            let of_it = proof
                .told
                .iter()
                .filter(|told| told.constraint == constraint.name);
            assert!(of_it.count() >= members, "{expression}");
        }
    }
    assert!(told > 200, "{told}");
}

/// Plain and with the cast that the server prints for a domain.
#[test]
fn list_beside_a_foreign_key_is_not_authored() {
    for expression in [
        "(principal_id = ANY (ARRAY['p_author'::text]))",
        "((principal_id)::text = ANY (ARRAY['p_author'::text]))",
    ] {
        let rule = check_rule(
            "slot_binding_manifest_listed_check",
            expression,
            const { &[reject("another", "principal_id", "'x'")] },
        );
        check(
            &with_constraint("slot_binding_manifest", rule),
            "s03_slot_binding_manifest.rs",
            "slot_binding_manifest.slot_binding_manifest_listed_check",
            "foreign key already bounds",
        );
    }
}

#[test]
fn undecided_value_is_not_authored() {
    let values = &[
        V::T("activation"),
        V::T("reviewer"),
        V::UnknownRequiresReview("how many?"),
    ];
    check(
        &with_values(QUORUM, values),
        QUORUM_FILE,
        "quorum_manifest[activation.reviewer].humans_min",
        "UNKNOWN_REQUIRES_REVIEW: how many?",
    );
}

#[test]
fn undecided_texts_and_rows_are_not_authored() {
    check(
        &with_surface(QUORUM, |surface| {
            surface.doc = "UNKNOWN_REQUIRES_REVIEW: what do its rows say?";
        }),
        QUORUM_FILE,
        "quorum_manifest",
        "UNKNOWN_REQUIRES_REVIEW: what do its rows say?",
    );
    let open = kept([Item {
        key: "UNKNOWN_REQUIRES_REVIEW",
        refusal: "QUORUM_NOT_MET",
        values: &[V::T("activation"), V::T("reviewer"), V::I(1)],
    }]);
    check(
        &with_surface(QUORUM, |surface| surface.rows = RowSource::Listed(open)),
        QUORUM_FILE,
        "quorum_manifest[UNKNOWN_REQUIRES_REVIEW]",
        "UNKNOWN_REQUIRES_REVIEW: what is it?",
    );
    let mut columns = FIX7.surface_of_table(QUORUM).unwrap().columns.to_vec();
    columns[0].doc = "UNKNOWN_REQUIRES_REVIEW: what does it say?";
    let columns = kept(columns);
    check(
        &with_surface(QUORUM, |surface| surface.columns = columns),
        QUORUM_FILE,
        "quorum_manifest.activation_scope",
        "UNKNOWN_REQUIRES_REVIEW: what does it say?",
    );
    // A word that only begins so is a word.
    assert_eq!(
        manifest_model::validate::undecided("UNKNOWN_REQUIRES_REVIEW public.x"),
        None
    );
}

#[test]
fn guard_that_is_undecided_or_due_nowhere_is_not_authored() {
    let with_guard = |change: fn(&mut manifest_model::GuardEntry)| {
        let mut guards = FIX7.guards.to_vec();
        change(&mut guards[0]);
        ControlPlane {
            guards: kept(guards),
            ..FIX7
        }
    };
    let open = "UNKNOWN_REQUIRES_REVIEW: why?";
    check(
        &with_guard(|guard| guard.why = "UNKNOWN_REQUIRES_REVIEW: why?"),
        "guards",
        FIX7.guards[0].id,
        open,
    );
    check(
        &with_guard(|guard| guard.invariant = "UNKNOWN_REQUIRES_REVIEW: why?"),
        "guards",
        FIX7.guards[0].id,
        open,
    );
    let nowhere = |guard: &mut manifest_model::GuardEntry| (guard.steps, guard.packages) = (&[], &[]);
    check(
        &with_guard(nowhere),
        "guards",
        FIX7.guards[0].id,
        "it would never be asked",
    );
}

#[test]
fn row_with_a_value_too_few_or_of_another_type_is_not_authored() {
    check(
        &with_values(QUORUM, &[V::T("activation"), V::T("reviewer")]),
        QUORUM_FILE,
        "quorum_manifest[activation.reviewer]",
        "expected 3 values, found 2",
    );
    check(
        &with_values(QUORUM, &[V::T("activation"), V::T("reviewer"), V::T("1")]),
        QUORUM_FILE,
        "quorum_manifest[activation.reviewer].humans_min",
        "expected a value of type",
    );
    check(
        &with_values(QUORUM, &[V::T("activation"), V::Null, V::I(1)]),
        QUORUM_FILE,
        "quorum_manifest[activation.reviewer].slot",
        "found NULL",
    );
}

#[test]
fn unknown_refusal_code_is_not_authored() {
    let plane = with_surface(QUORUM, |surface| {
        let RowSource::Listed(items) = surface.rows else {
            panic!()
        };
        let mut items: Vec<Item> = items.to_vec();
        items[0].refusal = "UNHEARD_OF";
        surface.rows = RowSource::Listed(items.leak());
    });
    check(
        &plane,
        QUORUM_FILE,
        "quorum_manifest[activation.reviewer]",
        "`UNHEARD_OF`",
    );
}

#[test]
fn two_surfaces_of_one_number_are_not_authored() {
    let plane = with_surface(QUORUM, |surface| surface.number = 15);
    let error = author(&sources(&plane, None), &root()).unwrap_err();
    let AuthorError::Invalid(problems) = &error else {
        panic!("{error}")
    };
    assert!(
        problems
            .iter()
            .any(|problem| problem.source.ends_with(QUORUM_FILE) && problem.item == QUORUM)
    );
    assert!(problems.iter().any(|problem| problem.item == "seal order"));
}

#[test]
fn routine_that_names_an_unknown_surface_is_not_authored() {
    let routines: Vec<_> = FIX7
        .routines
        .iter()
        .map(|routine| {
            if routine.name == "cp_seal" {
                kept(manifest_model::Routine {
                    body: "begin perform {surface:nowhere_manifest}; end;",
                    ..**routine
                })
            } else {
                *routine
            }
        })
        .collect();
    let plane = ControlPlane {
        routines: routines.leak(),
        ..FIX7
    };
    check(&plane, "cp_seal.sql", "cp_seal", "`nowhere_manifest`");
}

#[test]
fn nothing_is_authored_without_a_capture() {
    let error = author(&sources(&FIX7, None), &root()).unwrap_err();
    assert!(matches!(error, AuthorError::NoCapture), "{error}");
}

/// A repository with what authoring reads: locks, vectors, guards.
fn repository() -> TempDir {
    let folder = TempDir::new().unwrap();
    for path in ["migrations/design.lock", authoring::inputs::VECTORS.1] {
        copy(folder.path(), path);
    }
    for read in ["seeds/exact-set", "rehearsal/guards"] {
        for entry in fs::read_dir(root().join(read)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            copy(folder.path(), &format!("{read}/{name}"));
        }
    }
    folder
}

fn copy(to: &Path, path: &str) {
    fs::create_dir_all(to.join(path).parent().unwrap()).unwrap();
    fs::copy(root().join(path), to.join(path)).unwrap();
}

#[test]
fn committed_files_are_what_the_manifests_say_twice_over() {
    let once = &*AUTHORED;
    let again = author(&sources(&FIX7, Some(&LIVE)), &root()).unwrap();
    assert_eq!(*once, again);
    assert_eq!(files::check(once, &root()).unwrap(), vec![]);
    assert!(once.len() > 250, "looked at {} files", once.len());
}

#[test]
fn changed_definition_stops_until_it_is_approved() {
    let repository = repository();
    let plane = with_constraint(
        QUORUM,
        check_rule("quorum_manifest_seven_check", "(humans_min <> 7)", SEVEN),
    );
    let sources = sources(&plane, Some(&LIVE));
    let error = author(&sources, repository.path()).unwrap_err();
    let AuthorError::UnapprovedDesigns(changes) = &error else {
        panic!("{error}")
    };
    assert_eq!(changes.len(), 1, "{error}");
    let change = &changes[0];
    assert_eq!(change.object, "table quorum_manifest");
    assert!(change.source.ends_with(QUORUM_FILE));
    let (approved, found) = (change.approved.clone().unwrap(), change.found.clone().unwrap());
    assert_ne!(approved, found);
    assert!(error.to_string().contains(&approved) && error.to_string().contains(&found));

    let unknown = Approvals {
        designs: vec!["table nowhere".to_owned()],
        ..Approvals::default()
    };
    let refused = approve(&sources, repository.path(), &unknown).unwrap_err();
    assert!(
        matches!(refused, AuthorError::UnknownApproval { .. }),
        "{refused}"
    );
    let approvals = Approvals {
        designs: vec![change.object.clone()],
        ..Approvals::default()
    };
    let locks = approve(&sources, repository.path(), &approvals).unwrap();
    assert_eq!(
        locks.iter().map(|(path, _)| path).collect::<Vec<_>>(),
        ["migrations/design.lock"]
    );
    for (path, text) in locks.iter() {
        authoring::atomic_write(&repository.path().join(path), text).unwrap();
    }
    let scripts = sql_render::migrations(&plane);
    locks::require_approved_designs(&scripts, repository.path()).unwrap();
}

#[test]
fn changed_set_stops_until_it_is_accepted_and_names_the_keys() {
    let repository = repository();
    let plane = with_surface(QUORUM, |surface| {
        let RowSource::Listed(items) = surface.rows else {
            panic!()
        };
        let mut items: Vec<Item> = items.to_vec();
        items[0].key = "activation.renamed";
        surface.rows = RowSource::Listed(items.leak());
    });
    let sources = sources(&plane, Some(&LIVE));
    let error = author(&sources, repository.path()).unwrap_err();
    let AuthorError::UnacceptedSets(changes) = &error else {
        panic!("{error}")
    };
    assert_eq!(changes.len(), 1, "{error}");
    assert_eq!(changes[0].surface, QUORUM);
    assert_eq!(changes[0].added, ["activation.renamed"]);
    assert_eq!(changes[0].removed, ["activation.reviewer"]);
    let approvals = Approvals {
        sets: vec![QUORUM.to_owned()],
        ..Approvals::default()
    };
    for (path, text) in approve(&sources, repository.path(), &approvals).unwrap().iter() {
        assert_eq!(path, "seeds/exact-set/16_quorum_manifest.lock");
        authoring::atomic_write(&repository.path().join(path), text).unwrap();
    }
    let surfaces = surface_rows::all(&sources, &LIVE).unwrap();
    locks::require_accepted_sets(&surfaces, repository.path()).unwrap();
}

#[test]
fn drift_is_found_all_at_once_and_mended_by_a_write() {
    let repository = repository();
    let authored = &*AUTHORED;
    let touched = files::write(authored, repository.path()).unwrap();
    assert_eq!(touched.len(), authored.len());
    assert_eq!(files::check(authored, repository.path()).unwrap(), vec![]);

    let (stale, missing, orphaned) = (
        "migrations/05009_readiness_gate_manifest.up.sql",
        "migrations/05016_quorum_manifest.up.sql",
        "migrations/05099_planted.up.sql",
    );
    let text = fs::read_to_string(repository.path().join(stale)).unwrap();
    authoring::atomic_write(
        &repository.path().join(stale),
        &text.replacen("create table", "create  table", 1),
    )
    .unwrap();
    fs::remove_file(repository.path().join(missing)).unwrap();
    authoring::atomic_write(&repository.path().join(orphaned), "select 1;\n").unwrap();
    let drifts = files::check(authored, repository.path()).unwrap();
    assert_eq!(drifts.len(), 3, "{drifts:?}");
    for drift in &drifts {
        match drift {
            Drift::Stale { path, line, diff } => {
                assert_eq!(path, stale);
                assert!(*line > 1);
                assert!(
                    diff.contains("-create  table") && diff.contains("+create table"),
                    "{diff}"
                );
            }
            Drift::Missing { path } => assert_eq!(path, missing),
            Drift::Orphaned { path } => assert_eq!(path, orphaned),
        }
    }
    assert_eq!(files::write(authored, repository.path()).unwrap().len(), 3);
    assert_eq!(files::check(authored, repository.path()).unwrap(), vec![]);
}

#[tokio::test]
async fn server_prints_every_definition_in_the_words_of_the_manifest() {
    let mut plane = Plane::at(Stage::Draft).await;
    let expected: BTreeSet<String> = sql_render::expected::expected_facts(&FIX7)
        .into_iter()
        .map(|fact| {
            format!(
                "{}|{}|{}|{}",
                fact.kind, fact.relation, fact.name, fact.definition
            )
        })
        .collect();
    let realized: BTreeSet<String> = plane
        .texts("select concat_ws('|', object_kind, relation_name, object_name, definition) from qt001_cp.realized_constraint(null)")
        .await
        .into_iter()
        .collect();
    assert_eq!(
        expected.difference(&realized).collect::<Vec<_>>(),
        Vec::<&String>::new()
    );
    assert_eq!(
        realized.difference(&expected).collect::<Vec<_>>(),
        Vec::<&String>::new()
    );
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for fact in &expected {
        *kinds.entry(fact.split('|').next().unwrap()).or_default() += 1;
    }
    assert_eq!(
        kinds.keys().copied().collect::<Vec<_>>(),
        [
            "check",
            "column",
            "constraint",
            "default",
            "domain",
            "index",
            "not_null",
            "routine",
            "trigger"
        ]
    );
    assert!(expected.len() > 900, "compared {}", expected.len());

    let mut bodies = 0;
    for routine in FIX7.routines {
        let identity = sql_render::routine::identity(&FIX7, routine);
        let stored = match routine.language {
            Language::SqlAtomic => "pg_get_function_sqlbody(oid)",
            _ => "prosrc",
        };
        let live = plane
            .text(&format!(
                "select {stored} from pg_catalog.pg_proc where oid = '{identity}'::regprocedure"
            ))
            .await;
        assert_eq!(
            live,
            sql_render::routine::stored_body(&FIX7, routine),
            "{identity}"
        );
        bodies += usize::from(routine.language == Language::SqlAtomic);
    }
    assert_eq!(bodies, FIX7.adapters.len());
    plane.stop().await;
}
