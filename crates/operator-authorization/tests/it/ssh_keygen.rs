//! `ssh-keygen` and we agree: what it signs we accept, what we refuse of a signature it refuses, and the reverse.
//!
//! Not for: what only an artifact can be refused for. The one fact to know: operators have `ssh-keygen` and not
//! this, so a signature that only one of the two accepts would be worth nothing.

use crate::authorization::Case;
use crate::people::{NAMESPACES, allowed, at, key, public};
use operator_authorization::{Code, Moment};
use ssh_key::LineEnding;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};
use tempfile::TempDir;

/// `ssh-keygen`, unless this machine has none; then that is said, and where it is required, is a failure.
fn program() -> Option<PathBuf> {
    let found = env::split_paths(&env::var_os("PATH").unwrap_or_default())
        .map(|folder| folder.join("ssh-keygen"))
        .find(|program| program.is_file());
    if found.is_none() {
        let message = "NOT TRIED: `ssh-keygen` is not in PATH, so nothing shows that it agrees with us; install openssh-client";
        assert!(env::var_os("REQUIRE_SSH_KEYGEN").is_none(), "{message}");
        eprintln!("{message}");
    }
    found
}

/// A folder of files for one question.
struct Desk {
    program: PathBuf,
    folder: TempDir,
}

impl Desk {
    fn new() -> Option<Self> {
        Some(Self {
            program: program()?,
            folder: tempfile::tempdir().unwrap(),
        })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    #[expect(clippy::disallowed_methods, reason = "a temp folder that nobody else reads")]
    fn put(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    /// `ssh-keygen -Y sign`, as `principal`.
    fn sign(&self, principal: &str, namespace: &str, file: &Path) -> String {
        let pem = key(principal).to_openssh(LineEnding::LF).unwrap();
        let secret = self.put(principal, pem.as_bytes());
        restrict(&secret);
        let output = Command::new(&self.program)
            .args(["-Y", "sign", "-n", namespace, "-f"])
            .arg(&secret)
            .stdin(fs::File::open(file).unwrap())
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    }

    /// Whether `ssh-keygen -Y verify` accepts `signature` as `principal`'s.
    fn accepts(&self, principal: &str, namespace: &str, case: &Case, text: &str, signature: &str) -> bool {
        let signers = self.put("allowed_signers", &case.allowed_signers);
        let signature = self.put("signature", signature);
        let file = self.put("file", text);
        let revoked = self.put("revoked", &case.revoked);
        let status = Command::new(&self.program)
            .args(["-Y", "verify", "-n", namespace, "-I", principal])
            .arg(format!("-Overify-time={}", case.now.to_compact()))
            .arg("-f")
            .arg(&signers)
            .arg("-s")
            .arg(&signature)
            .arg("-r")
            .arg(&revoked)
            .stdin(fs::File::open(file).unwrap())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .unwrap();
        status.success()
    }
}

#[cfg(unix)]
fn restrict(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

#[cfg(not(unix))]
fn restrict(_: &Path) {}

#[test]
fn what_ssh_keygen_signs_is_accepted() {
    let Some(desk) = Desk::new() else { return };
    let case = Case::good();
    let (text, _) = case.files();
    let file = desk.put("authorization.json", &text);
    let signatures =
        ["reviewer", "owner"].map(|principal| desk.sign(principal, NAMESPACES.authorization, &file));
    case.verify_files(&text, &signatures).unwrap();
    // And what it signed for another purpose, or over other bytes, is not.
    let elsewhere = [
        desk.sign("reviewer", NAMESPACES.reaudit, &file),
        signatures[1].clone(),
    ];
    let refused = case.verify_files(&text, &elsewhere).unwrap_err();
    assert_eq!(refused.codes(), [Code::WrongNamespace]);
    let other = desk.put("other.json", text.replacen("0011", "1100", 1));
    let other = [
        desk.sign("reviewer", NAMESPACES.authorization, &other),
        signatures[1].clone(),
    ];
    let refused = case.verify_files(&text, &other).unwrap_err();
    assert_eq!(refused.codes(), [Code::SignatureInvalid]);
}

type Question = (&'static str, Option<Code>, fn(&mut Case));

/// What both are asked, and our answer; the signature asked about is the owner's.
const QUESTIONS: &[Question] = &[
    ("as it is", None, |_| ()),
    (
        "changed after the signing",
        Some(Code::SignatureInvalid),
        |case| {
            case.edit = Some(|text| text.replacen("2026-03-01T18", "2026-03-01T19", 1));
        },
    ),
    ("for another purpose", Some(Code::WrongNamespace), |case| {
        case.signers[1].1 = NAMESPACES.reaudit.to_owned();
    }),
    ("by a stranger", Some(Code::KeyUnknown), |case| {
        case.allowed_signers = case
            .allowed_signers
            .replacen(&public("owner"), &public("stranger"), 1);
    }),
    ("by a key for another purpose", Some(Code::KeyNamespace), |case| {
        let narrow = allowed("owner").replacen("tiny-authorization,", "", 1);
        case.allowed_signers = case.allowed_signers.replacen(&allowed("owner"), &narrow, 1);
    }),
    ("by a lost key", Some(Code::KeyRevoked), |case| {
        case.revoked = (public("owner") + "\n").into_bytes();
    }),
    ("beside a lost key", None, |case| {
        case.revoked = (public("stranger") + "\n").into_bytes();
    }),
    (
        "by an authority's key",
        Some(Code::AllowedSignersRefused),
        |case| {
            let authority = allowed("owner").replacen("namespaces", "cert-authority,namespaces", 1);
            case.allowed_signers = case.allowed_signers.replacen(&allowed("owner"), &authority, 1);
        },
    ),
    ("no signature", Some(Code::SignatureMalformed), |case| {
        case.damage = Some(|text| text.replacen("SSH SIGNATURE", "SIGNATURE", 2));
    }),
];

#[test]
fn both_give_the_same_answer_to_each_question() {
    let Some(desk) = Desk::new() else { return };
    for (what, expected, change) in QUESTIONS {
        let mut case = Case::good();
        change(&mut case);
        let (text, signatures) = case.files();
        let ours = case.verify_files(&text, &signatures);
        let code = ours.as_ref().err().map(operator_authorization::Refused::codes);
        assert_eq!(code, expected.map(|code| vec![code]), "{what}");
        let theirs = desk.accepts("owner", NAMESPACES.authorization, &case, &text, &signatures[1]);
        assert_eq!(theirs, ours.is_ok(), "{what}: ssh-keygen {theirs}, we {ours:?}");
    }
}

#[test]
fn both_end_a_keys_time_at_the_same_second() {
    let Some(desk) = Desk::new() else { return };
    let line = allowed("owner")
        .replacen("20250101Z", "20260301090000Z", 1)
        .replacen("20280101Z", "20260301100000Z", 1);
    for (now, is_valid) in [
        ("2026-03-01T08:59:59Z", false),
        ("2026-03-01T09:00:00Z", true),
        ("2026-03-01T10:00:00Z", true),
        ("2026-03-01T10:00:01Z", false),
    ] {
        let mut case = Case::good();
        case.allowed_signers = case.allowed_signers.replacen(&allowed("owner"), &line, 1);
        case.now = at(now);
        let (text, signatures) = case.files();
        assert_eq!(case.verify_files(&text, &signatures).is_ok(), is_valid, "{now}");
        let theirs = desk.accepts("owner", NAMESPACES.authorization, &case, &text, &signatures[1]);
        assert_eq!(theirs, is_valid, "{now}");
    }
}

#[test]
fn a_name_is_taken_from_the_keys_line_by_both() {
    let Some(desk) = Desk::new() else { return };
    let case = Case::good();
    let (text, signatures) = case.files();
    assert!(desk.accepts("owner", NAMESPACES.authorization, &case, &text, &signatures[1]));
    assert!(!desk.accepts("reviewer", NAMESPACES.authorization, &case, &text, &signatures[1]));
    assert_eq!(Moment::parse_lenient("2026-03-01T09:00:00Z").unwrap(), case.now);
}
