//! Numerics as the server's `trim_scale(numeric)::text` prints them.
//!
//! Not for: arithmetic. The one fact to know: two texts of one number have one form here, so `-0` is
//! `0` and `1.500` is `1.5`.

use std::fmt;
use std::str::FromStr;

use crate::error::EncodeError;

/// Digits that the server takes before the point.
const INTEGER_DIGITS_MAX: usize = 131_072;
/// Digits that the server takes after the point.
const FRACTION_DIGITS_MAX: usize = 16_383;

/// A PostgreSQL numeric in its one canonical form.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Numeric(String);

impl Numeric {
    /// The canonical text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Numeric {
    type Err = EncodeError;

    /// Takes decimal digits with an optional sign and point, `NaN`, `Infinity`, `-Infinity`; no
    /// exponent, no white space.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if matches!(text, "NaN" | "Infinity" | "-Infinity") {
            return Ok(Self(text.to_owned()));
        }
        let wrong = || EncodeError::Numeric {
            text: text.to_owned(),
        };
        let (sign, digits) = match text.as_bytes().first() {
            Some(b'-') => ("-", &text[1..]),
            Some(b'+') => ("", &text[1..]),
            _ => ("", text),
        };
        let (integer, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if integer.is_empty() && fraction.is_empty() {
            return Err(wrong());
        }
        if !integer
            .bytes()
            .chain(fraction.bytes())
            .all(|digit| digit.is_ascii_digit())
        {
            return Err(wrong());
        }
        // The server counts written fractional digits, not significant ones.
        let written_fraction = fraction.len();
        let integer = integer.trim_start_matches('0');
        let fraction = fraction.trim_end_matches('0');
        if integer.len() > INTEGER_DIGITS_MAX || written_fraction > FRACTION_DIGITS_MAX {
            return Err(EncodeError::NumericRange {
                integer: integer.len(),
                fraction: written_fraction,
            });
        }
        let sign = if integer.is_empty() && fraction.is_empty() {
            ""
        } else {
            sign
        };
        let integer = if integer.is_empty() { "0" } else { integer };
        let point = if fraction.is_empty() { "" } else { "." };
        Ok(Self(format!("{sign}{integer}{point}{fraction}")))
    }
}

impl From<i64> for Numeric {
    fn from(value: i64) -> Self {
        Self(value.to_string())
    }
}

impl fmt::Display for Numeric {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Numeric;

    #[track_caller]
    fn check(input: &str, expect: &str) {
        assert_eq!(input.parse::<Numeric>().expect("a numeric").as_str(), expect);
    }

    #[track_caller]
    fn rejected(input: &str) {
        assert!(input.parse::<Numeric>().is_err(), "`{input}` was taken");
    }

    #[test]
    fn scale_is_trimmed() {
        check("1.500", "1.5");
        check("10.000", "10");
        check("100", "100");
        check("0.050", "0.05");
    }

    #[test]
    fn zero_has_one_form() {
        for zero in ["0", "-0", "+0", "000", "0.0", "-0.000", ".0", "0."] {
            check(zero, "0");
        }
    }

    #[test]
    fn signs_and_leading_zeros_are_settled() {
        check("+7", "7");
        check("-007.10", "-7.1");
        check(".5", "0.5");
        check("-.5", "-0.5");
    }

    #[test]
    fn words_are_taken_as_the_server_prints_them() {
        for word in ["NaN", "Infinity", "-Infinity"] {
            check(word, word);
        }
        for wrong in ["nan", "inf", "+Infinity", "-NaN"] {
            rejected(wrong);
        }
    }

    #[test]
    fn what_is_no_number_is_rejected() {
        for wrong in ["", "-", ".", "1e3", "1_000", " 1", "1 ", "--1", "1.2.3", "٣"] {
            rejected(wrong);
        }
    }

    #[test]
    fn range_ends_where_the_servers_does() {
        check(&"9".repeat(131_072), &"9".repeat(131_072));
        rejected(&"9".repeat(131_073));
        check(
            &format!("0.{}", "1".repeat(16_383)),
            &format!("0.{}", "1".repeat(16_383)),
        );
        rejected(&format!("0.{}", "1".repeat(16_384)));
    }
}
