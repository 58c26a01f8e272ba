//! One type for each digest, so that no two get swapped.
//!
//! Not for: computing them from values (`contracts`, `source`, `privilege`). The one fact to know: a
//! digest's text form is 64 lower-case hex digits and nothing else, so equal digests have equal text.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::error::ParseDigestError;

macro_rules! digest {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 32]);

        impl $name {
            /// The SHA-256 of a canonical text.
            pub fn of(preimage: &str) -> Self {
                Self(Sha256::digest(preimage.as_bytes()).into())
            }

            /// Takes 32 bytes that were computed elsewhere, by the server for instance.
            pub const fn from_bytes(bytes: [u8; 32]) -> Self {
                Self(bytes)
            }

            /// The 32 bytes.
            pub const fn as_bytes(&self) -> &[u8; 32] {
                &self.0
            }

            /// The server's text form of a bytea: `\x` and 64 hex digits.
            pub fn to_bytea_text(self) -> String {
                format!("\\x{self}")
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, "{}({self})", stringify!($name))
            }
        }

        impl FromStr for $name {
            type Err = ParseDigestError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                parse_hex(text).map(Self).ok_or_else(|| ParseDigestError {
                    digest: stringify!($name),
                    found: text.to_owned(),
                })
            }
        }
    };
}

digest!(
    /// H01: one item row.
    ItemDigest
);
digest!(
    /// H02: a surface's payload.
    PayloadDigest
);
digest!(
    /// H03: an envelope, that is a payload with its number, version, count and expected keys.
    EnvelopeDigest
);
digest!(
    /// H04: the scope that a signoff signs.
    ScopeDigest
);
digest!(
    /// H05: a set of object identities.
    ObjectSetDigest
);
digest!(
    /// H06: the source of a routine or view.
    SourceDigest
);
digest!(
    /// H07: the privileges of one object.
    PrivilegeDigest
);
digest!(
    /// A package's bytes: of the list of its files and their digests, in the form of `sha256sum`.
    PackageDigest
);
digest!(
    /// An artifact that people sign: of the file, with the line feed at its end.
    ArtifactDigest
);
digest!(
    /// An evidence packet's tree: of the artifact that lists its files, with the line feed at its end.
    TreeDigest
);
digest!(
    /// Any file: of its bytes as they are.
    FileDigest
);

impl FileDigest {
    /// The SHA-256 of a file's bytes, which need not be text.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

impl EnvelopeDigest {
    /// The manifest's id: a version 8 uuid made of the first 16 bytes [ruling B11].
    ///
    /// Derived, not random, so that the same payload has the same id in every database.
    pub fn manifest_id(&self) -> Uuid {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&self.0[..16]);
        bytes[6] = (bytes[6] & 0x0f) | 0x80;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        Uuid::from_bytes(bytes)
    }
}

fn parse_hex(text: &str) -> Option<[u8; 32]> {
    let digits = text.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = (nibble(pair[0])? << 4) | nibble(pair[1])?;
    }
    Some(bytes)
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{EnvelopeDigest, ItemDigest};

    #[test]
    fn text_form_survives_a_round_trip() {
        let digest = ItemDigest::of("[]");
        assert_eq!(digest.to_string().parse(), Ok(digest));
        assert_eq!(digest.to_bytea_text(), format!("\\x{digest}"));
    }

    #[test]
    fn upper_case_short_and_long_texts_are_rejected() {
        let text = ItemDigest::of("a").to_string();
        for wrong in [
            text.to_uppercase(),
            text[1..].to_owned(),
            format!("{text}0"),
            format!("\\x{}", &text[2..]),
        ] {
            assert!(wrong.parse::<ItemDigest>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn manifest_id_is_a_version_8_uuid() {
        assert_eq!(
            EnvelopeDigest::from_bytes([0xff; 32]).manifest_id().to_string(),
            "ffffffff-ffff-8fff-bfff-ffffffffffff"
        );
        assert_eq!(
            EnvelopeDigest::from_bytes([0; 32]).manifest_id().to_string(),
            "00000000-0000-8000-8000-000000000000"
        );
    }
}
