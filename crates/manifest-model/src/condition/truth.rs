//! Whether a condition is true, false or unknown of a row: SQL's three values.
//!
//! Not for: collations, regular expressions, and functions that CHECKs do not use. The one fact to know: what
//! can't be told here is [`Unreadable`], never guessed; the server has the last word in every rehearsal.

use std::collections::BTreeMap;

use super::{Condition, Op, parse};

/// Digits after the point that are compared.
const DIGITS: usize = 9;

/// A value of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// NULL.
    Null,
    /// A number, in billionths.
    Number(i128),
    /// Text, a digest, a moment: as its literal reads.
    Text(String),
    /// A boolean.
    Flag(bool),
    /// Something that is not NULL, and that only the server can tell.
    Given,
}

/// The values of a row, by column.
pub type Row = BTreeMap<String, Value>;

/// Why nothing can be said: the term.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable(pub String);

/// The value of an SQL literal.
pub fn literal(sql: &str) -> Value {
    parse::parse_literal(sql)
        .and_then(|term| value(&term, &Row::new()).ok())
        .unwrap_or(Value::Given)
}

/// Whether the condition holds; `None` is SQL's unknown, which a CHECK lets pass.
///
/// # Errors
///
/// The term that only the server can evaluate.
pub fn truth(condition: &Condition, row: &Row) -> Result<Option<bool>, Unreadable> {
    let each = |parts: &[Condition]| -> Result<Vec<Option<bool>>, Unreadable> {
        parts.iter().map(|part| truth(part, row)).collect()
    };
    Ok(match condition {
        Condition::Not(inner) => truth(inner, row)?.map(|holds| !holds),
        Condition::All(parts) => all(&each(parts)?),
        Condition::Any(parts) => any(&each(parts)?),
        Condition::IsNull(term) => Some(value(term, row)? == Value::Null),
        Condition::IsNotNull(term) => Some(value(term, row)? != Value::Null),
        Condition::Member(term, list) => {
            let term = value(term, row)?;
            let equal: Result<Vec<_>, _> = list
                .iter()
                .map(|one| compared(&term, Op::Equal, &value(one, row)?, condition))
                .collect();
            any(&equal?)
        }
        Condition::Compare(left, Op::Equal, right) if left.is_boolean() || right.is_boolean() => {
            match (truth(left, row)?, truth(right, row)?) {
                (Some(left), Some(right)) => Some(left == right),
                _ => None,
            }
        }
        Condition::Compare(left, op, right) => {
            compared(&value(left, row)?, *op, &value(right, row)?, condition)?
        }
        term => match value(term, row)? {
            Value::Flag(holds) => Some(holds),
            Value::Null => None,
            _ => return Err(unreadable(term)),
        },
    })
}

fn all(parts: &[Option<bool>]) -> Option<bool> {
    if parts.contains(&Some(false)) {
        return Some(false);
    }
    (!parts.contains(&None)).then_some(true)
}

fn any(parts: &[Option<bool>]) -> Option<bool> {
    if parts.contains(&Some(true)) {
        return Some(true);
    }
    (!parts.contains(&None)).then_some(false)
}

fn unreadable(term: &Condition) -> Unreadable {
    Unreadable(term.to_string())
}

fn compared(left: &Value, op: Op, right: &Value, of: &Condition) -> Result<Option<bool>, Unreadable> {
    let order = match (left, right) {
        (Value::Null, _) | (_, Value::Null) => return Ok(None),
        (Value::Number(left), Value::Number(right)) => left.cmp(right),
        (Value::Text(left), Value::Text(right)) => left.as_bytes().cmp(right.as_bytes()),
        (Value::Flag(left), Value::Flag(right)) => left.cmp(right),
        _ => return Err(unreadable(of)),
    };
    Ok(Some(match op {
        Op::Equal => order.is_eq(),
        Op::Unequal => order.is_ne(),
        Op::Less => order.is_lt(),
        Op::AtMost => order.is_le(),
        Op::More => order.is_gt(),
        Op::AtLeast => order.is_ge(),
        Op::Matches => return Err(unreadable(of)),
    }))
}

fn value(term: &Condition, row: &Row) -> Result<Value, Unreadable> {
    Ok(match term {
        Condition::Column(name) => row.get(name).cloned().ok_or_else(|| unreadable(term))?,
        Condition::Text(text) => Value::Text(text.clone()),
        Condition::Number(number) => Value::Number(billionths(number).ok_or_else(|| unreadable(term))?),
        Condition::Flag(flag) => Value::Flag(*flag),
        Condition::Null => Value::Null,
        Condition::Cast(inner, _) => value(inner, row)?,
        Condition::Moved(inner, by) => match value(inner, row)? {
            Value::Number(number) => Value::Number(number + i128::from(*by) * 10_i128.pow(9)),
            Value::Null => Value::Null,
            _ => return Err(unreadable(term)),
        },
        Condition::Call(name, arguments) => called(name, arguments, row, term)?,
        boolean => truth(boolean, row)?.map_or(Value::Null, Value::Flag),
    })
}

