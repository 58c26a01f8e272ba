//! Leads: where a literal or a form of comparison stands in a body, found by parsing it.
//!
//! Not for: deciding anything. A lead is a place to look; the guards decide by sealed rows and the catalog
//! (doc 06, "source-text is diagnostic"). The one fact to know: every literal of a body is reported with
//! what is done with it, so that a body with no lead is one with no literal, not one that was not read.

use serde::Serialize;
use squawk_syntax::ast::{self, AstNode};
use squawk_syntax::plpgsql::Plpgsql;
use squawk_syntax::{SourceFile, SyntaxKind, SyntaxNode, SyntaxToken};

/// A literal, and what is done with it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Lead {
    /// `number` or `text`.
    pub kind: &'static str,
    /// Without quotes; numbers as written.
    pub literal: String,
    /// `compare`, `case`, `interval`, `limit`, `assign`, `argument`, `values` or `other`.
    pub used_in: &'static str,
    /// The column, variable (without `p_` or `v_`) or `function()` that it meets; empty if none.
    pub against: String,
}

/// Every literal of one parsed tree.
pub fn leads(tree: &SyntaxNode) -> Vec<Lead> {
    let mut found: Vec<Lead> = tree
        .descendants()
        .filter(|node| node.kind() == SyntaxKind::LITERAL)
        .filter_map(|node| lead(&node))
        .collect();
    found.sort();
    found
}

/// The bodies of a script: name, CREATE and tree of the body of each function, procedure and view that it
/// creates.
///
/// # Errors
/// What the parser could not read; nothing is reported of a body that was read in part.
pub fn bodies(sql: &str) -> Result<Vec<(String, SyntaxNode, SyntaxNode)>, Vec<String>> {
    let parsed = SourceFile::parse(sql);
    let mut errors: Vec<String> = parsed.errors().iter().map(ToString::to_string).collect();
    let mut found = Vec::new();
    for node in parsed.tree().syntax().descendants() {
        if let Some(function) = ast::CreateFunction::cast(node.clone()) {
            let name = last_name(&node).unwrap_or_default();
            let tree = if let Some(body) = function.plpgsql() {
                let body = readable(body);
                errors.extend(body.errors().iter().map(ToString::to_string));
                body.syntax()
            } else if let Some(body) = function.sql_body() {
                body.syntax()
            } else {
                node.clone()
            };
            found.push((name, node, tree));
        } else if node.kind() == SyntaxKind::CREATE_VIEW {
            found.push((last_name(&node).unwrap_or_default(), node.clone(), node));
        }
    }
    if errors.is_empty() { Ok(found) } else { Err(errors) }
}

/// The tree of a body by itself; of one that the parser can't read whole, what it could.
pub(crate) fn tree_of_body(language: &str, atomic: bool, body: &str) -> SyntaxNode {
    let sql = match (language, atomic) {
        ("plpgsql", _) => {
            format!("create function s.f() returns void language plpgsql as $whole${body}$whole$;")
        }
        (_, true) => format!("create function s.f() returns void language sql {body};"),
        _ => body.to_owned(),
    };
    let whole = SourceFile::parse(&sql).tree().syntax().clone();
    let Some(function) = whole.descendants().find_map(ast::CreateFunction::cast) else {
        return whole;
    };
    function.plpgsql().map_or(whole, |body| readable(body).syntax())
}

/// The body as the parser can read it: itself, where nothing had to be written otherwise.
fn readable(body: Plpgsql) -> Plpgsql {
    let tree = body.syntax();
    let text = select_into_as_perform(&tree);
    if tree.text() == text.as_str() {
        return body;
    }
    let rewritten =
        format!("create function s.f() returns void language plpgsql as $rewritten${text}$rewritten$;");
    let again = SourceFile::parse(&rewritten).tree();
    let mut functions = again.syntax().descendants().filter_map(ast::CreateFunction::cast);
    functions
        .next()
        .and_then(|function| function.plpgsql())
        .unwrap_or(body)
}

/// The body's text with `select … into target` as `perform …` and without the target of `returning … into`,
/// which means the same to a reader of literals: the parser knows no INTO in a statement of PL/pgSQL.
fn select_into_as_perform(tree: &SyntaxNode) -> String {
    let (mut out, mut depth) = (String::new(), 0_i32);
    let (mut last, mut in_select, mut in_target) = (String::from("begin"), false, false);
    let mut returning = false;
    for token in tree
        .descendants_with_tokens()
        .filter_map(squawk_syntax::SyntaxElement::into_token)
    {
        let word = token.text().to_lowercase();
        if matches!(token.kind(), SyntaxKind::WHITESPACE | SyntaxKind::COMMENT) {
            out.push_str(token.text());
            continue;
        }
        match word.as_str() {
            "(" => depth += 1,
            ")" => depth -= 1,
            _ => {}
        }
        let starts = depth == 0 && [";", "begin", "then", "else", "loop"].contains(&last.as_str());
        if starts && word == "select" {
            in_select = true;
            out.push_str("perform");
        } else if depth == 0 && word == "into" && (in_select || returning) {
            in_target = true;
        } else {
            if ["from", "where", ";"].contains(&word.as_str()) {
                in_target = false;
            }
            if word == ";" {
                in_select = false;
                returning = false;
            }
            returning |= depth == 0 && word == "returning";
            if !in_target {
                out.push_str(token.text());
            }
        }
        last = word;
    }
    out
}

