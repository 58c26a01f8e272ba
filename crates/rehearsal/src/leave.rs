//! Leave to run a packet in a rehearsal: written for the throwaway target, signed with the keys that everybody has,
//! verified as a real one is; and each way in which it could be wrong.
//!
//! Not for: judging (`operator-authorization`). The one fact to know: every wrong one must be refused by verification
//! for its own reason, and by the packet itself wherever a database can see it.

use crate::engine::Run;
use crate::error::RehearseError;
use crate::plan::LeaveRef;
use canonical::PackageDigest;
use operator_authorization::{
    Authorization, Code, Expected, Moment, Namespaces, PackageRule, Packet, People, Person, Proof, Purpose,
    Refusal, RevokedKeys, Runner, Scope, SignatureFile, Target, Trust, rehearsal as keys, verify,
};
use std::collections::{BTreeMap, BTreeSet};

const MICROS: i64 = 1_000_000;
const HOUR: i64 = 3600 * MICROS;

/// What leave is judged by, as the server says.
pub(crate) struct Desk {
    packet: Packet,
    target: Target,
    epoch: u64,
    now: i64,
    known: BTreeSet<String>,
    forbidden: BTreeSet<String>,
    people: People,
    rules: Vec<PackageRule>,
}

/// Queries for what leave is judged by.
#[derive(Clone, Copy)]
pub(crate) struct Asks<'a> {
    /// The control epoch: one number.
    pub(crate) epoch: &'a str,
    /// Identities that a scope may hold.
    pub(crate) known: &'a str,
    /// Those among them that none may.
    pub(crate) forbidden: &'a str,
}

impl<'a> Asks<'a> {
    /// Of a control plane that is there.
    pub(crate) fn of(leave: &'a LeaveRef) -> Self {
        Self {
            epoch: &leave.epoch,
            known: &leave.known_objects,
            forbidden: &leave.forbidden_objects,
        }
    }
}

/// An authorization, signed.
pub(crate) struct Signed {
    /// The file's text without its last line feed, as a shell hands it on.
    pub(crate) text: String,
    signatures: Vec<(String, String)>,
}

/// One that must be refused.
pub(crate) struct Wrong {
    pub(crate) what: &'static str,
    pub(crate) code: Code,
    /// What the packet itself says of it; nothing if no database can see it.
    pub(crate) seen: Option<Code>,
    pub(crate) signed: Signed,
    used: BTreeMap<String, String>,
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that `map_err` takes")]
fn stop(refusal: Refusal) -> RehearseError {
    RehearseError::Stop(format!("an authorization can't be written: {}", refusal.message))
}

fn moment(micros: i64) -> Result<Moment, RehearseError> {
    Moment::from_postgres_micros(micros).ok_or_else(|| {
        RehearseError::Stop("the server's clock tells no instant with a year of four digits".to_owned())
    })
}

fn namespaces(leave: &LeaveRef) -> Namespaces<'_> {
    Namespaces {
        authorization: &leave.authorization_namespace,
        reaudit: &leave.reaudit_namespace,
        rehearsal: &leave.rehearsal_namespace,
    }
}

impl Desk {
    /// The first person who holds a slot.
    fn holder(&self, leave: &LeaveRef, slot: &str) -> Result<Person, RehearseError> {
        let held = |slots: &[String]| slots.iter().any(|one| one == slot);
        leave
            .person
            .iter()
            .find(|person| held(&person.slots))
            .and_then(|person| self.people.person(&person.principal))
            .ok_or_else(|| RehearseError::Stop(format!("nobody of the plan holds the slot `{slot}`")))
    }

    /// A sound authorization.
    fn sound(&self, leave: &LeaveRef) -> Result<Authorization, RehearseError> {
        Ok(Authorization {
            package: self.packet.package.clone(),
            approved_package_sha256: self.packet.digest,
            tool_version: leave.tool_version.clone(),
            epoch: self.epoch,
            not_before: moment(self.now - HOUR)?,
            expiry: moment(self.now + HOUR)?,
            nonce: crate::plan::sha256_hex(format!("rehearsal of {}", self.packet.package).as_bytes())[..32]
                .to_owned(),
            author: self.people.person(&self.packet.author).ok_or_else(|| {
                RehearseError::Stop(format!("author `{}` is nobody of the plan", self.packet.author))
            })?,
            reviewer: self.holder(leave, "reviewer")?,
            owner: self.holder(leave, "owner")?,
            operator: self.holder(leave, "operator")?,
            target: self.target.clone(),
            scope: Scope {
                package: self.packet.package.clone(),
                objects: self.packet.objects.clone(),
            },
            proof: Proof::over(&self.packet.objects, self.packet.digest).map_err(stop)?,
        })
    }

    /// Signed by reviewer and owner of `artifact`, or by whom `by` names.
    fn sign(leave: &LeaveRef, artifact: &Authorization, by: &[&str]) -> Result<Signed, RehearseError> {
        let file = artifact.to_file().map_err(stop)?;
        let signatures = by
            .iter()
            .map(|principal| {
                let signature = keys::sign(principal, namespaces(leave), file.as_bytes()).map_err(stop)?;
                Ok(((*principal).to_owned(), signature))
            })
            .collect::<Result<_, RehearseError>>()?;
        Ok(Signed {
            text: file.trim_end().to_owned(),
            signatures,
        })
    }

