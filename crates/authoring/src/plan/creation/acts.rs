//! Who runs which part of the packet that makes the control plane, in which order, right and wrong.
//!
//! Not for: running them (`rehearsal`). The one fact to know: each act that must be refused stands where everything else
//! about it is right, so that it is refused for the one thing that is wrong.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::Sources;
use crate::packet::codes;
use crate::packet::create::Cast;

#[derive(Serialize, Clone, Default)]
pub(super) struct Act {
    what: &'static str,
    file: String,
    login: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    hand_in: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    arrange: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<Refused>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    answers: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reaches: Option<&'static str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    undo: bool,
}

#[derive(Serialize, Clone)]
struct Refused {
    sqlstate: &'static str,
    says: String,
}

/// In the order in which they are tried.
pub(super) fn acts(sources: &Sources<'_>, cast: &Cast) -> Vec<Act> {
    let (schema, owner) = (sources.plane.schema, sources.plane.owner);
    let mut acts = vec![
        refused(
            part("evidence of what is not there", &cast.evidence, &cast.verifier),
            codes::PART_OUT_OF_ORDER,
            &format!("{} has not run", cast.create),
        ),
        refused(
            Act {
                arrange: Some(format!("create schema {schema}")),
                ..part("somebody took the name", &cast.create, &cast.operator)
            },
            codes::STATE_MOVED,
            &format!("{schema}: expected absent"),
        ),
        refused(
            part("the first part by somebody else", &cast.create, &cast.verifier),
            codes::OPERATOR_NOT_PREPARED,
            &format!("{} may not become {owner}", cast.verifier),
        ),
        Act {
            reaches: Some("sealed"),
            answers: vec![after(&cast.create), before(&cast.evidence)],
            ..part("everything made and sealed", &cast.create, &cast.operator)
        },
        refused(
            part("the first part once more", &cast.create, &cast.operator),
            codes::AUTHORIZATION_REFUSED,
            "NONCE_REPLAYED",
        ),
        refused(
            cast.sign("a signature before there is anything to read", 0),
            codes::PART_OUT_OF_ORDER,
            "expected evidenced or candidate or withdrawn_candidate, found created",
        ),
        refused(
            part(
                "an activation before anybody has signed",
                &cast.activate,
                &cast.operator,
            ),
            codes::PART_OUT_OF_ORDER,
            "expected signed, found created",
        ),
        refused(
            part("evidence by the operator", &cast.evidence, &cast.operator),
            codes::AUTHORIZATION_REFUSED,
            "SESSION_NOT_VERIFIER",
        ),
        refused(
            Act {
                arrange: Some(format!("grant usage on schema {schema} to public")),
                ..part(
                    "the part before left another state",
                    &cast.evidence,
                    &cast.verifier,
                )
            },
            codes::STATE_MOVED,
            &format!("{schema}: expected"),
        ),
        Act {
            answers: vec![after(&cast.evidence)],
            ..part("what the signers read", &cast.evidence, &cast.verifier)
        },
        refused(
            Act {
                login: cast.stranger.clone(),
                ..cast.sign("a signer without the slot", 0)
            },
            codes::AUTHORIZATION_REFUSED,
            "SESSION_NOT_SIGNER",
        ),
        refused(
            Act {
                hand_in: BTreeMap::from([
                    ("packet.slot", cast.signers[0].1.clone()),
                    ("packet.decision", "perhaps".to_owned()),
                ]),
                ..cast.sign("a signer who decides nothing", 0)
            },
            codes::DECISION_UNCLEAR,
            "found perhaps",
        ),
        refused(
            {
                let mut act = cast.sign("a signature over other bytes", 0);
                act.hand_in.insert("packet.sha256", "0".repeat(64));
                act
            },
            codes::AUTHORIZATION_REFUSED,
            "OTHER_BYTES",
        ),
        refused(
            Act {
                arrange: Some(format!("grant select on {schema}.control_epoch to public")),
                ..cast.sign("the state moved under the signers", 0)
            },
            codes::STATE_MOVED,
            &format!("{schema}.control_epoch: expected"),
        ),
        Act {
            answers: vec![cast.signed(0)],
            ..cast.sign("the first signer", 0)
        },
        refused(
            cast.sign("the first signer once more", 0),
            codes::PART_OUT_OF_ORDER,
            "has signed in slot",
        ),
    ];
    if let Some((login, slot)) = &cast.same_human {
        acts.push(refused_by_reason(
            sources,
            Act {
                login: login.clone(),
                hand_in: approve(slot),
                ..cast.sign("the same human under another login", 0)
            },
            "SAME_HUMAN",
        ));
    }
    acts.push(refused(
        part("an activation without the quorum", &cast.activate, &cast.operator),
        codes::PART_OUT_OF_ORDER,
        "expected signed, found open",
    ));
    for n in 1..cast.signers.len() {
        acts.push(Act {
            answers: vec![cast.signed(n)],
            ..cast.sign("another signer", n)
        });
    }
    acts.push(Act {
        answers: vec![before(&cast.create)],
        reaches: Some("floor"),
        undo: true,
        ..part(
            "the way back before the activation",
            &cast.rollback,
            &cast.operator,
        )
    });
    acts.push(refused_by_reason(
        sources,
        Act {
            arrange: Some(format!(
                "set local role {owner}; update {schema}.control_epoch set epoch = epoch + 1; reset role"
            )),
            ..part("the control epoch has moved", &cast.activate, &cast.operator)
        },
        "EPOCH_MOVED",
    ));
    acts.push(Act {
        reaches: Some("activated"),
        answers: vec![after(&cast.activate)],
        ..part("the activation", &cast.activate, &cast.operator)
    });
    acts.push(refused(
        part("the activation once more", &cast.activate, &cast.operator),
        codes::PART_OUT_OF_ORDER,
        "expected signed, found activated",
    ));
    acts.push(refused(
        part("dropping what is active", &cast.rollback, &cast.operator),
        codes::PART_OUT_OF_ORDER,
        "found activated",
    ));
    acts.push(Act {
        answers: vec![after(&cast.candidate)],
        ..part(
            "the prior payload as a candidate",
            &cast.candidate,
            &cast.operator,
        )
    });
    acts.push(refused(
        part("a return that nobody signed", &cast.give_back, &cast.operator),
        codes::PART_OUT_OF_ORDER,
        "expected signed_again or withdrawn_signed, found candidate",
    ));
    for n in 0..cast.signers.len() {
        acts.push(cast.sign("a signer again, over the candidate", n));
    }
    acts.push(Act {
        answers: vec![after(&cast.give_back)],
        ..part(
            "the prior payload is active again",
            &cast.give_back,
            &cast.operator,
        )
    });
    acts
}

