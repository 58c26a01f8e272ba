//! Why something is refused: one code a reason, for programs, and a message beside it, for people.
//!
//! Not for: the reason codes of the control plane, which have SQLSTATEs and stand in its manifests. The
//! one fact to know: `docs/authorization.md` lists these codes in these words, and a test holds the list,
//! the page and the mutants to one set.

use serde::{Serialize, Serializer};
use std::fmt;

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal,)+) => {
        /// A reason for which an artifact, a signature or a package is refused.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Code {
            /// Every code, in the order of the page.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The code as programs read it.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// What it means, in a sentence.
            pub fn meaning(self) -> &'static str {
                let text = match self {
                    $(Self::$variant => concat!($($doc),+),)+
                };
                text.trim()
            }
        }
    };
}

codes! {
    /// It is no artifact of its kind and version.
    Malformed = "MALFORMED",
    /// It holds a field that its kind does not have.
    FieldUnknown = "FIELD_UNKNOWN",
    /// It lacks a field.
    FieldMissing = "FIELD_MISSING",
    /// A field holds what it can't hold.
    FieldInvalid = "FIELD_INVALID",
    /// It says the same in other bytes than the canonical ones.
    NotCanonical = "NOT_CANONICAL",

    /// It names a package that does not exist.
    PackageUnknown = "PACKAGE_UNKNOWN",
    /// It authorizes a package that no operator runs.
    PackageNeedsNoAuthorization = "PACKAGE_NEEDS_NO_AUTHORIZATION",
    /// It was given for another package than this packet's.
    OtherPackage = "OTHER_PACKAGE",
    /// The packet's files are not those that its list names.
    PacketNotWhole = "PACKET_NOT_WHOLE",
    /// It was given for other bytes than these.
    OtherBytes = "OTHER_BYTES",
    /// Its scope holds no object.
    ScopeEmpty = "SCOPE_EMPTY",
    /// Its scope holds an object that the packet does not touch.
    ScopeWidened = "SCOPE_WIDENED",
    /// The packet touches an object that its scope does not hold.
    ScopeNarrowed = "SCOPE_NARROWED",
    /// Its scope holds what is no object of the sealed authority scope.
    ScopeUnknownObject = "SCOPE_UNKNOWN_OBJECT",
    /// Its scope holds an object that no package may open.
    ScopeForbiddenObject = "SCOPE_FORBIDDEN_OBJECT",
    /// The proof that the packet was read back does not hold.
    ProofDoesNotHold = "PROOF_DOES_NOT_HOLD",
    /// It was given for another database.
    OtherTarget = "OTHER_TARGET",
    /// It was given for a packet of another version of the tools.
    OtherToolVersion = "OTHER_TOOL_VERSION",
    /// It was given at another control epoch.
    OtherEpoch = "OTHER_EPOCH",
    /// It ends before it begins.
    WindowEmpty = "WINDOW_EMPTY",
    /// It is not yet valid.
    NotYetValid = "NOT_YET_VALID",
    /// It has expired.
    Expired = "EXPIRED",
    /// Its nonce was used before.
    NonceReplayed = "NONCE_REPLAYED",

    /// It names a principal that the sealed list of people does not have.
    PrincipalUnknown = "PRINCIPAL_UNKNOWN",
    /// It names another human behind a principal than the sealed list does.
    HumanMismatch = "HUMAN_MISMATCH",
    /// A principal does not hold the slot that it acts in.
    SlotNotHeld = "SLOT_NOT_HELD",
    /// One human stands in two places that two humans must fill.
    SameHuman = "SAME_HUMAN",
    /// It names another author than the packet does.
    OtherAuthor = "OTHER_AUTHOR",
    /// The runner is not of the one class that may run the package.
    RunnerClassWrong = "RUNNER_CLASS_WRONG",

    /// The reviewer or the owner, or the auditor, has not signed.
    SignatureMissing = "SIGNATURE_MISSING",
    /// A signature can't be read.
    SignatureMalformed = "SIGNATURE_MALFORMED",
    /// A signature is not of these bytes by this key.
    SignatureInvalid = "SIGNATURE_INVALID",
    /// A signature was made for another purpose.
    WrongNamespace = "WRONG_NAMESPACE",
    /// A key is of a type that is not accepted.
    KeyTypeUnsupported = "KEY_TYPE_UNSUPPORTED",
    /// A key stands in nobody's line of allowed signers.
    KeyUnknown = "KEY_UNKNOWN",
    /// A key may not sign for this purpose.
    KeyNamespace = "KEY_NAMESPACE",
    /// A key is not yet valid.
    KeyNotYetValid = "KEY_NOT_YET_VALID",
    /// A key has expired.
    KeyExpired = "KEY_EXPIRED",
    /// A key was revoked.
    KeyRevoked = "KEY_REVOKED",
    /// A key that everybody has, for rehearsals, signed for a real target.
    RehearsalKey = "REHEARSAL_KEY",
    /// A rehearsal's signature stands under an artifact for a real target.
    RehearsalTarget = "REHEARSAL_TARGET",
    /// The author signed what only others may approve.
    SignedByAuthor = "SIGNED_BY_AUTHOR",
    /// Somebody signed whom the artifact does not name.
    SignerNotNamed = "SIGNER_NOT_NAMED",
    /// The list of allowed signers can't be relied on.
    AllowedSignersRefused = "ALLOWED_SIGNERS_REFUSED",
    /// The list of revoked keys can't be read.
    RevocationListRefused = "REVOCATION_LIST_REFUSED",

    /// No re-audit was recorded.
    ReauditMissing = "REAUDIT_MISSING",
    /// The re-audit is not newer than what it must follow.
    ReauditStale = "REAUDIT_STALE",
    /// The re-audit is dated later than now.
    ReauditInFuture = "REAUDIT_IN_FUTURE",
    /// The re-audit was made by somebody who authored or operates.
    ReauditNotIndependent = "REAUDIT_NOT_INDEPENDENT",
    /// The re-audit found something.
    ReauditFoundSomething = "REAUDIT_FOUND_SOMETHING",

    /// The package before it is not done.
    PredecessorNotDone = "PREDECESSOR_NOT_DONE",
    /// The package has no bytes yet.
    PackageMissing = "PACKAGE_MISSING",
    /// No authorization was given.
    AuthorizationMissing = "AUTHORIZATION_MISSING",
    /// No target was named.
    TargetMissing = "TARGET_MISSING",
    /// The evidence was made after other evidence of the package before it.
    EvidenceStale = "EVIDENCE_STALE",
    /// The evidence is dated later than now.
    EvidenceInFuture = "EVIDENCE_IN_FUTURE",
    /// The evidence does not say that the package passed.
    EvidenceNotPass = "EVIDENCE_NOT_PASS",
    /// The evidence is of a run under another authorization.
    EvidenceOtherAuthorization = "EVIDENCE_OTHER_AUTHORIZATION",
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// One refusal: its code, and what was expected, what was found and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Refusal {
    /// Why.
    pub code: Code,
    /// In words.
    pub message: String,
}

impl Code {
    /// A refusal for this reason.
    pub(crate) fn because(self, message: impl Into<String>) -> Refusal {
        Refusal {
            code: self,
            message: message.into(),
        }
    }
}

/// All refusals of one artifact; never none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", lines(.0))]
pub struct Refused(pub(crate) Vec<Refusal>);

impl Refused {
    /// Each of them.
    pub fn refusals(&self) -> &[Refusal] {
        &self.0
    }

    /// Their codes, each once, in the order of the page.
    pub fn codes(&self) -> Vec<Code> {
        let mut codes: Vec<Code> = self.0.iter().map(|refusal| refusal.code).collect();
        codes.sort_unstable();
        codes.dedup();
        codes
    }

    /// An error if anything was refused.
    pub(crate) fn unless_empty(refusals: Vec<Refusal>) -> Result<(), Self> {
        if refusals.is_empty() {
            Ok(())
        } else {
            Err(Self(refusals))
        }
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self(vec![refusal])
    }
}

fn lines(refusals: &[Refusal]) -> String {
    let lines: Vec<String> = refusals.iter().map(ToString::to_string).collect();
    lines.join("\n")
}
