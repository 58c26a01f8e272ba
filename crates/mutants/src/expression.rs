//! Expressions of CHECKs, as the server prints them: members of a list and bounds, each changed alone.
//!
//! Not for: understanding SQL. The one fact to know: only the two printed forms `ARRAY['A'::text, …]` and
//! `… >= 1` are read, and an expression that has neither yields nothing here.

/// The members of each `ARRAY[…]` in the expression: where the list begins, and its members.
pub(crate) fn lists(expression: &str) -> Vec<(usize, Vec<&str>)> {
    let mark = "ARRAY[";
    expression
        .match_indices(mark)
        .filter_map(|(at, _)| {
            let begin = at + mark.len();
            let length = expression[begin..].find(']')?;
            Some((begin, expression[begin..begin + length].split(", ").collect()))
        })
        .collect()
}

/// The expression with another list at `begin`.
fn with_list(expression: &str, begin: usize, members: &[&str]) -> String {
    let end = begin + expression[begin..].find(']').unwrap_or(0);
    format!(
        "{}{}{}",
        &expression[..begin],
        members.join(", "),
        &expression[end..]
    )
}

/// Each list one member longer.
pub(crate) fn widened(expression: &str) -> Vec<String> {
    lists(expression)
        .into_iter()
        .map(|(begin, members)| {
            // As the others are written: a text literal with its cast, or a number.
            let more = match members.first() {
                Some(first) if first.starts_with('\'') => {
                    let cast = first.find("'::").map_or("", |at| &first[at + 1..]);
                    format!("'ANYTHING'{cast}")
                }
                _ => "-1".to_owned(),
            };
            let mut longer = members;
            longer.push(&more);
            with_list(expression, begin, &longer)
        })
        .collect()
}

/// Each member left out of its list: the member, and the expression without it.
pub(crate) fn narrowed(expression: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (begin, members) in lists(expression) {
        if members.len() < 2 {
            continue;
        }
        for out in &members {
            let rest: Vec<&str> = members.iter().copied().filter(|member| member != out).collect();
            let name = out.trim_matches('\'').split("'::").next().unwrap_or(out);
            found.push((name.to_owned(), with_list(expression, begin, &rest)));
        }
    }
    found
}

/// Each numeric bound loosened by one, `=` to `>=`: the bound as it was, and the expression.
pub(crate) fn loosened(expression: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for operator in [" >= ", " > ", " <= ", " < ", " = "] {
        for (at, _) in expression.match_indices(operator) {
            let from = at + operator.len();
            let digits: String = expression[from..]
                .chars()
                .take_while(char::is_ascii_digit)
                .collect();
            let after = &expression[from + digits.len()..];
            let Ok(bound) = digits.parse::<i64>() else {
                continue;
            };
            // A number that goes on (`1.5`, `1::numeric`) is not an integer bound.
            if !after.starts_with([')', ' ']) {
                continue;
            }
            let looser = match operator.trim() {
                ">=" => format!(" >= {}", bound - 1),
                "<=" => format!(" <= {}", bound + 1),
                "<" => format!(" <= {bound}"),
                // `>` and `=`.
                _ => format!(" >= {bound}"),
            };
            found.push((
                format!("{}{bound}", operator.trim_start()),
                format!("{}{looser}{after}", &expression[..at]),
            ));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{loosened, narrowed, widened};

    #[test]
    fn a_list_grows_and_loses_each_member() {
        let check = "(kind = ANY (ARRAY['A'::text, 'B'::text]))";
        assert_eq!(
            widened(check),
            ["(kind = ANY (ARRAY['A'::text, 'B'::text, 'ANYTHING'::text]))"]
        );
        assert_eq!(
            narrowed(check),
            [
                ("A".to_owned(), "(kind = ANY (ARRAY['B'::text]))".to_owned()),
                ("B".to_owned(), "(kind = ANY (ARRAY['A'::text]))".to_owned())
            ]
        );
    }

    #[test]
    fn a_bound_is_loosened_in_its_own_direction() {
        let of = |check| {
            loosened(check)
                .into_iter()
                .map(|(_, text)| text)
                .collect::<Vec<_>>()
        };
        assert_eq!(of("(n >= 1)"), ["(n >= 0)"]);
        assert_eq!(of("(n > 0)"), ["(n >= 0)"]);
        assert_eq!(
            of("((n >= 1) AND (n <= 9))"),
            ["((n >= 0) AND (n <= 9))", "((n >= 1) AND (n <= 10))"]
        );
        assert_eq!(of("(octet_length(VALUE) = 32)"), ["(octet_length(VALUE) >= 32)"]);
    }

    #[test]
    fn what_is_neither_list_nor_bound_yields_nothing() {
        let check = "(VALUE IS NOT NULL)";
        assert!(widened(check).is_empty() && narrowed(check).is_empty() && loosened(check).is_empty());
        assert!(loosened("(ratio >= 0.5)").is_empty());
    }
}
