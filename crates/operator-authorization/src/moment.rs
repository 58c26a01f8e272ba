//! An instant as artifacts hold it: `2026-01-31T23:59:59.000000Z`.
//!
//! Not for: reading a clock; `now` is always given. The one fact to know: all texts have one length and
//! are in UTC, so the order of the texts is the order of the instants.

use canonical::Timestamp;
use std::fmt;

/// An instant in UTC, of the years 0001 to 9999, to the microsecond.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(String);

const SHAPE: &str = "dddd-dd-ddTdd:dd:dd.ddddddZ";

impl Moment {
    /// Reads the canonical text, and no other.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = text.len() == SHAPE.len()
            && text
                .bytes()
                .zip(SHAPE.bytes())
                .all(|(found, wanted)| match wanted {
                    b'd' => found.is_ascii_digit(),
                    literal => found == literal,
                });
        if !fits {
            return None;
        }
        let number = |from: usize, to: usize| text[from..to].parse::<u32>().ok();
        let is_real = is_date(number(0, 4)?, number(5, 7)?, number(8, 10)?)
            && number(11, 13)? < 24
            && number(14, 16)? < 60
            && number(17, 19)? < 60;
        is_real.then(|| Self(text.to_owned()))
    }

    /// Reads what people write: `2026-01-31T23:59:59Z`, with or without a fraction of up to six digits.
    pub fn parse_lenient(text: &str) -> Option<Self> {
        let (seconds, fraction) = match text.strip_suffix('Z')?.split_once('.') {
            None => (text.strip_suffix('Z')?, ""),
            Some((_, "")) => return None,
            Some(parts) => parts,
        };
        (fraction.len() <= 6)
            .then(|| Self::parse(&format!("{seconds}.{fraction:0<6}Z")))
            .flatten()
    }

    /// Reads the form of `allowed_signers`: `YYYYMMDDZ`, `YYYYMMDDHHMMZ` or `YYYYMMDDHHMMSSZ`.
    pub(crate) fn parse_compact(text: &str) -> Option<Self> {
        let digits = text.strip_suffix('Z')?;
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let digits = match digits.len() {
            8 => format!("{digits}000000"),
            12 => format!("{digits}00"),
            14 => digits.to_owned(),
            _ => return None,
        };
        let part = |from: usize| &digits[from..from + 2];
        Self::parse(&format!(
            "{}-{}-{}T{}:{}:{}.000000Z",
            &digits[..4],
            part(4),
            part(6),
            part(8),
            part(10),
            part(12)
        ))
    }

    /// The instant so many microseconds after 2000-01-01T00:00:00Z, if it has a year of four digits.
    pub fn from_postgres_micros(micros: i64) -> Option<Self> {
        Self::parse(&Timestamp::from_postgres_micros(micros).ok()?.to_string())
    }

    /// The canonical text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form of `ssh-keygen -Overify-time`, to the second.
    pub fn to_compact(&self) -> String {
        let digits: String = self.0[..19].chars().filter(char::is_ascii_digit).collect();
        format!("{digits}Z")
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

fn is_date(year: u32, month: u32, day: u32) -> bool {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return false,
    };
    year >= 1 && (1..=days).contains(&day)
}

#[cfg(test)]
mod tests {
    use super::Moment;

    #[test]
    fn only_real_instants_in_the_one_form_are_read() {
        for good in [
            "0001-01-01T00:00:00.000000Z",
            "2024-02-29T23:59:59.999999Z",
            "2000-02-29T00:00:00.000000Z",
            "9999-12-31T23:59:59.999999Z",
        ] {
            assert_eq!(Moment::parse(good).unwrap().as_str(), good);
        }
        for bad in [
            "0000-01-01T00:00:00.000000Z",
            "2023-02-29T00:00:00.000000Z",
            "1900-02-29T00:00:00.000000Z",
            "2024-13-01T00:00:00.000000Z",
            "2024-00-01T00:00:00.000000Z",
            "2024-04-31T00:00:00.000000Z",
            "2024-01-00T00:00:00.000000Z",
            "2024-01-01T24:00:00.000000Z",
            "2024-01-01T00:60:00.000000Z",
            "2024-01-01T00:00:60.000000Z",
            "2024-01-01T00:00:00Z",
            "2024-01-01T00:00:00.000000+00:00",
            "2024-01-01 00:00:00.000000Z",
            "infinity",
            "",
        ] {
            assert_eq!(Moment::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn people_may_leave_out_the_fraction_and_no_more() {
        let whole = Moment::parse("2026-01-31T10:00:00.000000Z");
        assert_eq!(Moment::parse_lenient("2026-01-31T10:00:00Z"), whole);
        assert_eq!(Moment::parse_lenient("2026-01-31T10:00:00.0Z"), whole);
        for bad in [
            "2026-01-31T10:00:00",
            "2026-01-31",
            "2026-01-31T10:00:00.Z",
            "2026-01-31T10:00:00.0000000Z",
        ] {
            assert_eq!(Moment::parse_lenient(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_forms_of_allowed_signers_are_read_in_utc_alone() {
        let read = |text| Moment::parse_compact(text).map(|moment| moment.to_compact());
        assert_eq!(read("20260131Z").as_deref(), Some("20260131000000Z"));
        assert_eq!(read("202601312359Z").as_deref(), Some("20260131235900Z"));
        assert_eq!(read("20260131235958Z").as_deref(), Some("20260131235958Z"));
        for bad in ["20260131", "2026013Z", "20261331Z", "2026013123Z", "x0260131Z"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn order_of_texts_is_order_of_instants() {
        let at = |micros| Moment::from_postgres_micros(micros).unwrap();
        assert!(at(0) < at(1) && at(1) < at(1_000_000) && at(-1) < at(0));
    }
}
