//! Two inputs with one digest are one input, within a contract and across all of them.
//!
//! Not for: the server's half (`server`, and the attacks of a rehearsal). The one fact to know: texts are drawn from a
//! few that hold the encoding's own marks, so that an encoding which is not injective collides within a few thousand
//! draws; plain concatenation of the same parts is shown to.

use crate::server::{draw, runner};
use canonical::{AclItem, ItemDigest, ItemLine, ObjectClass, Routine, Scope, Uuid, Value};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestRunner;
use std::collections::HashMap;

const DRAWS: usize = 6_000;
const CONTRACTS: [&str; 8] = [
    "H01",
    "H02",
    "H03",
    "H04",
    "H05",
    "H06 routine",
    "H06 view",
    "H07",
];

/// Letters that may move over a boundary, what is nothing, and the marks themselves.
fn text() -> impl Strategy<Value = String> {
    select(vec![
        "", "a", "ab", "b", "1", "12", "2", "null", "true", "\"", "\\", ",", "\",\"", "\"],[\"", "]",
    ])
    .prop_map(str::to_owned)
}

fn number() -> impl Strategy<Value = i32> {
    select(vec![1, 2, 12, 112])
}

fn digest() -> impl Strategy<Value = [u8; 32]> {
    select(vec![[0x11; 32], [0x1a; 32], [0xa1; 32]])
}

/// An input, what it encodes to, and its parts behind each other.
struct Tried {
    input: String,
    encoded: String,
    joined: String,
}

fn tried(contract: &str, runner: &mut TestRunner) -> Tried {
    match contract {
        "H01" => h01(runner),
        "H02" => h02(runner),
        "H03" => h03(runner),
        "H04" => h04(runner),
        "H05" => h05(runner),
        "H06 routine" => h06(runner),
        "H06 view" => {
            let (major, definition) = draw(&(select(vec![1, 11, 12]), text()), runner);
            Tried {
                input: format!("{major} {definition:?}"),
                encoded: canonical::h06_view_preimage(major, &definition).unwrap(),
                joined: format!("{major}{definition}"),
            }
        }
        _ => h07(runner),
    }
}

