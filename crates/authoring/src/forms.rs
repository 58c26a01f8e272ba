//! Forms of comparison that decide by a name, an owner, a number or by skipping NULL, found by parsing.
//!
//! Not for: deciding; what a form means for a guard or a body is G-PGNATIVE's business. The one fact to know:
//! the form is read from the parsed tree, so a word in a comment or in a text is no form.

use squawk_syntax::{SyntaxKind, SyntaxNode};

use crate::leads::{Lead, leads, name_of, operator};

/// Operators that match a name by its look.
const PATTERNS: [&str; 12] = [
    "like",
    "ilike",
    "not like",
    "not ilike",
    "similar to",
    "not similar to",
    "~",
    "~*",
    "!~",
    "!~*",
    "^@",
    "~~",
];
/// Functions that take a name apart by position or pattern.
const PATTERN_CALLS: [&str; 14] = [
    "starts_with()",
    "left()",
    "right()",
    "position()",
    "strpos()",
    "substr()",
    "substring()",
    "regexp_match()",
    "regexp_matches()",
    "regexp_like()",
    "regexp_replace()",
    "regexp_count()",
    "regexp_instr()",
    "regexp_substr()",
];
/// Columns and functions that say who owns something.
const OWNERS: [&str; 7] = [
    "relowner",
    "proowner",
    "nspowner",
    "typowner",
    "datdba",
    "rolname",
    "pg_get_userbyid()",
];
/// Aggregates that skip NULL, or answer for no row at all.
const NULL_SKIPPING: [&str; 7] = [
    "bool_and()",
    "bool_or()",
    "every()",
    "min()",
    "max()",
    "sum()",
    "avg()",
];

/// The forms of a tree: `name_pattern`, `owner_filter`, `count_literal` or `null_skipping`, and what it is.
pub fn forms(tree: &SyntaxNode) -> Vec<(&'static str, String)> {
    forms_with(tree, &leads(tree))
}

