//! The folder in which evidence, re-audits and authorizations of the packages lie.
//!
//! Not for: the packages' bytes, which lie in the repository. The one fact to know: what a done package needed
//! is judged as of the instant at which it ended, so an authorization that was used and has expired since
//! still counts for what it allowed.
//!
//! ```text
//! target.toml            system_identifier, database, epoch
//! allowed_signers        whose key may sign what
//! revoked                public keys that count no more, if there are any
//! nonces/                a file a used nonce
//! PKG-E/evidence.json
//! PKG-E/reaudit.json     with reaudit.json.PRINCIPAL.sig
//! PKG-E/authorization.json, with authorization.json.PRINCIPAL.sig twice
//! ```

use crate::exit::CommandError;
use crate::leave::files::{Bytes, of_package, read, read_text};
use crate::leave::trust::{Signatures, keys, used_nonces};
use crate::leave::{TOOL_VERSION, plane};
use fix7_manifest::FIX7;
use manifest_model::Package;
use operator_authorization::{
    AllowedSigners, Audited, Authorized, Code, Evidence, Expected, Found, Moment, PackageRule, PackageState,
    Packet, People, Purpose, Reaudited, Refusal, Refused, RevokedKeys, Target, Trust, verify, verify_reaudit,
};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Where the packages are to run.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TargetFile {
    system_identifier: String,
    database: String,
    epoch: u64,
}

/// All that is known of all packages.
pub(crate) struct State<'a> {
    pub(crate) rules: Vec<PackageRule>,
    pub(crate) packages: Vec<PackageState<'a>>,
    pub(crate) target: Option<Target>,
}

/// What files of one folder are judged by.
struct Desk<'a, 'now> {
    folder: PathBuf,
    root: &'a Path,
    rules: &'a [PackageRule],
    people: &'a People,
    keys: Result<(AllowedSigners, RevokedKeys), Refused>,
    used: BTreeMap<String, String>,
    target: Option<(Target, u64)>,
    objects: plane::Objects,
    /// A record that is not written yet, in the place of its package's.
    proposed: Option<&'a Evidence>,
    now: &'now Moment,
}

/// The state in `folder`, or as it would be with `proposed`; if nobody named one and it is not there, there is none.
pub(crate) fn load<'a>(
    root: &Path,
    folder: PathBuf,
    proposed: Option<&Evidence>,
    people: &'a People,
    now: &'a Moment,
) -> Result<State<'a>, CommandError> {
    let rules = plane::rules();
    let target = read_target(&folder.join("target.toml"))?;
    let desk = Desk {
        keys: read_keys(&folder)?,
        used: read_ledger(&folder.join("nonces"))?,
        objects: plane::objects(root)?,
        root,
        rules: &rules,
        people,
        proposed,
        now,
        target: target.clone(),
        folder,
    };
    let mut packages: Vec<PackageState<'a>> = Vec::new();
    let mut before: Option<Evidence> = None;
    for (package, rule) in FIX7.packages.iter().zip(&rules) {
        let state = desk.package(package, rule, before.as_ref(), people)?;
        before = state.evidence.good().cloned();
        packages.push(state);
    }
    Ok(State {
        rules,
        packages,
        target: target.map(|(target, _)| target),
    })
}

pub(crate) fn read_target(path: &Path) -> Result<Option<(Target, u64)>, CommandError> {
    if !path.exists() {
        return Ok(None);
    }
    let refused = |why: String| CommandError::Usage(format!("`{}`: {why}", path.display()));
    let file: TargetFile = toml::from_str(&read_text(path)?).map_err(|error| refused(error.to_string()))?;
    let text = format!("{}/{}", file.system_identifier, file.database);
    let target = Target::parse(&text)
        .ok_or_else(|| refused(format!("`{text}` is no target: expected a number and a database")))?;
    Ok(Some((target, file.epoch)))
}

/// Without a file nobody may sign anything.
fn read_keys(folder: &Path) -> Result<Result<(AllowedSigners, RevokedKeys), Refused>, CommandError> {
    let (signers, revoked) = (folder.join("allowed_signers"), folder.join("revoked"));
    if signers.exists() {
        keys(&signers, Some(revoked.as_path()).filter(|path| path.exists()))
    } else {
        Ok(Err(Refused::from(Refusal {
            code: Code::AllowedSignersRefused,
            message: format!("`{}` is missing: nobody's signature counts", signers.display()),
        })))
    }
}

fn read_ledger(folder: &Path) -> Result<BTreeMap<String, String>, CommandError> {
    if folder.exists() {
        used_nonces(folder)
    } else {
        Ok(BTreeMap::new())
    }
}

