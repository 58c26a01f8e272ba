//! Authorizations that must be refused: each a good one with one thing changed.
//!
//! The one fact to know: what stands beside each is its only reason; two reasons would hide one another.

use super::{Case, listed, packet_files};
use crate::people::{NAMESPACES, allowed, at, public};
use operator_authorization::{Code, Moment, Purpose, packet, rehearsal};

type Mutant = (Code, &'static str, fn(&mut Case));

/// Each changes one thing of a good authorization or of the world around it.
pub(crate) const MUTANTS: &[Mutant] = &[
    (Code::Malformed, "no JSON", |case| {
        case.rewrite = Some(|text| text.replacen('[', "", 1));
    }),
    (Code::Malformed, "another version", |case| {
        case.rewrite = Some(|text| text.replacen("\"v1\"", "\"v2\"", 1));
    }),
    (Code::Malformed, "an artifact of another kind", |case| {
        case.rewrite = Some(|text| text.replacen("operator_authorization", "backfill_permit", 1));
    }),
    (Code::FieldUnknown, "a field more", |case| {
        case.rewrite = Some(|text| text.replacen("[[\"package\"", "[[\"also_opens\",\"x\"],[\"package\"", 1));
    }),
    (Code::FieldUnknown, "a field more, in the scope", |case| {
        case.rewrite =
            Some(|text| text.replacen("[\"objects\"", "[\"pattern\",\"table:%\"],[\"objects\"", 1));
    }),
    (Code::FieldMissing, "no expiry", |case| {
        case.rewrite = Some(|text| text.replacen(",[\"expiry\",\"2026-03-01T18:00:00.000000Z\"]", "", 1));
    }),
    (Code::FieldInvalid, "an expiry that never comes", |case| {
        case.rewrite = Some(|text| text.replacen("2026-03-01T18:00:00.000000Z", "infinity", 1));
    }),
    (Code::FieldInvalid, "an object twice in the scope", |case| {
        case.rewrite = Some(|text| text.replacen("\"table:a\",", "\"table:a\",\"table:a\",", 1));
    }),
    (Code::FieldInvalid, "a short nonce", |case| {
        case.artifact.nonce.pop();
    }),
    (Code::FieldInvalid, "the same field twice", |case| {
        case.rewrite =
            Some(|text| text.replacen("[\"epoch\",\"4\"]", "[\"epoch\",\"4\"],[\"epoch\",\"4\"]", 1));
    }),
    (Code::NotCanonical, "white space", |case| {
        case.rewrite = Some(|text| text.replacen(',', ", ", 1));
    }),
    (Code::NotCanonical, "no line feed at the end", |case| {
        case.rewrite = Some(|text| text.trim_end().to_owned());
    }),
    (Code::NotCanonical, "fields in another order", |case| {
        case.rewrite = Some(|text| {
            text.replacen("[\"epoch\",\"4\"],", "", 1).replacen(
                "[\"nonce\"",
                "[\"epoch\",\"4\"],[\"nonce\"",
                1,
            )
        });
    }),
    (Code::PackageUnknown, "of a package that does not exist", |case| {
        case.packages.retain(|rule| rule.id != "APPLY");
    }),
    (
        Code::PackageNeedsNoAuthorization,
        "of an author's package",
        |case| {
            let files = packet_files("DRAFT", "author", "1.2.3", "\"table:a\", \"table:b\"");
            case.packet(files);
            case.artifact.package = "DRAFT".to_owned();
            case.artifact.scope.package = "DRAFT".to_owned();
        },
    ),
    (Code::OtherPackage, "of another package", |case| {
        case.artifact.package = "FREEZE".to_owned();
        case.artifact.scope.package = "FREEZE".to_owned();
    }),
    (Code::OtherPackage, "with another package's scope", |case| {
        case.artifact.scope.package = "FREEZE".to_owned();
    }),
    (Code::PacketNotWhole, "a byte of the packet changed", |case| {
        case.files.get_mut("apply.sql").unwrap()[7] = b'2';
    }),
    (Code::PacketNotWhole, "a file more in the packet", |case| {
        case.files.insert("extra.sql".to_owned(), Vec::new());
    }),
    (Code::PacketNotWhole, "a file less in the packet", |case| {
        case.files.remove("apply.sql");
    }),
    (Code::PacketNotWhole, "no list in the packet", |case| {
        case.files.remove(packet::LIST);
    }),
    (
        Code::OtherBytes,
        "of a packet that was changed and listed anew",
        |case| {
            case.files.get_mut("apply.sql").unwrap()[7] = b'2';
            listed(&mut case.files);
        },
    ),
    (Code::ScopeEmpty, "an empty scope", |case| case.scope(&[])),
    (Code::ScopeWidened, "a wider scope", |case| {
        case.scope(&["table:a", "table:b", "table:c"]);
    }),
    (Code::ScopeNarrowed, "a narrower scope", |case| {
        case.scope(&["table:a"]);
    }),
    (Code::ScopeUnknownObject, "an object that is not sealed", |case| {
        case.known.remove("table:a");
    }),
    (
        Code::ScopeForbiddenObject,
        "an object that no package opens",
        |case| {
            case.forbidden.insert("table:a".to_owned());
        },
    ),
    (
        Code::ProofDoesNotHold,
        "one object was missing when it was read back",
        |case| {
            case.artifact.proof.missing = 1;
        },
    ),
    (
        Code::ProofDoesNotHold,
        "it was read back as something else",
        |case| {
            case.artifact.proof.read_back_sha256 = canonical::PackageDigest::of("else");
        },
    ),
    (Code::ProofDoesNotHold, "it counts another set", |case| {
        case.artifact.proof.object_set_sha256 = canonical::ObjectSetDigest::of("else");
    }),
    (Code::OtherTarget, "for another cluster", |case| {
        case.target.system_identifier = "7300000000000000002".to_owned();
    }),
    (Code::OtherTarget, "for another database", |case| {
        case.target.database.push('2');
    }),
    (Code::OtherToolVersion, "by other tools", |case| {
        case.artifact.tool_version = "1.2.4".to_owned();
    }),
    (Code::OtherToolVersion, "verified by other tools", |case| {
        case.tool_version = "1.2.4";
    }),
    (Code::OtherEpoch, "the epoch moved", |case| case.epoch = 5),
    (Code::WindowEmpty, "no time at all", |case| {
        case.artifact.expiry = case.artifact.not_before.clone();
    }),
    (Code::NotYetValid, "a microsecond too early", |case| {
        case.now = Moment::parse("2026-03-01T07:59:59.999999Z").unwrap();
    }),
    (Code::Expired, "at its last instant", |case| {
        case.now = at("2026-03-01T18:00:00Z");
    }),
    (Code::NonceReplayed, "used before", |case| {
        let nonce = case.artifact.nonce.clone();
        case.used_nonces.insert(nonce, "an earlier run".to_owned());
    }),
    (Code::PrincipalUnknown, "an operator whom nobody sealed", |case| {
        case.forget("operator");
    }),
    (
        Code::HumanMismatch,
        "a reviewer under another human's name",
        |case| {
            case.artifact.reviewer.human = "Rita".to_owned();
        },
    ),
    (Code::SlotNotHeld, "an owner who holds no such slot", |case| {
        case.artifact.owner = case.people.person("bystander").unwrap();
        case.signers[1].0 = "bystander";
    }),
    (
        Code::SameHuman,
        "reviewer and owner are one human under two principals",
        |case| {
            case.artifact.owner = case.people.person("reviewer_too").unwrap();
            case.signers[1].0 = "reviewer_too";
        },
    ),
    (Code::OtherAuthor, "another author than the packet's", |case| {
        case.artifact.author = case.people.person("author_other").unwrap();
    }),
    (Code::RunnerClassWrong, "the author operates", |case| {
        case.artifact.operator = case.people.person("author_too").unwrap();
    }),
    (Code::SignatureMissing, "the owner has not signed", |case| {
        case.signers.pop();
    }),
    (Code::SignatureMissing, "nobody has signed", |case| {
        case.signers.clear();
    }),
    (Code::SignatureMissing, "the reviewer signed twice", |case| {
        case.signers[1].0 = "reviewer";
    }),
    (Code::SignatureMalformed, "no signature", |case| {
        case.damage = Some(|_| "signed, the owner\n".to_owned());
    }),
    (
        Code::SignatureInvalid,
        "a longer window, after the signing",
        |case| {
            case.edit = Some(|text| text.replacen("2026-03-01T18", "2026-03-01T19", 1));
        },
    ),
    (
        Code::SignatureInvalid,
        "another nonce, after the signing",
        |case| {
            case.edit = Some(|text| text.replacen("0011", "1100", 1));
        },
    ),
    (Code::WrongNamespace, "signed as a re-audit", |case| {
        case.signers[0].1 = NAMESPACES.reaudit.to_owned();
    }),
    (
        Code::KeyTypeUnsupported,
        "signed with a key of another type",
        |case| {
            case.damage = Some(|_| include_str!("../ecdsa.sig").to_owned());
        },
    ),
    (Code::KeyUnknown, "by a key that nobody allowed", |case| {
        case.allowed_signers = case
            .allowed_signers
            .replacen(&public("owner"), &public("stranger"), 1);
    }),
    (Code::KeyNamespace, "by a key for another purpose", |case| {
        case.allowed_signers = case.allowed_signers.replacen(
            &allowed("owner"),
            &allowed("owner").replacen("tiny-authorization,", "", 1),
            1,
        );
    }),
    (Code::KeyNotYetValid, "by a key of tomorrow", |case| {
        let tomorrow = allowed("owner").replacen("20250101Z", "20260302Z", 1);
        case.allowed_signers = case.allowed_signers.replacen(&allowed("owner"), &tomorrow, 1);
    }),
    (Code::KeyExpired, "by a key of yesterday", |case| {
        let yesterday = allowed("owner").replacen("20280101Z", "20260228Z", 1);
        case.allowed_signers = case.allowed_signers.replacen(&allowed("owner"), &yesterday, 1);
    }),
    (Code::KeyRevoked, "by a key that was lost", |case| {
        case.revoked = (public("owner") + "\n").into_bytes();
    }),
    (
        Code::RehearsalKey,
        "by a key that everybody has, though somebody allowed it",
        |case| {
            // Its fixed key, in the real namespace, and with a line of its own: all but a real key.
            let fixed = rehearsal::public_key("owner").unwrap();
            case.allowed_signers = case.allowed_signers.replacen(&public("owner"), &fixed, 1);
            case.signers[1].0 = "fixed key of owner";
        },
    ),
    (
        Code::RehearsalTarget,
        "a rehearsal's signature on a real target",
        |case| {
            case.purpose = Purpose::Rehearsal {
                system_identifier: "7300000000000000009",
            };
            for (_, namespace) in &mut case.signers {
                *namespace = NAMESPACES.rehearsal.to_owned();
            }
        },
    ),
    (Code::SignedByAuthor, "signed by the author", |case| {
        case.signers[0].0 = "author";
    }),
    (
        Code::SignedByAuthor,
        "signed by the author under another principal",
        |case| {
            case.signers[0].0 = "author_too";
        },
    ),
    (Code::SignerNotNamed, "signed by somebody else as well", |case| {
        case.signers
            .push(("bystander", NAMESPACES.authorization.to_owned()));
    }),
    (
        Code::AllowedSignersRefused,
        "an authority among the signers",
        |case| {
            case.allowed_signers =
                case.allowed_signers
                    .replacen("namespaces", "cert-authority,namespaces", 1);
        },
    ),
    (
        Code::RevocationListRefused,
        "a binary list of revoked keys",
        |case| {
            case.revoked = b"SSHKRL\n\0\0\0\0\x01".to_vec();
        },
    ),
];
