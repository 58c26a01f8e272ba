//! Printed expressions, read.
//!
//! Not for: whatever the server can store. The one fact to know: text that does not print back as it was is
//! refused, so nothing is ever read as something else.

use super::{Condition, Op};

/// The condition that `text` prints; none if it is not one of the printed forms.
pub fn parse(text: &str) -> Option<Condition> {
    let mut reader = Reader {
        tokens: tokens(text)?,
        at: 0,
    };
    let condition = reader.any()?;
    let is_whole = reader.at == reader.tokens.len();
    (is_whole && condition.to_string() == text).then_some(condition)
}

/// The literal that `text` is, read like a part of an expression.
pub(super) fn parse_literal(text: &str) -> Option<Condition> {
    let mut reader = Reader {
        tokens: tokens(text)?,
        at: 0,
    };
    let literal = reader.term()?;
    (reader.at == reader.tokens.len()).then_some(literal)
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    /// A name or key word; a quoted name with its quotes.
    Word(String),
    Number(String),
    Text(String),
    Sign(&'static str),
}

const SIGNS: [&str; 14] = [
    "::", ">=", "<=", "<>", ">", "<", "=", "~", "(", ")", "[", "]", ",", "-",
];

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' | '"' => quoted(rest, first)?,
            c if c.is_ascii_digit() => length_of(rest, |c| c.is_ascii_digit() || c == '.'),
            c if c.is_ascii_alphabetic() || c == '_' => {
                length_of(rest, |c| c.is_ascii_alphanumeric() || c == '_')
            }
            _ => SIGNS.iter().find(|sign| rest.starts_with(**sign))?.len(),
        };
        let (token, after) = rest.split_at(length);
        tokens.push(match first {
            '\'' => Token::Text(token[1..length - 1].to_owned()),
            c if c.is_ascii_digit() => Token::Number(token.to_owned()),
            c if c == '"' || c.is_ascii_alphabetic() || c == '_' => Token::Word(token.to_owned()),
            _ => Token::Sign(SIGNS.iter().find(|sign| **sign == token)?),
        });
        rest = after.trim_start();
    }
    Some(tokens)
}

fn length_of(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}

/// Bytes of the quoted text at the start; a doubled quote belongs to it.
fn quoted(text: &str, quote: char) -> Option<usize> {
    let mut at = 1;
    loop {
        at += text[at..].find(quote)? + 1;
        if !text[at..].starts_with(quote) {
            return Some(at);
        }
        at += 1;
    }
}

struct Reader {
    tokens: Vec<Token>,
    at: usize,
}

impl Reader {
    fn takes(&mut self, token: &Token) -> bool {
        let found = self.tokens.get(self.at) == Some(token);
        self.at += usize::from(found);
        found
    }

    fn sign(&mut self, sign: &'static str) -> bool {
        self.takes(&Token::Sign(sign))
    }

    fn word(&mut self, word: &str) -> bool {
        self.takes(&Token::Word(word.to_owned()))
    }

    fn any(&mut self) -> Option<Condition> {
        let mut parts = vec![self.all()?];
        while self.word("OR") {
            parts.push(self.all()?);
        }
        one_or(parts, Condition::Any)
    }

    fn all(&mut self) -> Option<Condition> {
        let mut parts = vec![self.negated()?];
        while self.word("AND") {
            parts.push(self.negated()?);
        }
        one_or(parts, Condition::All)
    }

    fn negated(&mut self) -> Option<Condition> {
        if self.word("NOT") {
            return Some(Condition::Not(Box::new(self.negated()?)));
        }
        self.compared()
    }

    fn compared(&mut self) -> Option<Condition> {
        let left = self.term()?;
        if self.word("IS") {
            let is_not = self.word("NOT");
            let is_null = self.word("NULL");
            let left = Box::new(left);
            return is_null.then_some(if is_not {
                Condition::IsNotNull(left)
            } else {
                Condition::IsNull(left)
            });
        }
        let op = [
            Op::AtLeast,
            Op::AtMost,
            Op::Unequal,
            Op::More,
            Op::Less,
            Op::Equal,
            Op::Matches,
        ]
        .into_iter()
        .find(|op| self.sign(op.sign()));
        let Some(op) = op else { return Some(left) };
        if op == Op::Equal && self.word("ANY") {
            return self.list().map(|list| Condition::Member(Box::new(left), list));
        }
        Some(Condition::Compare(Box::new(left), op, Box::new(self.term()?)))
    }

    /// `(ARRAY[…])`
    fn list(&mut self) -> Option<Vec<Condition>> {
        if !(self.sign("(") && self.word("ARRAY") && self.sign("[")) {
            return None;
        }
        let list = self.listed("]")?;
        self.sign(")").then_some(list)
    }

    /// What stands between commas, up to `end`.
    fn listed(&mut self, end: &'static str) -> Option<Vec<Condition>> {
        let mut list = vec![self.any()?];
        while self.sign(",") {
            list.push(self.any()?);
        }
        self.sign(end).then_some(list)
    }

    fn term(&mut self) -> Option<Condition> {
        let mut term = self.uncast_term()?;
        while self.sign("::") {
            let mut ty = Vec::new();
            while let Some(Token::Word(word)) = self.tokens.get(self.at)
                && word.chars().all(|c| c.is_ascii_lowercase() || c == '_')
            {
                ty.push(word.clone());
                self.at += 1;
            }
            if ty.is_empty() {
                return None;
            }
            term = Condition::Cast(Box::new(term), ty.join(" "));
        }
        Some(term)
    }

    fn uncast_term(&mut self) -> Option<Condition> {
        if self.sign("(") {
            let inner = self.any()?;
            return self.sign(")").then_some(inner);
        }
        if self.sign("-") {
            let Some(Token::Number(number)) = self.tokens.get(self.at).cloned() else {
                return None;
            };
            self.at += 1;
            return Some(Condition::Number(format!("-{number}")));
        }
        let token = self.tokens.get(self.at)?.clone();
        self.at += 1;
        Some(match token {
            Token::Number(number) => Condition::Number(number),
            Token::Text(text) => Condition::Text(text),
            Token::Word(word) => match word.to_ascii_lowercase().as_str() {
                "true" => Condition::Flag(true),
                "false" => Condition::Flag(false),
                "null" => Condition::Null,
                _ if self.sign("(") => Condition::Call(word, self.listed(")")?),
                _ => Condition::Column(word),
            },
            Token::Sign(_) => return None,
        })
    }
}

fn one_or(mut parts: Vec<Condition>, of: fn(Vec<Condition>) -> Condition) -> Option<Condition> {
    if parts.len() == 1 {
        return parts.pop();
    }
    Some(of(parts))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn what_is_no_printed_form_is_refused() {
        for text in [
            "n >= 1",
            "(n >= 1",
            "(n >= 1) or true",
            "((n >= 1))",
            "(n ~~ 'a%'::text)",
            "('it''s'::text = )",
            "",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_doubled_quote_belongs_to_its_literal() {
        let text = "(a = 'it''s'::text)";
        assert_eq!(parse(text).unwrap().to_string(), text);
    }
}
