//! Authorizations: a good one passes, and each reason to refuse is met by changing one thing.
//!
//! The one fact to know: unless a mutant is about signatures, it is signed after the change, so that the
//! signature is not what refuses it; and each is refused for its reason and for no other.

pub(crate) mod mutants;

use crate::people::{NAMESPACES, allowed_signers, at, key, people, public, rules, sign, target};
use operator_authorization::{
    AllowedSigners, Authorization, Authorized, Code, Expected, Moment, PackageRule, Packet, People, Proof,
    Purpose, Refused, RevokedKeys, Scope, SignatureFile, Target, Trust, packet, rehearsal, verify,
};
use std::collections::{BTreeMap, BTreeSet};

/// An authorization, and the world around it.
pub(crate) struct Case {
    pub(crate) artifact: Authorization,
    /// Who signs, with whose key, for what; a fixed key of rehearsals if it has no owner.
    pub(crate) signers: Vec<(&'static str, String)>,
    /// Changes the file before it is signed.
    pub(crate) rewrite: Option<fn(String) -> String>,
    /// Changes the file after it was signed.
    pub(crate) edit: Option<fn(String) -> String>,
    /// Changes a signature's text.
    pub(crate) damage: Option<fn(String) -> String>,
    pub(crate) allowed_signers: String,
    pub(crate) revoked: Vec<u8>,
    pub(crate) people: People,
    pub(crate) packages: Vec<PackageRule>,
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    pub(crate) target: Target,
    pub(crate) tool_version: &'static str,
    pub(crate) epoch: u64,
    pub(crate) now: Moment,
    pub(crate) used_nonces: BTreeMap<String, String>,
    pub(crate) known: BTreeSet<String>,
    pub(crate) forbidden: BTreeSet<String>,
    pub(crate) purpose: Purpose<'static>,
}

/// A packet's files, with its list.
pub(crate) fn packet_files(
    package: &str,
    author: &str,
    version: &str,
    objects: &str,
) -> BTreeMap<String, Vec<u8>> {
    let declaration = format!(
        "package = \"{package}\"\nauthor = \"{author}\"\ntool_version = \"{version}\"\nobjects = [{objects}]\n"
    );
    let mut files = BTreeMap::from([
        ("apply.sql".to_owned(), b"select 1;\n".to_vec()),
        (packet::DECLARATION.to_owned(), declaration.into_bytes()),
    ]);
    listed(&mut files);
    files
}

/// With a list that fits.
pub(crate) fn listed(files: &mut BTreeMap<String, Vec<u8>>) {
    let list = packet::list(files);
    files.insert(packet::LIST.to_owned(), list.into_bytes());
}

impl Case {
    pub(crate) fn good() -> Self {
        let people = people();
        let files = packet_files("APPLY", "author", "1.2.3", "\"table:b\", \"table:a\"");
        let packet = Packet::read(&files).unwrap();
        let person = |principal| people.person(principal).unwrap();
        let artifact = Authorization {
            package: "APPLY".to_owned(),
            approved_package_sha256: packet.digest,
            tool_version: "1.2.3".to_owned(),
            epoch: 4,
            not_before: at("2026-03-01T08:00:00Z"),
            expiry: at("2026-03-01T18:00:00Z"),
            nonce: "00112233445566778899aabbccddeeff".to_owned(),
            author: person("author"),
            reviewer: person("reviewer"),
            owner: person("owner"),
            operator: person("operator"),
            target: target(),
            scope: Scope {
                package: "APPLY".to_owned(),
                objects: packet.objects.clone(),
            },
            proof: Proof::over(&packet.objects, packet.digest).unwrap(),
        };
        Self {
            artifact,
            signers: vec![
                ("reviewer", NAMESPACES.authorization.to_owned()),
                ("owner", NAMESPACES.authorization.to_owned()),
            ],
            rewrite: None,
            edit: None,
            damage: None,
            allowed_signers: allowed_signers(),
            revoked: Vec::new(),
            people,
            packages: rules(),
            files,
            target: target(),
            tool_version: "1.2.3",
            epoch: 4,
            now: at("2026-03-01T09:00:00Z"),
            used_nonces: BTreeMap::new(),
            known: ["table:a", "table:b", "table:c", "permit:p"]
                .map(str::to_owned)
                .into(),
            forbidden: ["permit:p"].map(str::to_owned).into(),
            purpose: Purpose::Production,
        }
    }

    /// The scope and its proof, changed together.
    pub(crate) fn scope(&mut self, objects: &[&str]) {
        let mut objects: Vec<String> = objects.iter().map(|object| (*object).to_owned()).collect();
        objects.sort();
        self.artifact.proof = Proof::over(&objects, self.artifact.approved_package_sha256).unwrap();
        self.artifact.scope.objects = objects;
    }

    /// The file, and signatures of what it was when it was signed.
    pub(crate) fn files(&self) -> (String, Vec<String>) {
        let change =
            |text: String, how: Option<fn(String) -> String>| how.map_or(text.clone(), |how| how(text));
        let text = change(self.artifact.to_file().unwrap(), self.rewrite);
        let signatures = self
            .signers
            .iter()
            .map(|(principal, namespace)| {
                let signature = if namespace == NAMESPACES.rehearsal {
                    rehearsal::sign(principal, NAMESPACES, text.as_bytes()).unwrap()
                } else {
                    sign(principal, namespace, text.as_bytes())
                };
                change(signature, self.damage)
            })
            .collect();
        (change(text, self.edit), signatures)
    }