fn approve(slot: &str) -> BTreeMap<&'static str, String> {
    BTreeMap::from([
        ("packet.slot", slot.to_owned()),
        ("packet.decision", "approve".to_owned()),
    ])
}

fn refused(act: Act, by: codes::Refusal, says: &str) -> Act {
    Act {
        refused: Some(Refused {
            sqlstate: by.sqlstate,
            says: says.to_owned(),
        }),
        ..act
    }
}

/// Refused by the control plane itself.
fn refused_by_reason(sources: &Sources<'_>, act: Act, code: &str) -> Act {
    Act {
        refused: Some(Refused {
            sqlstate: sources.plane.reason(code).map_or("", |reason| reason.sqlstate),
            says: code.to_owned(),
        }),
        ..act
    }
}

impl Cast {
    fn sign(&self, what: &'static str, n: usize) -> Act {
        let (login, slot) = &self.signers[n];
        Act {
            hand_in: approve(slot),
            ..part(what, &self.signoff, login)
        }
    }

    /// What `verify.sql` answers of a slot that was signed.
    fn signed(&self, n: usize) -> String {
        format!("{} {} AFTER", stem(&self.signoff), self.signers[n].1)
    }
}

fn stem(file: &str) -> &str {
    file.trim_end_matches(".sql")
}

fn part(what: &'static str, file: &str, login: &str) -> Act {
    Act {
        what,
        file: file.to_owned(),
        login: login.to_owned(),
        ..Act::default()
    }
}

/// What `verify.sql` answers of a part that has run.
fn after(file: &str) -> String {
    format!("{} AFTER", stem(file))
}

/// And of one that has not.
fn before(file: &str) -> String {
    format!("{} BEFORE", stem(file))
}