/// A column of each kind; a column has one kind, so the kind is no part of the input.
fn h01(runner: &mut TestRunner) -> Tried {
    let some = |value: BoxedStrategy<Value>| prop_oneof![1 => Just(Value::Null), 3 => value].boxed();
    let texts = || some(text().prop_map(Value::Text).boxed());
    let kinds = [
        texts(),
        texts(),
        some(number().prop_map(|number| Value::Integer(number.into())).boxed()),
        some(any::<bool>().prop_map(Value::Bool).boxed()),
        some(
            select(vec![vec![], vec![0x1a], vec![0x1a, 0x11]])
                .prop_map(Value::Bytes)
                .boxed(),
        ),
        some(
            prop::collection::vec(prop::option::of(text()), 0..3)
                .prop_map(Value::TextArray)
                .boxed(),
        ),
    ];
    let names = ["a", "b", "n", "flag", "digest", "list"];
    let row: Vec<(&str, Value)> = names
        .into_iter()
        .zip(kinds.iter().map(|kind| draw(kind, runner)))
        .collect();
    let surface = draw(&number(), runner);
    let joined = row.iter().map(|(_, value)| match value {
        Value::Null => String::new(),
        Value::Text(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        other => format!("{other:?}"),
    });
    Tried {
        input: format!("{surface} {row:?}"),
        encoded: canonical::h01_preimage(surface, &row).unwrap(),
        joined: format!("{surface}{}", joined.collect::<String>()),
    }
}

fn h02(runner: &mut TestRunner) -> Tried {
    let lines = prop::collection::btree_map(number(), (text(), digest()), 0..3);
    let lines: Vec<(i32, (String, [u8; 32]))> = draw(&lines, runner).into_iter().collect();
    let given = lines.iter().map(|(ordinal, (item_key, digest))| ItemLine {
        ordinal: *ordinal,
        item_key,
        digest: ItemDigest::from_bytes(*digest),
    });
    let joined = lines
        .iter()
        .map(|(ordinal, (key, digest))| format!("{ordinal}{key}{}", digest[0]));
    Tried {
        encoded: canonical::h02_preimage(&given.collect::<Vec<_>>()).unwrap(),
        joined: joined.collect(),
        input: format!("{lines:?}"),
    }
}

fn h03(runner: &mut TestRunner) -> Tried {
    let numbers = draw(&(number(), number(), number()), runner);
    let (payload, expected) = draw(&(digest(), digest()), runner);
    let payload = canonical::h02(&[ItemLine {
        ordinal: 1,
        item_key: "k",
        digest: ItemDigest::from_bytes(payload),
    }])
    .unwrap();
    let expected = canonical::h05(&[format!("{expected:?}")]).unwrap();
    Tried {
        input: format!("{numbers:?} {payload} {expected}"),
        encoded: canonical::h03_preimage(numbers.0, numbers.1, numbers.2, payload, expected).unwrap(),
        joined: format!("{}{}{}{payload}{expected}", numbers.0, numbers.1, numbers.2),
    }
}

fn h04(runner: &mut TestRunner) -> Tried {
    let (slot, principal_id, decision) = draw(&(text(), text(), text()), runner);
    let scope = Scope {
        manifest_id: Uuid::from_bytes(draw(&select(vec![[1; 16], [2; 16]]), runner)),
        surface_no: draw(&number(), runner),
        payload: draw(&digest(), runner),
        slot: &slot,
        principal_id: &principal_id,
        evidence: draw(&digest(), runner),
        control_epoch: draw(&number(), runner).into(),
        decision: &decision,
    };
    Tried {
        input: format!("{scope:?}"),
        encoded: canonical::h04_preimage(&scope).unwrap(),
        joined: format!(
            "{}{}{:?}{slot}{principal_id}{:?}{}{decision}",
            scope.manifest_id, scope.surface_no, scope.payload, scope.evidence, scope.control_epoch
        ),
    }
}

fn h05(runner: &mut TestRunner) -> Tried {
    let set: Vec<String> = draw(&prop::collection::btree_set(text(), 0..4), runner)
        .into_iter()
        .collect();
    Tried {
        input: format!("{set:?}"),
        encoded: canonical::h05_preimage(&set).unwrap(),
        joined: set.concat(),
    }
}

fn h06(runner: &mut TestRunner) -> Tried {
    let (language, arguments, result, body) =
        draw(&(text(), text(), prop::option::of(text()), text()), runner);
    let config = prop::option::of(prop::collection::vec(text(), 0..3));
    let (config, binary) = draw(&(config, prop::option::of(text())), runner);
    let letters = |letters: &[char]| select(letters.to_vec());
    let routine = Routine {
        language,
        kind: draw(&letters(&['f', 'p']), runner),
        arguments,
        result,
        security_definer: draw(&any::<bool>(), runner),
        volatility: draw(&letters(&['i', 's']), runner),
        strict: draw(&any::<bool>(), runner),
        leakproof: draw(&any::<bool>(), runner),
        parallel: draw(&letters(&['s', 'u']), runner),
        config,
        binary,
        body,
    };
    let nothing = String::new;
    Tried {
        input: format!("{routine:?}"),
        encoded: canonical::h06_routine_preimage(&routine).unwrap(),
        joined: format!(
            "{}{}{}{}",
            routine.language,
            routine.arguments,
            routine.result.clone().unwrap_or_else(nothing),
            routine.body
        ),
    }
}

fn h07(runner: &mut TestRunner) -> Tried {
    let classes = [
        ObjectClass::Relation,
        ObjectClass::Routine,
        ObjectClass::Schema,
        ObjectClass::Type,
        ObjectClass::Database,
    ];
    let class = draw(&select(classes.to_vec()), runner);
    let item = (text(), text(), text(), prop::option::of(text()), any::<bool>());
    let item = item.prop_map(|(grantee, grantor, privilege, column, grantable)| AclItem {
        grantee,
        grantor,
        privilege,
        column,
        grantable,
    });
    let items: Vec<AclItem> = draw(&prop::collection::btree_set(item, 0..3), runner)
        .into_iter()
        .collect();
    let owner = draw(&text(), runner);
    let joined = items
        .iter()
        .map(|item| format!("{}{}{}", item.grantee, item.grantor, item.privilege));
    Tried {
        input: format!("{class} {owner:?} {items:?}"),
        encoded: canonical::h07_preimage(class, &owner, &items).unwrap(),
        joined: format!("{owner}{}", joined.collect::<String>()),
    }
}

#[test]
fn inputs_with_one_preimage_are_one_input_of_one_contract() {
    let mut runner = runner();
    let mut known: HashMap<String, String> = HashMap::new();
    for contract in CONTRACTS {
        let mut joined: HashMap<String, String> = HashMap::new();
        let (mut inputs, mut naive) = (0, 0);
        for _ in 0..DRAWS {
            let one = tried(contract, &mut runner);
            let input = format!("{contract} {}", one.input);
            match known.get(&one.encoded) {
                Some(before) => assert_eq!(*before, input, "both encode to {}", one.encoded),
                None => inputs += 1,
            }
            known.insert(one.encoded, input.clone());
            naive += usize::from(
                joined
                    .insert(one.joined, input.clone())
                    .is_some_and(|before| before != input),
            );
        }
        // The draws hold what an encoding without marks can't tell, or nothing was looked for.
        assert!(
            inputs > 30 && naive > 0,
            "{contract}: {inputs} inputs, {naive} collide when joined"
        );
    }
}
