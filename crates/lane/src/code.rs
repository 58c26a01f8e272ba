//! Why a lane stops or its packet is refused: a code each, and text that can't harm a terminal.
//!
//! Not for: what speaks against a rehearsal's packet (`evidence`), whose codes are handed through. The one fact to
//! know: `docs/findings.md` has a line for each of [`CODES`], and a test holds both to one set.

use serde::Serialize;
use std::fmt;

macro_rules! codes {
    ($($name:ident = $text:literal,)*) => {
        $(pub(crate) const $name: &str = $text;)*
        /// All codes of this crate.
        pub const CODES: &[&str] = &[$($text,)*];
    };
}

codes! {
    DELEGATION_MISSING = "DELEGATION_MISSING",
    DELEGATION_MALFORMED = "DELEGATION_MALFORMED",
    DELEGATION_OTHER = "DELEGATION_OTHER",
    DELEGATION_ASKS_FORBIDDEN = "DELEGATION_ASKS_FORBIDDEN",
    DELEGATION_TARGET = "DELEGATION_TARGET",
    DELEGATION_HOLDS_CREDENTIAL = "DELEGATION_HOLDS_CREDENTIAL",
    GOVERNANCE_MALFORMED = "GOVERNANCE_MALFORMED",
    GOVERNANCE_ID_TAKEN = "GOVERNANCE_ID_TAKEN",
    GOVERNANCE_CEILING = "GOVERNANCE_CEILING",
    GOVERNANCE_RECORDS_MISSING = "GOVERNANCE_RECORDS_MISSING",
    GOVERNANCE_RECORDS_DIFFER = "GOVERNANCE_RECORDS_DIFFER",
    PIN_CHANGED = "PIN_CHANGED",
    PINS_MISSING = "PINS_MISSING",
    PROBE_ACCEPTED = "PROBE_ACCEPTED",
    PROBE_WITHOUT_CODE = "PROBE_WITHOUT_CODE",
    PROBE_SEALED = "PROBE_SEALED",
    PROBE_LEAKED = "PROBE_LEAKED",
    PROBE_TWIN_UNNOTICED = "PROBE_TWIN_UNNOTICED",
    PROBE_CONTROL_REFUSED = "PROBE_CONTROL_REFUSED",
    PROBE_CLASS_MISSING = "PROBE_CLASS_MISSING",
    PASS_WHILE_FORBIDDEN_SURFACE = "PASS_WHILE_FORBIDDEN_SURFACE",
    REVIEW_FAILED = "REVIEW_FAILED",
    REVIEW_DIFFERS = "REVIEW_DIFFERS",
    LANE_DOCUMENT_DIFFERS = "LANE_DOCUMENT_DIFFERS",
    LANE_DIFFERS_FROM_CHECKOUT = "LANE_DIFFERS_FROM_CHECKOUT",
    LANE_REHEARSAL_UNFIT = "LANE_REHEARSAL_UNFIT",
    LANE_STATUS_DIFFERS = "LANE_STATUS_DIFFERS",
}

/// One thing that speaks against a lane or its packet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// Its code.
    pub code: String,
    /// The surface, file, check or place.
    pub subject: String,
    /// Expected and found.
    pub message: String,
}

impl Refusal {
    pub(crate) fn new(code: &str, subject: &str, message: &str) -> Self {
        Self {
            code: code.to_owned(),
            subject: evidence::escaped(subject),
            message: evidence::escaped(message),
        }
    }
}

/// Something is not what it must follow from.
pub fn differing(subject: &str, message: &str) -> Refusal {
    Refusal::new(LANE_DOCUMENT_DIFFERS, subject, message)
}

impl From<evidence::Refusal> for Refusal {
    fn from(refusal: evidence::Refusal) -> Self {
        Self {
            code: refusal.code.text().to_owned(),
            subject: refusal.subject,
            message: refusal.message,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}: {}", self.code, self.subject, self.message)
    }
}