/// The same, where its leads are known.
pub(crate) fn forms_with(tree: &SyntaxNode, leads: &[Lead]) -> Vec<(&'static str, String)> {
    let mut found: Vec<(&'static str, String)> = tree.descendants().filter_map(|node| form(&node)).collect();
    found.extend(leads.iter().filter_map(literal_form));
    found.sort();
    found
}

fn form(node: &SyntaxNode) -> Option<(&'static str, String)> {
    match node.kind() {
        SyntaxKind::BIN_EXPR => {
            let written = operator(node);
            if PATTERNS.contains(&written.as_str()) {
                return Some(("name_pattern", written));
            }
            // NOT IN over a query is NULL as soon as one of its rows is.
            let over_query = || {
                let right = node.children().last();
                right.is_some_and(|right| right.descendants().any(|d| d.kind() == SyntaxKind::SELECT))
            };
            (written == "not in" && over_query()).then(|| ("null_skipping", "not in (select)".to_owned()))
        }
        SyntaxKind::POSITION_FN => Some(("name_pattern", "position()".to_owned())),
        SyntaxKind::SUBSTRING_FN => Some(("name_pattern", "substring()".to_owned())),
        SyntaxKind::CALL_EXPR => {
            let name = name_of(node);
            if PATTERN_CALLS.contains(&name.as_str()) {
                Some(("name_pattern", name))
            } else if NULL_SKIPPING.contains(&name.as_str()) {
                Some(("null_skipping", name))
            } else if name == "coalesce()"
                && node
                    .text()
                    .to_string()
                    .to_lowercase()
                    .replace(' ', "")
                    .ends_with(",true)")
            {
                Some(("null_skipping", "coalesce(, true)".to_owned()))
            } else {
                None
            }
        }
        _ => None,
    }
}

fn literal_form(lead: &Lead) -> Option<(&'static str, String)> {
    if lead.used_in != "compare" {
        return None;
    }
    if lead.kind == "text" && OWNERS.contains(&lead.against.as_str()) {
        return Some(("owner_filter", format!("{} '{}'", lead.against, lead.literal)));
    }
    // One and none are no counts of a set.
    let counts =
        ["count()", "cardinality()", "array_length()", "member_count"].contains(&lead.against.as_str());
    (lead.kind == "number" && counts && lead.literal.parse::<u64>().is_ok_and(|n| n > 1))
        .then(|| ("count_literal", format!("{} {}", lead.against, lead.literal)))
}

/// Probes of a guard's SELECT whose expected and realized are both literals, or whose expected is a count in
/// prose: `(form, probe)`.
pub fn verdict_forms(tree: &SyntaxNode) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    for list in tree
        .descendants()
        .filter(|node| node.kind() == SyntaxKind::TARGET_LIST)
    {
        let targets: Vec<SyntaxNode> = list
            .children()
            .filter(|child| child.kind() == SyntaxKind::TARGET)
            .collect();
        let [probe, expected, realized, _, _] = targets.as_slice() else {
            continue;
        };
        let [probe, expected, realized] = [probe, expected, realized].map(|target| target.text().to_string());
        if !probe.starts_with('\'') {
            continue;
        }
        let name = probe.split('\'').nth(1).unwrap_or_default().to_owned();
        let number = |text: &str| -> Option<u64> {
            let word = text.split_whitespace().next()?;
            word.split("::").next()?.parse().ok()
        };
        match (number(&expected), number(&realized)) {
            (Some(_), Some(_)) => found.push(("literal_verdict", name)),
            (Some(n), None) if n > 1 => found.push(("count_literal", name)),
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{forms, verdict_forms};
    use squawk_syntax::SourceFile;
    use squawk_syntax::ast::AstNode as _;

    #[track_caller]
    fn check(sql: &str, expect: &[(&str, &str)]) {
        let parsed = SourceFile::parse(sql);
        assert!(parsed.errors().is_empty(), "{:?}", parsed.errors());
        let tree = parsed.tree();
        let mut found = forms(tree.syntax());
        found.extend(verdict_forms(tree.syntax()));
        let found: Vec<(&str, &str)> = found.iter().map(|(form, what)| (*form, what.as_str())).collect();
        assert_eq!(found, expect, "{sql}");
    }

    #[test]
    fn like_is_a_name_pattern() {
        check(
            "select 1 from pg_class where relname like 'qt001%'",
            &[("name_pattern", "like")],
        );
    }

    #[test]
    fn not_like_is_a_name_pattern() {
        check(
            "select 1 from pg_class where relname not like 'qt001%'",
            &[("name_pattern", "not like")],
        );
    }

    #[test]
    fn a_regular_expression_is_a_name_pattern() {
        check(
            "select 1 from pg_class where relname ~ '^qt001'",
            &[("name_pattern", "~")],
        );
    }

    #[test]
    fn similar_to_is_a_name_pattern() {
        check(
            "select 1 from pg_class where relname similar to 'qt001%'",
            &[("name_pattern", "similar to")],
        );
    }

    #[test]
    fn starts_with_is_a_name_pattern() {
        check(
            "select 1 from pg_class where pg_catalog.starts_with(relname, 'qt001')",
            &[("name_pattern", "starts_with()")],
        );
    }

    #[test]
    fn left_is_a_name_pattern() {
        check(
            "select 1 from pg_class where \"left\"(relname, 5) = 'qt001'",
            &[("name_pattern", "left()")],
        );
    }

    #[test]
    fn position_is_a_name_pattern() {
        check(
            "select 1 from pg_class where position('qt' in relname) = 1",
            &[("name_pattern", "position()")],
        );
    }

    #[test]
    fn an_owner_compared_with_a_name_is_an_owner_filter() {
        check(
            "select 1 from pg_class where pg_catalog.pg_get_userbyid(relowner) = 'directus'",
            &[("owner_filter", "pg_get_userbyid() 'directus'")],
        );
    }

    #[test]
    fn an_owner_compared_with_a_sealed_column_is_none() {
        check(
            "select 1 from a join b on pg_catalog.pg_get_userbyid(a.relowner) = b.owner_role",
            &[],
        );
    }

    #[test]
    fn a_count_compared_with_a_number_is_a_count_literal() {
        check(
            "select 1 from t having count(*) = 27",
            &[("count_literal", "count() 27")],
        );
    }

    #[test]
    fn an_expected_number_is_a_count_literal() {
        check(
            "select 'p' as probe, 27 as expected, (select count(*) from t) as realized, 1 as population, array[]::text[] as offenders",
            &[("count_literal", "p")],
        );
    }

    #[test]
    fn two_literals_are_a_literal_verdict() {
        check(
            "select 'p' as probe, 1::bigint as expected, 1::bigint as realized, 1 as population, array[]::text[] as offenders",
            &[("literal_verdict", "p")],
        );
    }

    #[test]
    fn bool_and_skips_null() {
        check("select bool_and(x) from t", &[("null_skipping", "bool_and()")]);
    }

    #[test]
    fn coalesce_to_true_skips_null() {
        check(
            "select 1 from t where coalesce(x, true)",
            &[("null_skipping", "coalesce(, true)")],
        );
    }

    #[test]
    fn not_in_a_query_skips_null() {
        check(
            "select 1 from t where x not in (select y from u)",
            &[("null_skipping", "not in (select)")],
        );
    }

    #[test]
    fn a_word_in_a_text_is_no_form() {
        check("select 'relname like x' from t", &[]);
    }
}
