//! Times as UTC text with six fractional digits.
//!
//! Not for: time zones or local time; a timestamptz is an instant. The one fact to know: years are the
//! proleptic Gregorian ones that the server uses, without a year 0, so the year before 1 is `0001 … BC`.
//! Counted from 2000 as on the wire: from 1970 the server's last year would not fit.

use std::fmt;

use crate::error::EncodeError;

const MICROS_PER_DAY: i64 = 86_400_000_000;
/// Days from 1970-01-01 to 2000-01-01.
const DAYS_TO_2000: i64 = 10_957;
/// 4714-11-24 00:00:00 BC, the server's first instant.
const FIRST: i64 = -211_813_488_000_000_000;
/// 294277-01-01 00:00:00, the first instant after the server's last.
const END: i64 = 9_223_371_331_200_000_000;

/// An instant, or one of the two infinities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Timestamp {
    /// Later than every instant.
    Infinity,
    /// Earlier than every instant.
    NegativeInfinity,
    /// Microseconds since 2000-01-01T00:00:00Z; made by [`Timestamp::from_postgres_micros`].
    Finite(Micros),
}

/// Microseconds since 2000-01-01T00:00:00Z, within the server's range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Micros(i64);

impl Timestamp {
    /// The instant so many microseconds after 2000-01-01T00:00:00Z.
    pub fn from_postgres_micros(micros: i64) -> Result<Self, EncodeError> {
        if (FIRST..END).contains(&micros) {
            Ok(Self::Finite(Micros(micros)))
        } else {
            Err(EncodeError::TimestampRange { micros })
        }
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Infinity => formatter.write_str("infinity"),
            Self::NegativeInfinity => formatter.write_str("-infinity"),
            Self::Finite(Micros(micros)) => {
                let (year, month, day) = civil(micros.div_euclid(MICROS_PER_DAY) + DAYS_TO_2000);
                let time = micros.rem_euclid(MICROS_PER_DAY);
                let (seconds, fraction) = (time / 1_000_000, time % 1_000_000);
                let (shown, era) = if year < 1 { (1 - year, " BC") } else { (year, "") };
                write!(
                    formatter,
                    "{shown:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{fraction:06}Z{era}",
                    seconds / 3600,
                    seconds / 60 % 60,
                    seconds % 60
                )
            }
        }
    }
}

/// Year, month and day of a count of days since 1970-01-01, with a year 0.
///
/// Counts in 400-year eras that begin on 1 March, so that the leap day is the last of its year.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 {
        march_month + 3
    } else {
        march_month - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[track_caller]
    fn check(micros: i64, expect: &str) {
        assert_eq!(
            Timestamp::from_postgres_micros(micros)
                .expect("in range")
                .to_string(),
            expect
        );
    }

    #[test]
    fn fractions_always_have_six_digits() {
        check(-946_684_800_000_000, "1970-01-01T00:00:00.000000Z");
        check(-946_684_800_000_001, "1969-12-31T23:59:59.999999Z");
        check(5_097_600_000_010, "2000-02-29T00:00:00.000010Z");
    }

    #[test]
    fn range_ends_where_the_servers_does() {
        check(-211_813_488_000_000_000, "4714-11-24T00:00:00.000000Z BC");
        check(9_223_371_331_199_999_999, "294276-12-31T23:59:59.999999Z");
        assert!(Timestamp::from_postgres_micros(-211_813_488_000_000_001).is_err());
        assert!(Timestamp::from_postgres_micros(9_223_371_331_200_000_000).is_err());
    }

    #[test]
    fn there_is_no_year_0() {
        check(-63_082_281_600_000_000, "0001-01-01T00:00:00.000000Z");
        check(-63_082_281_600_000_001, "0001-12-31T23:59:59.999999Z BC");
    }
}