fn called(name: &str, arguments: &[Condition], row: &Row, term: &Condition) -> Result<Value, Unreadable> {
    let values: Vec<Value> = arguments
        .iter()
        .map(|argument| value(argument, row))
        .collect::<Result<_, _>>()?;
    if name == "num_nonnulls" {
        return Ok(count(
            values.iter().filter(|value| **value != Value::Null).count(),
        ));
    }
    if values.contains(&Value::Null) {
        return Ok(Value::Null);
    }
    match (name, values.as_slice()) {
        ("length", [Value::Text(text)]) => Ok(count(text.chars().count())),
        ("octet_length", [Value::Text(text)]) => Ok(count(match text.strip_prefix("\\x") {
            Some(hex) => hex.len() / 2,
            None => text.len(),
        })),
        ("\"left\"", [Value::Text(text), Value::Number(number)]) => {
            let letters = usize::try_from(number / 10_i128.pow(9)).map_err(|_| unreadable(term))?;
            Ok(Value::Text(text.chars().take(letters).collect()))
        }
        _ => Err(unreadable(term)),
    }
}

fn count(number: usize) -> Value {
    i128::try_from(number).map_or(Value::Given, |number| Value::Number(number * 10_i128.pow(9)))
}

/// A decimal number in billionths; none for one with more digits.
fn billionths(text: &str) -> Option<i128> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let part = format!("{part:0<DIGITS$}");
    if part.len() > DIGITS {
        return None;
    }
    Some(sign * format!("{whole}{part}").parse::<i128>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::{Row, Value, literal, truth};
    use crate::condition::parse;

    #[track_caller]
    fn check(condition: &str, row: &[(&str, &str)], expected: Option<bool>) {
        let row: Row = row
            .iter()
            .map(|(name, sql)| ((*name).to_owned(), literal(sql)))
            .collect();
        let found = truth(&parse(condition).unwrap(), &row);
        assert_eq!(found, Ok(expected), "{condition} of {row:?}");
    }

    #[test]
    fn unknown_is_neither_true_nor_false() {
        let list = "(a = ANY (ARRAY['x'::text, 'y'::text]))";
        check(list, &[("a", "'y'")], Some(true));
        check(list, &[("a", "'z'")], Some(false));
        check(list, &[("a", "null")], None);
        check(
            "((a >= 1) OR (b IS NULL))",
            &[("a", "null"), ("b", "null")],
            Some(true),
        );
        check(
            "((a >= 1) AND (b IS NULL))",
            &[("a", "null"), ("b", "1")],
            Some(false),
        );
        check(
            "((a >= 1) AND (b IS NULL))",
            &[("a", "null"), ("b", "null")],
            None,
        );
    }

    #[test]
    fn numbers_are_compared_as_numbers_and_text_by_its_bytes() {
        check("(a > (0)::numeric)", &[("a", "0.000000001")], Some(true));
        check("(a >= 10)", &[("a", "9")], Some(false));
        check(
            "((a)::text < (b)::text)",
            &[("a", "'10'"), ("b", "'9'")],
            Some(true),
        );
        check("(length((a)::text) = 5)", &[("a", "'schlü'")], Some(true));
        check(
            "(octet_length(VALUE) = 2)",
            &[("VALUE", "'\\x0a0b'::bytea")],
            Some(true),
        );
        check(
            "(num_nonnulls(a, b) = 1)",
            &[("a", "null"), ("b", "'x'")],
            Some(true),
        );
        check(
            "((a IS NULL) = (b = 'x'::text))",
            &[("a", "1"), ("b", "'x'")],
            Some(false),
        );
    }

    #[test]
    fn what_only_the_server_can_tell_is_not_guessed() {
        let row = Row::from([("a".to_owned(), Value::Given)]);
        for condition in ["(a >= 1)", "(a ~ '^x$'::text)", "isfinite(a)", "(b IS NULL)"] {
            assert!(truth(&parse(condition).unwrap(), &row).is_err(), "{condition}");
        }
        assert_eq!(truth(&parse("(a IS NULL)").unwrap(), &row), Ok(Some(false)));
        assert_eq!(literal("(select 1)"), Value::Given);
    }
}
