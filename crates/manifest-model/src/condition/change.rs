//! A condition with one part of it changed, wherever a part of its kind stands.
//!
//! Not for: deciding what notices a change. The one fact to know: nothing here is random or a list of somebody:
//! each conjunct, disjunct, member and bound yields its changes.

use super::{Condition, Op};

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// A stable name of it within its CHECK: `member_left_out.pass`.
    pub id: String,
    /// As a reviewer would say it.
    pub words: String,
    /// The changed condition.
    pub condition: Condition,
}

/// Every change of a condition. `outside` gives literals that a column must not hold, by which its lists are widened.
pub fn changes(condition: &Condition, outside: &dyn Fn(&str) -> Vec<String>) -> Vec<Change> {
    let mut found = at(condition, outside);
    // Two parts may change alike: the second is told apart by its number.
    let mut seen = std::collections::BTreeMap::new();
    for change in &mut found {
        let times = seen.entry(change.id.clone()).or_insert(0_u32);
        *times += 1;
        if *times > 1 {
            change.id = format!("{}.{times}", change.id);
        }
    }
    found
}

fn change(kind: &str, what: &str, words: String, condition: Condition) -> Change {
    let what: String = what
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    let what = what.trim_matches('_');
    Change {
        id: if what.is_empty() {
            kind.to_owned()
        } else {
            format!("{kind}.{what}")
        },
        words,
        condition,
    }
}

fn at(condition: &Condition, outside: &dyn Fn(&str) -> Vec<String>) -> Vec<Change> {
    let mut found = Vec::new();
    match condition {
        Condition::All(parts) => dropped("conjunct", parts, Condition::All, outside, &mut found),
        Condition::Any(parts) => dropped("disjunct", parts, Condition::Any, outside, &mut found),
        Condition::Not(inner) => found.extend(within(&at(inner, outside), |inner| {
            Condition::Not(Box::new(inner))
        })),
        Condition::Member(term, list) => members(term, list, outside, &mut found),
        Condition::Compare(left, op, right) => compared(left, *op, right, outside, &mut found),
        _ => {}
    }
    found
}

/// The changes of a part, each put back into the whole.
fn within(changes: &[Change], whole: impl Fn(Condition) -> Condition) -> Vec<Change> {
    let put = |change: &Change| Change {
        condition: whole(change.condition.clone()),
        ..change.clone()
    };
    changes.iter().map(put).collect()
}

fn dropped(
    kind: &str,
    parts: &[Condition],
    of: fn(Vec<Condition>) -> Condition,
    outside: &dyn Fn(&str) -> Vec<String>,
    found: &mut Vec<Change>,
) {
    for (at_part, part) in parts.iter().enumerate() {
        let mut rest = parts.to_vec();
        rest.remove(at_part);
        let rest = if rest.len() == 1 { rest.remove(0) } else { of(rest) };
        let words = format!("{kind} {part} left out");
        found.push(change(
            &format!("{kind}_left_out"),
            &(at_part + 1).to_string(),
            words,
            rest,
        ));
        found.extend(within(&at(part, outside), |part| {
            let mut parts = parts.to_vec();
            parts[at_part] = part;
            of(parts)
        }));
    }
}

fn members(
    term: &Condition,
    list: &[Condition],
    outside: &dyn Fn(&str) -> Vec<String>,
    found: &mut Vec<Change>,
) {
    let of = |list: Vec<Condition>| Condition::Member(Box::new(term.clone()), list);
    for member in list.iter().filter(|_| list.len() > 1) {
        let rest = list.iter().filter(|other| *other != member).cloned().collect();
        let name = member.uncast().to_string();
        let words = format!("member {name} left out");
        found.push(change("member_left_out", &name, words, of(rest)));
    }
    widened(term, list, outside, found);
}