impl<'now> Desk<'_, 'now> {
    fn package<'a>(
        &self,
        package: &Package,
        rule: &PackageRule,
        before: Option<&Evidence>,
        people: &'a People,
    ) -> Result<PackageState<'a>, CommandError>
    where
        'now: 'a,
    {
        let folder = self.folder.join(package.id);
        let bytes = of_package(self.root, package)?;
        let evidence = match self.proposed.filter(|record| record.package == package.id) {
            Some(record) => Found::Good(record.clone()),
            None => found(&folder.join("evidence.json"), Evidence::read)?,
        };
        let at = evidence.good().map_or(self.now, |evidence| &evidence.ended_at);
        let reaudit = folder.join("reaudit.json");
        let authorization = folder.join("authorization.json");
        Ok(PackageState {
            package_sha256: bytes.digest(),
            reaudit: if rule.needs_reaudit && reaudit.exists() {
                self.reaudit(&reaudit, rule, &bytes, before, at)?.into()
            } else {
                Found::Absent
            },
            authorization: if rule.needs_authorization && authorization.exists() {
                self.authorization(&authorization, &bytes, evidence.good(), at)?
                    .into()
            } else {
                Found::Absent
            },
            evidence,
            people,
            now: self.now,
        })
    }

    fn reaudit(
        &self,
        path: &Path,
        rule: &PackageRule,
        bytes: &Bytes,
        before: Option<&Evidence>,
        at: &Moment,
    ) -> Result<Result<Reaudited, Refused>, CommandError> {
        let signatures = Signatures::beside(path)?;
        let file = read(path)?;
        Ok(self.keys().and_then(|(signers, revoked)| {
            let before = before.ok_or_else(|| {
                refusal(
                    Code::PredecessorNotDone,
                    "a re-audit follows the evidence of the package before, and there is none",
                )
            })?;
            let digest = before.digest().map_err(Refused::from)?;
            let author = match bytes {
                Bytes::Packet(packet) => packet.author.as_str(),
                _ => before.ran_by.principal.as_str(),
            };
            let audited = Audited {
                rule,
                package_sha256: fit(bytes)?,
                predecessor_evidence_sha256: digest,
                newer_than: &before.ended_at,
                author,
                tool_version: TOOL_VERSION,
                target: self.target.as_ref().map(|(target, _)| target),
            };
            verify_reaudit(
                &file,
                &signatures.files(),
                &self.trust(signers, revoked, at),
                &audited,
            )
        }))
    }

    fn authorization(
        &self,
        path: &Path,
        bytes: &Bytes,
        evidence: Option<&Evidence>,
        at: &Moment,
    ) -> Result<Result<Authorized, Refused>, CommandError> {
        let signatures = Signatures::beside(path)?;
        let file = read(path)?;
        Ok(self.keys().and_then(|(signers, revoked)| {
            let packet: &Packet = match bytes {
                Bytes::Packet(packet) => packet,
                other => {
                    fit(other)?;
                    return Err(refusal(
                        Code::PacketNotWhole,
                        "the package is no operator's packet",
                    ));
                }
            };
            let (target, epoch) = self.target.as_ref().ok_or_else(|| {
                refusal(
                    Code::TargetMissing,
                    "`target.toml` is missing, so no authorization can be for it",
                )
            })?;
            // What a done package used up, it used itself.
            let mut used = self.used.clone();
            if let Some(digest) = evidence.and_then(|evidence| evidence.authorization_sha256) {
                used.retain(|_, by| *by != format!("authorization {digest}"));
            }
            let expected = Expected {
                packages: self.rules,
                packet,
                target,
                tool_version: TOOL_VERSION,
                epoch: *epoch,
                used_nonces: &used,
                known_objects: &self.objects.known,
                forbidden_objects: &self.objects.forbidden,
            };
            verify(
                &file,
                &signatures.files(),
                &self.trust(signers, revoked, at),
                &expected,
            )
        }))
    }

    fn keys(&self) -> Result<(&AllowedSigners, &RevokedKeys), Refused> {
        match &self.keys {
            Ok((signers, revoked)) => Ok((signers, revoked)),
            Err(refused) => Err(refused.clone()),
        }
    }

    fn trust<'a>(
        &'a self,
        signers: &'a AllowedSigners,
        revoked: &'a RevokedKeys,
        now: &'a Moment,
    ) -> Trust<'a> {
        Trust {
            signers,
            revoked,
            people: self.people,
            namespaces: plane::NAMESPACES,
            purpose: Purpose::Production,
            now,
        }
    }
}

/// The digest of bytes that are fit to be audited or approved.
fn fit(bytes: &Bytes) -> Result<canonical::PackageDigest, Refused> {
    match bytes {
        Bytes::Refused(refused) => Err(refused.clone()),
        Bytes::Absent => Err(refusal(Code::PackageMissing, "the package has no bytes yet")),
        Bytes::Packet(packet) => Ok(packet.digest),
        Bytes::Files(digest) => Ok(*digest),
    }
}

fn refusal(code: Code, message: &str) -> Refused {
    Refused::from(Refusal {
        code,
        message: message.to_owned(),
    })
}

fn found<T>(path: &Path, parse: impl FnOnce(&[u8]) -> Result<T, Refused>) -> Result<Found<T>, CommandError> {
    if path.exists() {
        Ok(parse(&read(path)?).into())
    } else {
        Ok(Found::Absent)
    }
}
