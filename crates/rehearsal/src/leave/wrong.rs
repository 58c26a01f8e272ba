//! Each way in which leave could be wrong, and what verification and the packet must say of it.

use super::{Desk, HOUR, Signed, moment, stop};
use crate::error::RehearseError;
use crate::plan::LeaveRef;
use canonical::PackageDigest;
use operator_authorization::{Authorization, Code, Person, Proof, Scope, Target};
use std::collections::{BTreeMap, BTreeSet};

/// One that must be refused.
pub(crate) struct Wrong {
    pub(crate) what: &'static str,
    pub(crate) code: Code,
    /// What the packet itself says of it; nothing if no database can see it.
    pub(crate) seen: Option<Code>,
    pub(crate) signed: Signed,
    pub(super) used: BTreeMap<String, String>,
}

impl Desk {
    /// Every way in which leave could be wrong, and what must be said of it.
    pub(super) fn wrong(&self, leave: &LeaveRef) -> Result<Vec<Wrong>, RehearseError> {
        let sound = self.sound(leave)?;
        let both = [sound.reviewer.principal.clone(), sound.owner.principal.clone()];
        let both: Vec<&str> = both.iter().map(String::as_str).collect();
        let beyond = self
            .known
            .iter()
            .find(|name| !sound.scope.objects.contains(name) && !self.forbidden.contains(*name));
        let edits: Vec<(&'static str, Code, Option<Code>, Authorization)> = vec![
            (
                "for other bytes",
                Code::OtherBytes,
                Some(Code::OtherBytes),
                Authorization {
                    approved_package_sha256: PackageDigest::of("other bytes"),
                    ..sound.clone()
                },
            ),
            (
                "expired",
                Code::Expired,
                Some(Code::Expired),
                Authorization {
                    not_before: moment(self.now - 2 * HOUR)?,
                    expiry: moment(self.now - HOUR)?,
                    ..sound.clone()
                },
            ),
            (
                "not yet valid",
                Code::NotYetValid,
                Some(Code::NotYetValid),
                Authorization {
                    not_before: moment(self.now + HOUR)?,
                    expiry: moment(self.now + 2 * HOUR)?,
                    ..sound.clone()
                },
            ),
            (
                "for another package",
                Code::OtherPackage,
                Some(Code::OtherPackage),
                Authorization {
                    package: self.another_package(),
                    ..sound.clone()
                },
            ),
            (
                "for another target",
                Code::OtherTarget,
                Some(Code::OtherTarget),
                Authorization {
                    target: Target {
                        system_identifier: "1".to_owned(),
                        database: self.target.database.clone(),
                    },
                    ..sound.clone()
                },
            ),
            (
                "for another database",
                Code::OtherTarget,
                Some(Code::OtherTarget),
                Authorization {
                    target: Target {
                        database: "another".to_owned(),
                        ..self.target.clone()
                    },
                    ..sound.clone()
                },
            ),
            (
                "at another epoch",
                Code::OtherEpoch,
                Some(Code::OtherEpoch),
                Authorization {
                    epoch: self.epoch + 1,
                    ..sound.clone()
                },
            ),
            (
                "by one human for two",
                Code::SameHuman,
                Some(Code::SameHuman),
                Authorization {
                    reviewer: sound.owner.clone(),
                    ..sound.clone()
                },
            ),
            (
                "with another human behind a principal",
                Code::HumanMismatch,
                Some(Code::HumanMismatch),
                Authorization {
                    owner: Person {
                        human: "human.somebody".to_owned(),
                        ..sound.owner.clone()
                    },
                    ..sound.clone()
                },
            ),
            (
                "for another operator",
                Code::SlotNotHeld,
                Some(Code::SlotNotHeld),
                Authorization {
                    operator: sound.owner.clone(),
                    ..sound.clone()
                },
            ),
            (
                "with a widened scope",
                Code::ScopeWidened,
                Some(Code::ScopeWidened),
                self.scoped(&sound, beyond, None)?,
            ),
            (
                "with a permit in its scope",
                Code::ScopeForbiddenObject,
                Some(Code::ScopeWidened),
                self.scoped(&sound, self.forbidden.first(), None)?,
            ),
            (
                "with a narrowed scope",
                Code::ScopeNarrowed,
                Some(Code::ScopeNarrowed),
                self.scoped(&sound, None, sound.scope.objects.first())?,
            ),
        ];
        let mut all = Vec::new();
        for (what, code, seen, artifact) in edits {
            let by: Vec<&str> = vec![
                artifact.reviewer.principal.as_str(),
                artifact.owner.principal.as_str(),
            ];
            let signed = Self::sign(leave, &artifact, &by)?;
            all.push(Wrong {
                what,
                code,
                seen,
                signed,
                used: BTreeMap::new(),
            });
        }
        let unseen = |what, code, signed| Wrong {
            what,
            code,
            seen: None,
            signed,
            used: BTreeMap::new(),
        };
        all.push(unseen(
            "with one signature",
            Code::SignatureMissing,
            Self::sign(leave, &sound, &both[..1])?,
        ));
        let author = sound.author.principal.as_str();
        all.push(unseen(
            "signed by its author",
            Code::SignedByAuthor,
            Self::sign(leave, &sound, &[both[0], both[1], author])?,
        ));
        let mut edited = Self::sign(leave, &sound, &both)?;
        edited.text = edited
            .text
            .replace(&sound.nonce, &sound.nonce.chars().rev().collect::<String>());
        all.push(unseen(
            "edited after it was signed",
            Code::SignatureInvalid,
            edited,
        ));
        all.push(Wrong {
            used: BTreeMap::from([(sound.nonce.clone(), "an earlier run".to_owned())]),
            ..unseen(
                "used before",
                Code::NonceReplayed,
                Self::sign(leave, &sound, &both)?,
            )
        });
        Ok(all)
    }

    fn another_package(&self) -> String {
        let another = self
            .rules
            .iter()
            .find(|rule| rule.needs_authorization && rule.id != self.packet.package);
        another.map(|rule| rule.id.clone()).unwrap_or_default()
    }

    /// The same with an object more or less, and the proof that goes with it.
    fn scoped(
        &self,
        sound: &Authorization,
        more: Option<&String>,
        less: Option<&String>,
    ) -> Result<Authorization, RehearseError> {
        let mut objects: BTreeSet<String> = sound.scope.objects.iter().cloned().collect();
        objects.extend(more.cloned());
        if let Some(less) = less {
            objects.remove(less);
        }
        let objects: Vec<String> = objects.into_iter().collect();
        Ok(Authorization {
            proof: Proof::over(&objects, self.packet.digest).map_err(stop)?,
            scope: Scope {
                package: sound.scope.package.clone(),
                objects,
            },
            ..sound.clone()
        })
    }
}
