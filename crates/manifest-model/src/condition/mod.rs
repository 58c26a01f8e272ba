//! Expressions of CHECKs, in exactly the form in which the server prints them.
//!
//! Not for: SQL at large; what is not one of the printed forms below is no condition, and its CHECK rests on
//! its probe values alone. The one fact to know: [`parse`] and `to_string` are inverse, so an expression that
//! is changed in one place and printed again is what the server would print of it [ruling B2].

mod change;
mod parse;
mod truth;

use std::fmt;

pub use change::{Change, changes};
pub use parse::parse;
pub use truth::{Row, Unreadable, Value, literal, truth};

/// An expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// A column, or VALUE of a domain.
    Column(String),
    /// `'x'`, with quotes doubled inside.
    Text(String),
    /// `1`, `0.5`.
    Number(String),
    /// `true`, `false`.
    Flag(bool),
    /// `null`.
    Null,
    /// `length(…)`.
    Call(String, Vec<Condition>),
    /// `(…)::text`.
    Cast(Box<Condition>, String),
    /// `(a - 1)`: a bound moved by a number.
    Moved(Box<Condition>, i64),
    /// `(a >= 1)`.
    Compare(Box<Condition>, Op, Box<Condition>),
    /// `(a = ANY (ARRAY['x'::text, …]))`.
    Member(Box<Condition>, Vec<Condition>),
    /// `(a IS NULL)`.
    IsNull(Box<Condition>),
    /// `(a IS NOT NULL)`.
    IsNotNull(Box<Condition>),
    /// `(NOT a)`.
    Not(Box<Condition>),
    /// `(a AND b)`.
    All(Vec<Condition>),
    /// `(a OR b)`.
    Any(Vec<Condition>),
}

/// How two terms are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// `=`
    Equal,
    /// `<>`
    Unequal,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    More,
    /// `>=`
    AtLeast,
    /// `~`: a regular expression, which only the server evaluates.
    Matches,
}

impl Op {
    /// As it is written.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::Unequal => "<>",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::More => ">",
            Self::AtLeast => ">=",
            Self::Matches => "~",
        }
    }
}

impl Condition {
    /// Whether its value is true, false or unknown.
    pub fn is_boolean(&self) -> bool {
        matches!(
            self,
            Self::Flag(_)
                | Self::Compare(..)
                | Self::Member(..)
                | Self::IsNull(_)
                | Self::IsNotNull(_)
                | Self::Not(_)
                | Self::All(_)
                | Self::Any(_)
        )
    }

    /// Below casts.
    pub fn uncast(&self) -> &Self {
        match self {
            Self::Cast(inner, _) => inner.uncast(),
            other => other,
        }
    }

    /// The column that a term is, casts aside.
    pub fn column(&self) -> Option<&str> {
        match self.uncast() {
            Self::Column(name) => Some(name),
            _ => None,
        }
    }

    /// The parts of it, in order.
    pub fn parts(&self) -> Vec<&Self> {
        match self {
            Self::Column(_) | Self::Text(_) | Self::Number(_) | Self::Flag(_) | Self::Null => Vec::new(),
            Self::Call(_, parts) | Self::All(parts) | Self::Any(parts) => parts.iter().collect(),
            Self::Cast(part, _)
            | Self::Moved(part, _)
            | Self::IsNull(part)
            | Self::IsNotNull(part)
            | Self::Not(part) => vec![part],
            Self::Compare(left, _, right) => vec![left, right],
            Self::Member(term, list) => std::iter::once(&**term).chain(list).collect(),
        }
    }

    /// Every column that it speaks of, once, in order.
    pub fn columns(&self) -> Vec<&str> {
        let mut found: Vec<&str> = match self {
            Self::Column(name) => vec![name],
            other => other.parts().into_iter().flat_map(Self::columns).collect(),
        };
        let mut seen = std::collections::BTreeSet::new();
        found.retain(|name| seen.insert(*name));
        found
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined = |parts: &[Self], by: &str| {
            let parts: Vec<String> = parts.iter().map(Self::to_string).collect();
            parts.join(by)
        };
        match self {
            Self::Column(name) => f.write_str(name),
            Self::Text(text) => write!(f, "'{text}'"),
            Self::Number(number) => f.write_str(number),
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Null => f.write_str("NULL"),
            Self::Call(name, arguments) => write!(f, "{name}({})", joined(arguments, ", ")),
            // The server prints a text literal's cast without parentheses, and every other with.
            Self::Cast(inner, ty) => match **inner {
                Self::Column(_) | Self::Number(_) => write!(f, "({inner})::{ty}"),
                _ => write!(f, "{inner}::{ty}"),
            },
            Self::Moved(term, by) if *by < 0 => write!(f, "({term} - {})", by.unsigned_abs()),
            Self::Moved(term, by) => write!(f, "({term} + {by})"),
            Self::Compare(left, op, right) => write!(f, "({left} {} {right})", op.sign()),
            Self::Member(term, list) => write!(f, "({term} = ANY (ARRAY[{}]))", joined(list, ", ")),
            Self::IsNull(term) => write!(f, "({term} IS NULL)"),
            Self::IsNotNull(term) => write!(f, "({term} IS NOT NULL)"),
            Self::Not(term) => write!(f, "(NOT {term})"),
            Self::All(parts) => write!(f, "({})", joined(parts, " AND ")),
            Self::Any(parts) => write!(f, "({})", joined(parts, " OR ")),
        }
    }
}
