//! The server's own analysed tree of a query, as its catalog prints it, and what in it decides by a look, an owner, a
//! number or by skipping NULL.
//!
//! Not for: getting the tree (`analysed`), nor what a form means for a guard. The one fact to know: functions, operators and
//! columns stand there as the server resolved them, so no spelling hides one.

use std::collections::BTreeSet;

/// A piece of a printed tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Node {
    /// A word.
    Atom(String),
    /// What stands in parentheses.
    List(Vec<Node>),
    /// What stands in braces: its kind and fields.
    Struct(String, Vec<(String, Vec<Node>)>),
}

/// Reads a printed tree; nothing if it is none.
pub(crate) fn parse(text: &str) -> Option<Node> {
    let spaced = text
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('{', " { ")
        .replace('}', " } ");
    let mut words = spaced.split_whitespace().peekable();
    let mut nodes = Vec::new();
    while words.peek().is_some() {
        nodes.push(node(&mut words)?);
    }
    Some(Node::List(nodes))
}

fn node<'a>(words: &mut std::iter::Peekable<impl Iterator<Item = &'a str>>) -> Option<Node> {
    match words.next()? {
        "(" => {
            let mut items = Vec::new();
            while *words.peek()? != ")" {
                items.push(node(words)?);
            }
            words.next();
            Some(Node::List(items))
        }
        "{" => {
            let kind = words.next()?.to_owned();
            let mut fields: Vec<(String, Vec<Node>)> = Vec::new();
            while *words.peek()? != "}" {
                if let Some(field) = words.peek()?.strip_prefix(':') {
                    fields.push((field.to_owned(), Vec::new()));
                    words.next();
                } else {
                    let value = node(words)?;
                    fields.last_mut()?.1.push(value);
                }
            }
            words.next();
            Some(Node::Struct(kind, fields))
        }
        ")" | "}" => None,
        word => Some(Node::Atom(word.to_owned())),
    }
}

impl Node {
    fn is(&self, wanted: &[&str]) -> bool {
        matches!(self, Self::Struct(kind, _) if wanted.contains(&kind.as_str()))
    }

    fn field(&self, wanted: &str) -> &[Self] {
        match self {
            Self::Struct(_, fields) => fields
                .iter()
                .find(|(name, _)| name == wanted)
                .map_or(&[], |(_, values)| values.as_slice()),
            _ => &[],
        }
    }

    fn number(&self, field: &str) -> Option<u32> {
        match self.field(field) {
            [Self::Atom(word)] => word.parse().ok(),
            _ => None,
        }
    }

    fn children(&self) -> impl Iterator<Item = &Self> {
        let (items, fields): (&[Self], &[(String, Vec<Self>)]) = match self {
            Self::Atom(_) => (&[], &[]),
            Self::List(items) => (items, &[]),
            Self::Struct(_, fields) => (&[], fields),
        };
        items.iter().chain(fields.iter().flat_map(|(_, values)| values))
    }
}

/// What the server's catalogs say of the objects that a tree names by number.
#[derive(Debug, Default)]
pub(crate) struct Resolved {
    /// Operators that match a name by its look, with the functions behind them, and functions that take one apart.
    pub(crate) patterns: Vec<(u32, String)>,
    /// Aggregates that skip NULL.
    pub(crate) null_skipping: Vec<(u32, String)>,
    /// Aggregates that count, and functions that say how long an array is.
    pub(crate) counts: Vec<(u32, String)>,
    /// Functions that say who owns something.
    pub(crate) owner_calls: Vec<(u32, String)>,
    /// Columns that do: relation, number, name.
    pub(crate) owners: Vec<(u32, u32, String)>,
}

/// The forms of a tree and what each is, sorted.
pub(crate) fn forms(tree: &Node, resolved: &Resolved) -> Vec<(&'static str, String)> {
    let mut walk = Walk {
        resolved,
        tables: Vec::new(),
        found: BTreeSet::new(),
    };
    walk.visit(tree);
    walk.found.into_iter().collect()
}

struct Walk<'a> {
    resolved: &'a Resolved,
    /// Range tables of the queries around, the innermost last.
    tables: Vec<Vec<Option<u32>>>,
    found: BTreeSet<(&'static str, String)>,
}

const COMPARISONS: &[&str] = &["OPEXPR", "SCALARARRAYOPEXPR", "DISTINCTEXPR", "NULLIFEXPR"];