/// The last name of the path that a CREATE names.
fn last_name(node: &SyntaxNode) -> Option<String> {
    let is_head = |token: &SyntaxToken| !matches!(token.kind(), SyntaxKind::L_PAREN | SyntaxKind::AS_KW);
    let head: String = node
        .descendants_with_tokens()
        .filter_map(squawk_syntax::SyntaxElement::into_token)
        .take_while(is_head)
        .map(|token| token.text().to_owned())
        .collect();
    let mut words = head.split_whitespace();
    words.find(|word| ["function", "procedure", "view"].contains(&word.to_lowercase().as_str()))?;
    words.next()?.rsplit('.').next().map(str::to_owned)
}

fn lead(node: &SyntaxNode) -> Option<Lead> {
    let token = node.first_token()?;
    let kind = match token.kind() {
        SyntaxKind::INT_NUMBER | SyntaxKind::NUMERIC_NUMBER => "number",
        SyntaxKind::STRING | SyntaxKind::ESC_STRING | SyntaxKind::DOLLAR_QUOTED_STRING => "text",
        _ => return None,
    };
    let literal = token.text().trim_matches('\'').replace("''", "'");
    let (used_in, against) = place(node);
    Some(Lead {
        kind,
        literal,
        used_in,
        against,
    })
}

/// What the nearest construct around a literal does with it.
pub(crate) fn place(literal: &SyntaxNode) -> (&'static str, String) {
    let mut inner = literal.clone();
    let mut met = String::new();
    while let Some(outer) = inner.parent() {
        match outer.kind() {
            SyntaxKind::BIN_EXPR => {
                let other = outer
                    .children()
                    .find(|child| *child != inner && child.kind() != SyntaxKind::OP && is_operand(child))
                    .map(|child| name_of(&child))
                    .unwrap_or_default();
                match operator(&outer).as_str() {
                    "="
                    | "<>"
                    | "!="
                    | "<"
                    | ">"
                    | "<="
                    | ">="
                    | "in"
                    | "not in"
                    | "is distinct from"
                    | "is not distinct from" => {
                        return ("compare", if met.is_empty() { other } else { met });
                    }
                    // A sum in a comparison is still compared.
                    "+" | "-" | "*" | "/" => {
                        if met.is_empty() {
                            met = other;
                        }
                    }
                    _ => return ("other", other),
                }
            }
            SyntaxKind::BETWEEN_EXPR => {
                let target = outer.children().next().map(|child| name_of(&child));
                return ("compare", target.unwrap_or_default());
            }
            SyntaxKind::WHEN_CLAUSE => {
                let is_condition = outer.children().next().as_ref() == Some(&inner);
                let subject = outer
                    .parent()
                    .and_then(|list| list.parent())
                    .and_then(|case| case.children().find(is_operand))
                    .map(|child| name_of(&child))
                    .unwrap_or_default();
                return (if is_condition { "compare" } else { "case" }, subject);
            }
            SyntaxKind::ELSE_CLAUSE => return ("case", met),
            SyntaxKind::LIMIT_CLAUSE | SyntaxKind::OFFSET_CLAUSE => return ("limit", met),
            SyntaxKind::VALUES => return ("values", met),
            SyntaxKind::ARG_LIST => {
                let function = outer.parent().map(|call| name_of(&call)).unwrap_or_default();
                let used_in = if function == "make_interval()" {
                    "interval"
                } else {
                    "argument"
                };
                return (used_in, function);
            }
            SyntaxKind::CAST_EXPR if outer.text().to_string().to_lowercase().contains("interval") => {
                return ("interval", met);
            }
            SyntaxKind::PLPGSQL_ASSIGN_STMT
            | SyntaxKind::PLPGSQL_ASSIGN_TARGET
            | SyntaxKind::AS_ASSIGNMENT => return ("assign", met),
            SyntaxKind::SELECT | SyntaxKind::SOURCE_FILE => return ("other", met),
            _ => {}
        }
        inner = outer;
    }
    ("other", met)
}

