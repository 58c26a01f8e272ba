//! The reasons to refuse: the list, the page and the mutants are one set.
//!
//! The one fact to know: a code without a mutant could be one that nothing ever gives.

use crate::{authorization, reaudit, sequence};
use operator_authorization::Code;
use std::collections::BTreeSet;

const PAGE: &str = include_str!("../../../../docs/authorization.md");

#[test]
fn every_code_has_a_mutant() {
    let shown: BTreeSet<Code> = authorization::mutants::MUTANTS
        .iter()
        .map(|(code, ..)| *code)
        .chain(reaudit::MUTANTS.iter().map(|(code, ..)| *code))
        .chain(sequence::MUTANTS.iter().map(|(code, ..)| *code))
        .collect();
    let all: BTreeSet<Code> = Code::ALL.iter().copied().collect();
    assert_eq!(shown, all);
    assert_eq!(all.len(), Code::ALL.len());
}

#[test]
fn the_page_lists_every_code_in_its_words() {
    let expected: Vec<String> = Code::ALL
        .iter()
        .map(|code| format!("| `{code}` | {} |", code.meaning()))
        .collect();
    let listed: Vec<&str> = PAGE
        .lines()
        .skip_while(|line| *line != "| code | means |")
        .skip(2)
        .take_while(|line| line.starts_with("| `"))
        .collect();
    assert_eq!(listed, expected, "\n{}", expected.join("\n"));
}

#[test]
fn names_are_those_of_programs() {
    let names: BTreeSet<&str> = Code::ALL.iter().map(|code| code.name()).collect();
    assert_eq!(names.len(), Code::ALL.len());
    for name in names {
        assert!(
            name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_'),
            "{name}"
        );
    }
}
