//! Leave to run a packet in a rehearsal: written for the throwaway target, signed with the keys that everybody has,
//! verified as a real one is; and each way in which it could be wrong.
//!
//! Not for: judging (`operator-authorization`). The one fact to know: every wrong one must be refused by verification
//! for its own reason, and by the packet itself wherever a database can see it.

use crate::engine::Run;
use crate::error::RehearseError;
use crate::plan::LeaveRef;
use operator_authorization::{
    Authorization, Code, Expected, Moment, Namespaces, PackageRule, Packet, People, Person, Proof, Purpose,
    Refusal, RevokedKeys, Runner, Scope, SignatureFile, Target, Trust, rehearsal as keys, verify,
};
use std::collections::{BTreeMap, BTreeSet};

mod wrong;

pub(crate) use wrong::Wrong;

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