/// A list longer by each value that the column must not hold.
fn widened(
    term: &Condition,
    list: &[Condition],
    outside: &dyn Fn(&str) -> Vec<String>,
    found: &mut Vec<Change>,
) {
    let Some(column) = term.column() else { return };
    for sql in outside(column) {
        let Some(more) = super::parse::parse_literal(&sql) else {
            continue;
        };
        if matches!(more, Condition::Null) || list.iter().any(|member| member.uncast() == more.uncast()) {
            continue;
        }
        let name = more.uncast().to_string();
        // As the others are written: with their cast.
        let more = match list.first() {
            Some(Condition::Cast(_, ty)) => Condition::Cast(Box::new(more.uncast().clone()), ty.clone()),
            _ => more,
        };
        let longer = list.iter().cloned().chain([more]).collect();
        found.push(change(
            "list_widened",
            &name,
            format!("widened by the member {name}"),
            Condition::Member(Box::new(term.clone()), longer),
        ));
    }
}

fn compared(
    left: &Condition,
    op: Op,
    right: &Condition,
    outside: &dyn Fn(&str) -> Vec<String>,
    found: &mut Vec<Change>,
) {
    if op == Op::Equal && (left.is_boolean() || right.is_boolean()) {
        return equivalence(left, right, outside, found);
    }
    let with = |op, right: Condition| Condition::Compare(Box::new(left.clone()), op, Box::new(right));
    let text = format!("{left} {} {right}", op.sign());
    let mut add = |kind: &str, op: Op, right: Condition| {
        let words = format!("{text} becomes {left} {} {right}", op.sign());
        found.push(change(kind, "", words, with(op, right)));
    };
    if let Condition::Call(name, columns) = left
        && name == "num_nonnulls"
    {
        return fewer_nonnulls(columns, op, right, found);
    }
    let number = match right {
        Condition::Number(number) => number.parse::<i64>().ok(),
        _ => None,
    };
    let moved = |by: i64| match number {
        Some(number) => Condition::Number((number + by).to_string()),
        None => Condition::Moved(Box::new(right.clone()), by),
    };
    let is_column = right.column().is_some();
    let is_text =
        matches!((left, right), (Condition::Cast(_, ty), _) | (_, Condition::Cast(_, ty)) if ty == "text");
    match op {
        Op::AtLeast | Op::AtMost if number.is_some() || (is_column && !is_text) => {
            let out = if op == Op::AtLeast { -1 } else { 1 };
            add("bound_loosened", op, moved(out));
            add("bound_tightened", op, moved(-out));
        }
        Op::More => add("bound_loosened", Op::AtLeast, right.clone()),
        Op::Less => add("bound_loosened", Op::AtMost, right.clone()),
        Op::Equal if left.column().is_some() && !is_column => {
            widened(left, std::slice::from_ref(right), outside, found);
        }
        Op::Equal if number.is_some() => {
            add("no_more_at_most", Op::AtLeast, right.clone());
            add("no_more_at_least", Op::AtMost, right.clone());
        }
        _ => {}
    }
}

/// `A = B` of two conditions is both or neither: each of the two left out, and each half of the demand.
fn equivalence(
    left: &Condition,
    right: &Condition,
    outside: &dyn Fn(&str) -> Vec<String>,
    found: &mut Vec<Change>,
) {
    let not = |one: &Condition| Condition::Not(Box::new(one.clone()));
    let (a, b) = (left.clone(), right.clone());
    let mut add = |kind: &str, words: String, condition| found.push(change(kind, "", words, condition));
    add(
        "neither_refused",
        format!("{left} = {right} demands both"),
        Condition::All(vec![a.clone(), b.clone()]),
    );
    add(
        "both_refused",
        format!("{left} = {right} demands neither"),
        Condition::All(vec![not(left), not(right)]),
    );
    add(
        "first_alone_accepted",
        format!("{left} = {right} lets the first stand alone"),
        Condition::Any(vec![a, not(right)]),
    );
    add(
        "second_alone_accepted",
        format!("{left} = {right} lets the second stand alone"),
        Condition::Any(vec![not(left), b]),
    );
    found.extend(within(&at(left, outside), |left| {
        Condition::Compare(Box::new(left), Op::Equal, Box::new(right.clone()))
    }));
    found.extend(within(&at(right, outside), |right| {
        Condition::Compare(Box::new(left.clone()), Op::Equal, Box::new(right))
    }));
}