impl Walk<'_> {
    fn visit(&mut self, node: &Node) {
        let is_query = node.is(&["QUERY"]);
        if is_query {
            self.tables.push(relations(node));
        }
        let resolved = self.resolved;
        if node.is(COMPARISONS) {
            self.named(&resolved.patterns, node.number("opno"), "name_pattern");
            self.compared(node);
        }
        if node.is(&["FUNCEXPR"]) {
            self.named(&resolved.patterns, node.number("funcid"), "name_pattern");
        }
        if node.is(&["AGGREF", "WINDOWFUNC"]) {
            let called = node.number("aggfnoid").or_else(|| node.number("winfnoid"));
            self.named(&resolved.null_skipping, called, "null_skipping");
        }
        if is_negated_membership(node) {
            self.found.insert(("null_skipping", "not in (select)".to_owned()));
        }
        for child in node.children() {
            self.visit(child);
        }
        if is_query {
            self.tables.pop();
        }
    }

    fn named(&mut self, known: &[(u32, String)], called: Option<u32>, form: &'static str) {
        let name = called.and_then(|called| known.iter().find(|(oid, _)| *oid == called));
        if let Some((_, name)) = name {
            self.found.insert((form, name.clone()));
        }
    }

    /// A comparison of something that counts, or says who owns, with a literal.
    fn compared(&mut self, node: &Node) {
        // 16 is boolean: an owner's name may be put into a sentence.
        if node.number("opresulttype").is_some_and(|result| result != 16) && !node.is(&["NULLIFEXPR"]) {
            return;
        }
        let [Node::List(sides)] = node.field("args") else {
            return;
        };
        let [left, right] = sides.as_slice() else {
            return;
        };
        for (side, other) in [(left, right), (right, left)] {
            let Some(literal) = literal(other) else { continue };
            if let Some(owner) = self.owner(side) {
                self.found.insert(("owner_filter", owner));
            }
            // One and none are no counts of a set.
            if let Some(count) = self
                .count(side)
                .filter(|_| literal.is_none_or(|number| number > 1))
            {
                self.found.insert(("count_literal", count));
            }
        }
    }

    fn owner(&self, node: &Node) -> Option<String> {
        if node.is(&["VAR"]) {
            let up = usize::try_from(node.number("varlevelsup")?).ok()?;
            let table = self.tables.len().checked_sub(1 + up)?;
            let at = usize::try_from(node.number("varno")?).ok()?.checked_sub(1)?;
            let relation = (*self.tables[table].get(at)?)?;
            let column = node.number("varattno")?;
            let mut owners = self.resolved.owners.iter();
            return owners
                .find(|(of, number, _)| *of == relation && *number == column)
                .map(|(_, _, name)| name.clone());
        }
        if node.is(&["FUNCEXPR"]) {
            let called = node.number("funcid")?;
            let calls = &self.resolved.owner_calls;
            if let Some((_, name)) = calls.iter().find(|(oid, _)| *oid == called) {
                return Some(name.clone());
            }
        }
        below_a_cast(node).and_then(|inner| self.owner(inner))
    }

    fn count(&self, node: &Node) -> Option<String> {
        let called = node.number("aggfnoid").or_else(|| node.number("funcid"));
        if let Some((_, name)) = self.resolved.counts.iter().find(|(oid, _)| Some(*oid) == called) {
            return Some(name.clone());
        }
        if node.is(&["SUBLINK"]) {
            let [query] = node.field("subselect") else {
                return None;
            };
            let [Node::List(targets)] = query.field("targetList") else {
                return None;
            };
            let [target] = targets.as_slice() else {
                return None;
            };
            return target.field("expr").first().and_then(|expr| self.count(expr));
        }
        below_a_cast(node).and_then(|inner| self.count(inner))
    }
}

/// The relation of each entry of a query's range table; none for what is no relation.
fn relations(query: &Node) -> Vec<Option<u32>> {
    match query.field("rtable") {
        [Node::List(entries)] => entries
            .iter()
            .map(|entry| {
                entry
                    .number("relid")
                    .filter(|_| entry.number("rtekind") == Some(0))
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// NOT IN over a query is NULL as soon as one of its rows is.
fn is_negated_membership(node: &Node) -> bool {
    let negates =
        node.is(&["BOOLEXPR"]) && matches!(node.field("boolop"), [Node::Atom(word)] if word == "not");
    negates
        && matches!(node.field("args"), [Node::List(args)] if args.iter().any(|arg| {
            // 2 is ANY, which IN is.
            arg.is(&["SUBLINK"]) && arg.number("subLinkType") == Some(2)
        }))
}

/// What a cast or a function of one argument is given.
fn below_a_cast(node: &Node) -> Option<&Node> {
    if node.is(&["RELABELTYPE", "COERCEVIAIO", "ARRAYCOERCEEXPR", "COERCETODOMAIN"]) {
        return node.field("arg").first();
    }
    match node.field("args") {
        [Node::List(args)] if node.is(&["FUNCEXPR"]) && args.len() == 1 => args.first(),
        _ => None,
    }
}

/// Whether it is a literal, and which number, if it is one.
#[expect(
    clippy::option_option,
    reason = "no literal, a literal that is no number, a number"
)]
fn literal(node: &Node) -> Option<Option<u64>> {
    if let Some(inner) = below_a_cast(node) {
        return literal(inner);
    }
    if let [Node::List(elements)] = node.field("elements") {
        // A list of literals is one.
        return elements.iter().all(|one| literal(one).is_some()).then_some(None);
    }
    if !node.is(&["CONST"]) {
        return None;
    }
    let mut value = node.field("constvalue").iter().filter_map(|part| match part {
        Node::Atom(word) => Some(word.as_str()),
        _ => None,
    });
    // NULL is `<>`; a number by value is its bytes, the lowest first.
    value.next()?.parse::<u64>().ok()?;
    if !matches!(node.field("constbyval"), [Node::Atom(word)] if word == "true") {
        return Some(None);
    }
    let bytes = value.filter_map(|word| word.parse::<u8>().ok()).take(8);
    let number = bytes
        .enumerate()
        .fold(0_u64, |sum, (at, byte)| sum | u64::from(byte) << (8 * at));
    Some(Some(number))
}

#[cfg(test)]
mod tests {
    use super::{Node, parse};

    #[test]
    fn a_printed_tree_is_read_back() {
        let Some(Node::List(nodes)) =
            parse("({OPEXPR :opno 639 :args ({VAR :varno 1} {CONST :constvalue 5 [ 20 0 0 0 97 ]})})")
        else {
            panic!("not read");
        };
        let [Node::List(items)] = nodes.as_slice() else {
            panic!("{nodes:?}");
        };
        assert_eq!(items[0].number("opno"), Some(639));
        assert!(parse("({OPEXPR :opno 639").is_none());
        assert!(parse(":opno)").is_none());
    }
}