    /// The reasons for which it is refused; none if it holds.
    fn verify(
        &self,
        leave: &LeaveRef,
        signed: &Signed,
        used: &BTreeMap<String, String>,
    ) -> Result<Vec<Refusal>, RehearseError> {
        let namespaces = namespaces(leave);
        let (signers, revoked) = (keys::signers(&self.people, namespaces), RevokedKeys::default());
        let now = moment(self.now)?;
        let trust = Trust {
            signers: &signers,
            revoked: &revoked,
            people: &self.people,
            namespaces,
            purpose: Purpose::Rehearsal {
                system_identifier: &self.target.system_identifier,
            },
            now: &now,
        };
        let expected = Expected {
            packages: &self.rules,
            packet: &self.packet,
            target: &self.target,
            tool_version: &leave.tool_version,
            epoch: self.epoch,
            used_nonces: used,
            known_objects: &self.known,
            forbidden_objects: &self.forbidden,
        };
        let files: Vec<SignatureFile<'_>> = signed
            .signatures
            .iter()
            .map(|(name, text)| SignatureFile {
                name,
                bytes: text.as_bytes(),
            })
            .collect();
        let file = format!("{}\n", signed.text);
        Ok(match verify(file.as_bytes(), &files, &trust, &expected) {
            Ok(_) => Vec::new(),
            Err(refused) => refused.refusals().to_vec(),
        })
    }

    /// Every way in which leave could be wrong, and what must be said of it.
    fn wrong(&self, leave: &LeaveRef) -> Result<Vec<Wrong>, RehearseError> {
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

impl Run<'_> {
    /// Asks the server for all that leave is judged by.
    pub(crate) async fn desk(
        &mut self,
        packet: &Packet,
        asks: Asks<'_>,
        leave: &LeaveRef,
    ) -> Result<Desk, RehearseError> {
        let during = "asking what leave is judged by";
        let sql = format!(
            "select c.system_identifier || '/' || pg_catalog.current_database() from pg_catalog.pg_control_system() as c
             union all select ({})::text
             union all select pg_catalog.trunc((extract(epoch from pg_catalog.clock_timestamp()) - 946684800) * 1000000)::bigint::text",
            asks.epoch
        );
        let answers: Vec<String> = self
            .session
            .texts(during, &sql)
            .await?
            .into_iter()
            .flatten()
            .collect();
        let [target, epoch, now] = answers.as_slice() else {
            return Err(RehearseError::Stop(format!(
                "{during}: expected three answers, found {answers:?}"
            )));
        };
        let unfit = |what: &str| RehearseError::Stop(format!("{during}: `{what}` can't be read"));
        let set = |answers: Vec<Option<String>>| answers.into_iter().flatten().collect();
        let people = leave.person.iter().fold(People::default(), |people, person| {
            people.with(
                &person.principal,
                &person.human,
                person.slots.iter().map(String::as_str),
            )
        });
        let rules = leave
            .package
            .iter()
            .map(|package| PackageRule {
                id: package.id.clone(),
                predecessor: package.predecessor.clone(),
                runner: if package.by_operator {
                    Runner::Operator
                } else {
                    Runner::T1
                },
                needs_reaudit: package.needs_reaudit,
                needs_authorization: package.needs_authorization,
            })
            .collect();
        Ok(Desk {
            packet: packet.clone(),
            target: Target::parse(target).ok_or_else(|| unfit(target))?,
            epoch: epoch.parse().map_err(|_| unfit(epoch))?,
            now: now.parse().map_err(|_| unfit(now))?,
            known: set(self.session.texts(during, asks.known).await?),
            forbidden: set(self.session.texts(during, asks.forbidden).await?),
            people,
            rules,
        })
    }

    /// Leave that holds, verified; and what must be refused, each refused for its reason.
    pub(crate) fn give_leave(
        &mut self,
        desk: &Desk,
        leave: &LeaveRef,
    ) -> Result<(Signed, Vec<Wrong>), RehearseError> {
        let sound = desk.sound(leave)?;
        let signed = Desk::sign(
            leave,
            &sound,
            &[&sound.reviewer.principal, &sound.owner.principal],
        )?;
        let package = desk.packet.package.clone();
        let refused = desk.verify(leave, &signed, &BTreeMap::new())?;
        if refused.is_empty() {
            self.outcome.authorization.verified += 1;
        } else {
            let lines = refused
                .iter()
                .map(|one| format!("{} {}", one.code, one.message))
                .collect();
            let message = "the authorization of a rehearsal must hold, and was refused".to_owned();
            self.finding("LEAVE_REFUSED", Some(package.clone()), message, lines);
        }
        let wrong = desk.wrong(leave)?;
        for one in &wrong {
            let refused = desk.verify(leave, &one.signed, &one.used)?;
            let found: Vec<Code> = refused.iter().map(|refusal| refusal.code).collect();
            if found.contains(&one.code) {
                self.outcome.authorization.refused += 1;
            } else {
                let message = format!(
                    "an authorization {}: expected {}, found {found:?}",
                    one.what, one.code
                );
                self.finding("LEAVE_ACCEPTED", Some(package.clone()), message, vec![]);
            }
        }
        Ok((signed, wrong))
    }
}