fn fewer_nonnulls(columns: &[Condition], op: Op, right: &Condition, found: &mut Vec<Change>) {
    let all = Condition::Number(columns.len().to_string());
    if op != Op::Equal || *right != all || columns.len() < 2 {
        return;
    }
    for column in columns {
        let rest: Vec<Condition> = columns.iter().filter(|other| *other != column).cloned().collect();
        let number = Condition::Number(rest.len().to_string());
        found.push(change(
            "column_not_demanded",
            &column.to_string(),
            format!("{column} is no longer demanded"),
            Condition::Compare(
                Box::new(Condition::Call("num_nonnulls".to_owned(), rest)),
                op,
                Box::new(number),
            ),
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::changes;
    use crate::condition::parse;

    #[track_caller]
    fn check(condition: &str, expected: &[(&str, &str)]) {
        let outside = |column: &str| match column {
            "kind" => vec!["'C'".to_owned()],
            "no" => vec!["99".to_owned()],
            _ => Vec::new(),
        };
        let found: Vec<(String, String)> = changes(&parse(condition).unwrap(), &outside)
            .into_iter()
            .map(|change| (change.id, change.condition.to_string()))
            .collect();
        let found: Vec<(&str, &str)> = found
            .iter()
            .map(|(id, text)| (id.as_str(), text.as_str()))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_list_loses_each_member_and_gains_what_it_must_not_hold() {
        check(
            "(kind = ANY (ARRAY['A'::text, 'B'::text]))",
            &[
                ("member_left_out.A", "(kind = ANY (ARRAY['B'::text]))"),
                ("member_left_out.B", "(kind = ANY (ARRAY['A'::text]))"),
                (
                    "list_widened.C",
                    "(kind = ANY (ARRAY['A'::text, 'B'::text, 'C'::text]))",
                ),
            ],
        );
        check("(no = 9)", &[("list_widened.99", "(no = ANY (ARRAY[9, 99]))")]);
    }

    #[test]
    fn a_bound_moves_by_one_both_ways() {
        check(
            "(n >= 1)",
            &[("bound_loosened", "(n >= 0)"), ("bound_tightened", "(n >= 2)")],
        );
        check("(n > (0)::numeric)", &[("bound_loosened", "(n >= (0)::numeric)")]);
        check(
            "(n >= m)",
            &[
                ("bound_loosened", "(n >= (m - 1))"),
                ("bound_tightened", "(n >= (m + 1))"),
            ],
        );
        check(
            "(octet_length(VALUE) = 32)",
            &[
                ("no_more_at_most", "(octet_length(VALUE) >= 32)"),
                ("no_more_at_least", "(octet_length(VALUE) <= 32)"),
            ],
        );
    }

    #[test]
    fn each_conjunct_and_disjunct_goes_alone() {
        check(
            "((n IS NULL) OR ((a IS NULL) AND (b IS NULL)))",
            &[
                ("disjunct_left_out.1", "((a IS NULL) AND (b IS NULL))"),
                ("disjunct_left_out.2", "(n IS NULL)"),
                ("conjunct_left_out.1", "((n IS NULL) OR (b IS NULL))"),
                ("conjunct_left_out.2", "((n IS NULL) OR (a IS NULL))"),
            ],
        );
    }

    #[test]
    fn an_equivalence_loses_each_half_of_its_demand() {
        check(
            "((a IS NULL) = (b IS NULL))",
            &[
                ("neither_refused", "((a IS NULL) AND (b IS NULL))"),
                ("both_refused", "((NOT (a IS NULL)) AND (NOT (b IS NULL)))"),
                ("first_alone_accepted", "((a IS NULL) OR (NOT (b IS NULL)))"),
                ("second_alone_accepted", "((NOT (a IS NULL)) OR (b IS NULL))"),
            ],
        );
    }

    #[test]
    fn what_has_no_part_has_no_change() {
        for condition in [
            "singleton",
            "(NOT mutates)",
            "isfinite(VALUE)",
            "(VALUE ~ '^x$'::text)",
        ] {
            check(condition, &[]);
        }
    }
}