fn is_operand(node: &SyntaxNode) -> bool {
    !matches!(
        node.kind(),
        SyntaxKind::WHEN_CLAUSE_LIST
            | SyntaxKind::ELSE_CLAUSE
            | SyntaxKind::OP
            | SyntaxKind::IS_DISTINCT_FROM
            | SyntaxKind::IS_JSON
            | SyntaxKind::IS_JSON_ARRAY
            | SyntaxKind::IS_JSON_OBJECT
            | SyntaxKind::IS_JSON_SCALAR
            | SyntaxKind::IS_JSON_VALUE
            | SyntaxKind::IS_NORMALIZED
            | SyntaxKind::IS_NOT
            | SyntaxKind::IS_NOT_DISTINCT_FROM
            | SyntaxKind::IS_NOT_JSON
            | SyntaxKind::IS_NOT_JSON_ARRAY
            | SyntaxKind::IS_NOT_JSON_OBJECT
            | SyntaxKind::IS_NOT_JSON_SCALAR
            | SyntaxKind::IS_NOT_JSON_VALUE
            | SyntaxKind::IS_NOT_NORMALIZED
    )
}

/// The operator of a binary expression: its text between the operands, in lower case.
pub(crate) fn operator(node: &SyntaxNode) -> String {
    let operands: Vec<SyntaxNode> = node.children().filter(is_operand).collect();
    let (Some(left), Some(right)) = (operands.first(), operands.last()) else {
        return String::new();
    };
    let (from, to) = (left.text_range().end(), right.text_range().start());
    let between: String = node
        .children_with_tokens()
        .filter(|part| from <= part.text_range().start() && part.text_range().end() <= to)
        .map(|part| part.to_string())
        .collect();
    between
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .to_lowercase()
}

/// The name by which an operand is known: its last identifier; `name()` for a call.
pub(crate) fn name_of(node: &SyntaxNode) -> String {
    match node.kind() {
        SyntaxKind::CALL_EXPR => {
            let callee = node.children().next().map(|child| name_of(&child));
            format!("{}()", callee.unwrap_or_default())
        }
        SyntaxKind::NAME_REF => bare(&node.text().to_string()),
        SyntaxKind::FIELD_EXPR => node
            .children()
            .last()
            .map(|field| name_of(&field))
            .unwrap_or_default(),
        SyntaxKind::CAST_EXPR | SyntaxKind::PAREN_EXPR | SyntaxKind::BIN_EXPR | SyntaxKind::PREFIX_EXPR => {
            node.children()
                .find(is_operand)
                .map(|child| name_of(&child))
                .unwrap_or_default()
        }
        _ => String::new(),
    }
}

fn bare(name: &str) -> String {
    let name = name.trim().trim_matches('"').to_lowercase();
    name.strip_prefix("p_")
        .or_else(|| name.strip_prefix("v_"))
        .unwrap_or(&name)
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::{bodies, leads};

    #[track_caller]
    fn check(body: &str, expect: &[(&str, &str, &str)]) {
        let sql = format!(
            "create function s.f(p_n integer) returns bigint language plpgsql as $b$\nbegin\n{body}\nend;\n$b$;"
        );
        let found = bodies(&sql).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].0, "f");
        let found: Vec<_> = leads(&found[0].2)
            .into_iter()
            .map(|lead| (lead.literal, lead.used_in, lead.against))
            .collect();
        let expect: Vec<_> = expect
            .iter()
            .map(|(literal, used_in, against)| ((*literal).to_owned(), *used_in, (*against).to_owned()))
            .collect();
        assert_eq!(found, expect, "{body}");
    }

    #[test]
    fn comparison_names_the_column() {
        check(
            "return count(*) from s.t as t where t.value > 5;",
            &[("5", "compare", "value")],
        );
    }

    #[test]
    fn comparison_of_a_parameter_drops_its_prefix() {
        check(
            "if p_n >= 3 then return 1; end if;",
            &[("1", "other", ""), ("3", "compare", "n")],
        );
    }

    #[test]
    fn comparison_in_a_sum_is_a_comparison() {
        check(
            "return count(*) from s.t where new.epoch <> old.epoch + 1;",
            &[("1", "compare", "epoch")],
        );
    }

    #[test]
    fn text_in_a_list_is_compared_with_the_column() {
        check(
            "return count(*) from s.t where t.state in ('draft', 'sealed');",
            &[("draft", "compare", "state"), ("sealed", "compare", "state")],
        );
    }

    #[test]
    fn case_results_are_cases() {
        check(
            "return case when p_n is null then 7 else 8 end;",
            &[("7", "case", ""), ("8", "case", "")],
        );
    }

    #[test]
    fn intervals_are_intervals() {
        check(
            "return count(*) from s.t where t.at > now() - interval '5 minutes';",
            &[("5 minutes", "interval", "")],
        );
    }

    #[test]
    fn a_select_into_is_read() {
        check(
            "select t.value > 5 into v_is from s.t as t where t.state = 'sealed' for share;",
            &[("5", "compare", "value"), ("sealed", "compare", "state")],
        );
    }

    #[test]
    fn a_body_that_does_not_parse_is_an_error() {
        assert!(
            bodies(
                "create function s.f() returns int language plpgsql as $$ begin select from where; end $$;"
            )
            .is_err()
        );
    }
}
