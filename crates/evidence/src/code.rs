//! Why a packet is refused: a code for each reason, and text that can't harm a terminal.
//!
//! Not for: the disk's errors. The one fact to know: what comes out of a packet is printed through
//! [`escaped`], which a [`Refusal`] does when it is made, so no printer can forget it.

use serde::{Serialize, Serializer};
use std::fmt;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// A reason to refuse a packet.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            /// All of them, in the order in which they are looked for.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The code as it is printed.
            pub const fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

codes! {
    /// A symlink, a folder or a device where a file belongs.
    FileNotRegular = "FILE_NOT_REGULAR",
    /// A file above the limit.
    FileTooLarge = "FILE_TOO_LARGE",
    /// No `packet.json`.
    PacketMissing = "PACKET_MISSING",
    /// A document that is not JSON, or lacks a key, or has a value of another kind.
    DocumentMalformed = "DOCUMENT_MALFORMED",
    /// A version that this verifier does not know.
    FormatUnknown = "FORMAT_UNKNOWN",
    /// A key that the format does not have.
    KeyUnknown = "KEY_UNKNOWN",
    /// A document that says the same in other bytes: white space, a key twice, another order.
    NotCanonical = "NOT_CANONICAL",
    /// A path that climbs out, is absolute, or is no plain name.
    NameUnsafe = "NAME_UNSAFE",
    /// A list that is not sorted, or names a file twice.
    ListOrder = "LIST_ORDER",
    /// A listed file that the format does not have.
    FileUnknown = "FILE_UNKNOWN",
    /// A file that is not listed although the format demands it.
    FileNotListed = "FILE_NOT_LISTED",
    /// A listed file that is not there.
    FileMissing = "FILE_MISSING",
    /// A file that is there and not listed.
    FileAdded = "FILE_ADDED",
    /// Another size than listed.
    FileSize = "FILE_SIZE",
    /// Another digest than listed.
    FileDigest = "FILE_DIGEST",
    /// The tree's digest is not that of the list.
    TreeDigest = "TREE_DIGEST",
    /// `environment.json` or its digest is not there.
    EnvironmentMissing = "ENVIRONMENT_MISSING",
    /// `environment.json` is not the file of `environment.sha256`.
    EnvironmentDigest = "ENVIRONMENT_DIGEST",
    /// A clock or a server inside the tree.
    EnvironmentInTree = "ENVIRONMENT_IN_TREE",
    /// `RERUN.sh` is not the one that follows from the plan.
    RerunDiffers = "RERUN_DIFFERS",
    /// The plan is not of the bytes in this checkout.
    PlanDiffersFromCheckout = "PLAN_DIFFERS_FROM_CHECKOUT",
    /// `rollback.json` and `outcome.json` tell two stories.
    RollbackDiffersFromOutcome = "ROLLBACK_DIFFERS_FROM_OUTCOME",
    /// A list and the outcome tell two stories.
    ExhibitDiffers = "EXHIBIT_DIFFERS",
    /// A digest is not the one that what it was made of has.
    HashDiffers = "HASH_DIFFERS",
    /// A statement does not follow from the tree.
    StatementDiffers = "STATEMENT_DIFFERS",
    /// A package or fingerprint without proof.
    RollbackProofMissing = "ROLLBACK_PROOF_MISSING",
    /// The state applied is the state before: nothing was there to take back.
    RollbackApplyDidNotMutate = "ROLLBACK_APPLY_DID_NOT_MUTATE",
    /// The state after is not the state before.
    RollbackDidNotRestore = "ROLLBACK_DID_NOT_RESTORE",
    /// The transaction did not end as a rollback ends it.
    RollbackXidStatus = "ROLLBACK_XID_STATUS",
    /// The verdict names something of the environment as what it rests on.
    VerdictRestsOnBelieved = "VERDICT_RESTS_ON_BELIEVED",
    /// The verdict names another basis than the one it is recomputed from.
    VerdictBasis = "VERDICT_BASIS",
    /// The verdict does not follow from the tree.
    VerdictDiffers = "VERDICT_DIFFERS",
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.text())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.text())
    }
}

/// One thing that is wrong with a packet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// Its code.
    pub code: Code,
    /// The file, proof or place.
    pub subject: String,
    /// Expected and found.
    pub message: String,
}

impl Refusal {
    pub(crate) fn new(code: Code, subject: &str, message: &str) -> Self {
        Self {
            code,
            subject: escaped(subject),
            message: escaped(message),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}: {}", self.code, self.subject, self.message)
    }
}

/// The text with every character that a terminal obeys, or that turns or hides its neighbours, as `\u{…}`.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        let obeyed = character.is_control();
        let invisible = matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}');
        if obeyed || invisible {
            out.extend(character.escape_unicode());
        } else {
            out.push(character);
        }
    }
    out
}