    pub(crate) fn verify(&self) -> Result<Authorized, Refused> {
        let (text, signatures) = self.files();
        self.verify_files(&text, &signatures)
    }

    pub(crate) fn verify_files(&self, text: &str, signatures: &[String]) -> Result<Authorized, Refused> {
        let signers = match self.purpose {
            Purpose::Production => AllowedSigners::parse(&self.allowed_signers)?,
            Purpose::Rehearsal { .. } => rehearsal::signers(&self.people, NAMESPACES),
        };
        let files: Vec<SignatureFile<'_>> = signatures
            .iter()
            .map(|text| SignatureFile {
                name: "a signature",
                bytes: text.as_bytes(),
            })
            .collect();
        let trust = Trust {
            signers: &signers,
            revoked: &RevokedKeys::parse(&self.revoked)?,
            people: &self.people,
            namespaces: NAMESPACES,
            purpose: self.purpose,
            now: &self.now,
        };
        let expected = Expected {
            packages: &self.packages,
            packet: &Packet::read(&self.files)?,
            target: &self.target,
            tool_version: self.tool_version,
            epoch: self.epoch,
            used_nonces: &self.used_nonces,
            known_objects: &self.known,
            forbidden_objects: &self.forbidden,
        };
        verify(text.as_bytes(), &files, &trust, &expected)
    }

    /// Named by the artifact, and no longer by the sealed list: the sealed list, without them.
    fn forget(&mut self, principal: &str) {
        let kept = people();
        self.people =
            kept.principals()
                .filter(|known| *known != principal)
                .fold(People::default(), |rest, known| {
                    let human = kept.person(known).unwrap().human;
                    rest.with(
                        known,
                        &human,
                        ["author", "reviewer", "owner", "operator", "auditor"],
                    )
                });
    }

    fn packet(&mut self, files: BTreeMap<String, Vec<u8>>) {
        self.files = files;
        let packet = Packet::read(&self.files).unwrap();
        self.artifact.approved_package_sha256 = packet.digest;
        self.artifact.proof.read_back_sha256 = packet.digest;
    }
}

#[test]
fn a_good_authorization_passes() {
    let case = Case::good();
    let authorized = case.verify().unwrap();
    assert_eq!(*authorized.authorization(), case.artifact);
}

#[test]
fn each_mutant_is_refused_for_its_reason_and_no_other() {
    for (code, what, mutate) in mutants::MUTANTS {
        let mut case = Case::good();
        mutate(&mut case);
        match case.verify() {
            Ok(_) => panic!("{what}: accepted, expected {code}"),
            Err(refused) => assert_eq!(refused.codes(), [*code], "{what}: {refused}"),
        }
    }
}

#[test]
fn every_byte_of_the_file_is_signed() {
    let case = Case::good();
    let (text, signatures) = case.files();
    for at in 0..text.len() {
        let mut bytes = text.clone().into_bytes();
        bytes[at] ^= 1;
        let Ok(changed) = String::from_utf8(bytes) else {
            continue;
        };
        assert!(case.verify_files(&changed, &signatures).is_err(), "byte {at}");
    }
}

#[test]
fn the_window_holds_its_first_instant_and_the_last_before_its_end() {
    for now in ["2026-03-01T08:00:00.000000Z", "2026-03-01T17:59:59.999999Z"] {
        let mut case = Case::good();
        case.now = Moment::parse(now).unwrap();
        case.verify().unwrap_or_else(|refused| panic!("{now}: {refused}"));
    }
}

#[test]
fn a_rehearsal_signs_with_fixed_keys_for_its_throwaway_alone() {
    let mut case = Case::good();
    for (_, namespace) in &mut case.signers {
        *namespace = NAMESPACES.rehearsal.to_owned();
    }
    case.purpose = Purpose::Rehearsal {
        system_identifier: "7300000000000000001",
    };
    case.verify().unwrap();
    assert_eq!(case.files().1, case.files().1, "the same bytes each time");
    // The very same files, shown to production: refused, whatever the signers' file allows.
    case.purpose = Purpose::Production;
    for name in ["reviewer", "owner"] {
        let key = rehearsal::public_key(name).unwrap();
        case.allowed_signers = case.allowed_signers.replacen(&public(name), &key, 1);
    }
    assert_eq!(case.verify().unwrap_err().codes(), [Code::WrongNamespace]);
    case.allowed_signers = case
        .allowed_signers
        .replace(NAMESPACES.authorization, NAMESPACES.rehearsal);
    assert_eq!(case.verify().unwrap_err().codes(), [Code::WrongNamespace]);
}

#[test]
fn a_real_signature_opens_no_rehearsal() {
    let mut case = Case::good();
    case.purpose = Purpose::Rehearsal {
        system_identifier: "7300000000000000001",
    };
    assert_eq!(case.verify().unwrap_err().codes(), [Code::WrongNamespace]);
    assert_ne!(key("owner").public_key(), key("reviewer").public_key());
}
