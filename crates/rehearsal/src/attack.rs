//! Attacks: each tried with its shield in place, and again with exactly that shield lowered.
//!
//! An attempt counts as repelled only if its twin, the same statements with the shield lowered, reaches
//! the gain: so it was an attack, and the named shield is what repelled it. Two round trips each. The
//! one fact to know: answers come back as marks of the batch, so that nothing needs a trip of its own.

use crate::engine::Run;
use crate::error::RehearseError;
use crate::outcome::{AttackOutcome, AttackRed};
use crate::plan::{Attack, Refused, Stage};
use crate::rejection::Rejection;
use crate::session::{Batch, joined, renewed, trimmed};
use std::collections::BTreeSet;

/// Ends whatever the last persona was.
const HARNESS_AGAIN: &str = "set local session authorization default;\nreset role;\n";

/// What the next trip must know of the last ones.
pub(crate) struct Trip {
    /// Before an attempt's arrangement.
    outer: String,
    /// After it, before the acts.
    inner: String,
    /// What ran last: if the savepoint is gone, that ended the transaction.
    last: String,
    /// The arrangement that stands, if the last attempt had one.
    arranged: Option<Vec<String>>,
    /// Arrangements in which a query that detects was silent: it need not be asked again.
    silent: BTreeSet<(Vec<String>, String)>,
}

/// Why an attempt is red: its code, then what was found.
pub(crate) type Red = (&'static str, String);

impl Trip {
    /// Savepoints of the name `kind`, in a transaction.
    pub(crate) fn new(kind: &str, xid: &str, label: &str) -> Self {
        Self {
            outer: format!("{kind}_{xid}"),
            inner: format!("{kind}_made_{xid}"),
            last: label.to_owned(),
            arranged: None,
            silent: BTreeSet::new(),
        }
    }

    /// The statement before the first attempt.
    pub(crate) fn open(&self) -> String {
        format!("savepoint {}", self.outer)
    }

    /// What ran last.
    pub(crate) fn last(&self) -> &str {
        &self.last
    }
}

impl Run<'_> {
    /// Tries every attack of `stage`.
    pub(crate) async fn attacks(&mut self, stage: Stage) -> Result<(), RehearseError> {
        if !self.share.has_proofs() {
            return Ok(());
        }
        let committed = self.committed;
        let label = "the attacks";
        let before = self.session.savepoint().await?;
        let xid = self.session.xid().to_owned();
        let mut trip = Trip::new("attack", &xid, label);
        self.session.harness(label, &trip.open()).await?;
        for file in &committed.attacks {
            self.progress.step(&format!("attacks: {}", file.family));
            for attack in file.attack.iter().filter(|attack| attack.stage == stage) {
                let judged = self.attack(attack, &mut trip).await?;
                self.record_attack(&file.family, attack, judged);
            }
        }
        self.session.undo(before, &trip.last).await?;
        self.session.demand_same_transaction(label).await
    }

    /// An attempt that no stage came to is red: nothing is left out in silence.
    pub(crate) fn demand_every_attack(&mut self) {
        if !self.share.has_proofs() {
            return;
        }
        let made = |family: &str, id: &str| {
            let outcomes = &self.outcome.attack_outcomes;
            outcomes.iter().any(|one| one.family == family && one.id == id)
        };
        let missed: Vec<(&str, &Attack)> = self
            .committed
            .attacks
            .iter()
            .flat_map(|file| {
                file.attack
                    .iter()
                    .map(move |attack| (file.family.as_str(), attack))
            })
            .filter(|(family, attack)| !made(family, &attack.id))
            .collect();
        for (family, attack) in missed {
            let why = format!("no step led to the stage {:?}", attack.stage);
            self.record_attack(family, attack, Err(("ATTACK_NOT_MADE", why)));
        }
    }

    fn record_attack(&mut self, family: &str, attack: &Attack, judged: Result<String, Red>) {
        let counts = &mut self.outcome.attacks;
        counts.attempts += 1;
        let ended = match judged {
            Ok(how) => {
                counts.repelled += 1;
                how
            }
            Err((code, why)) => {
                counts.red.push(AttackRed {
                    family: family.to_owned(),
                    id: attack.id.clone(),
                    code: code.to_owned(),
                    why: why.clone(),
                });
                let package = self.proving_package();
                let message = format!("attack `{family}/{}`: {why}", attack.id);
                self.finding(code, package, message, vec![attack.what.clone()]);
                code.to_owned()
            }
        };
        self.outcome.attack_outcomes.push(AttackOutcome {
            family: family.to_owned(),
            id: attack.id.clone(),
            personas: personas(attack),
            ended,
            shield: [&attack.shield.kind, &attack.shield.object, &attack.shield.name]
                .map(String::as_str)
                .join(" ")
                .trim_end()
                .to_owned(),
        });
    }

    /// How the attack was repelled, in words that stay the same; or why it is red.
    pub(crate) async fn attack(
        &mut self,
        attack: &Attack,
        trip: &mut Trip,
    ) -> Result<Result<String, Red>, RehearseError> {
        let tried = self.with_shield(attack, trip).await?;
        let refused = match (&attack.refused, judge_tried(attack, &tried)) {
            (_, Err(red)) => return Ok(Err(red)),
            (Some(refused), Ok(())) => match self.judge_refusal(refused, &tried) {
                Ok(how) => Some(how),
                Err(red) => return Ok(Err(red)),
            },
            (None, Ok(())) => None,
        };
        let twin = self.with_shield_lowered(attack, trip).await?;
        if let Err(red) = judge_twin(&twin) {
            return Ok(Err(red));
        }
        let found = named(&tried, "alarm ");
        Ok(Ok(refused.unwrap_or_else(|| match found.as_slice() {
            [] => "gains nothing".to_owned(),
            found => format!("detected: {}", found.join(", ")),
        })))
    }

    /// What the server lets pass: the acts are accepted and have their effect, or there is nothing to notice.
    pub(crate) async fn let_pass(
        &mut self,
        attack: &Attack,
        trip: &mut Trip,
    ) -> Result<Result<String, Red>, RehearseError> {
        trip.arranged = None;
        let mut sql = renewed(&trip.outer);
        sql += &joined(&attack.arrange);
        sql += &self.acts(attack);
        sql += &self.asked("gain ", &attack.gain);
        let label = format!("attempt `{}`", attack.id);
        let batch = self.session.next_trip(&mut trip.last, label, sql).await?;
        Ok(match (&batch.error, named(&batch, "gain ").is_empty()) {
            (Some(error), _) => Err((
                "ATTACK_CAUSE_DIFFERS",
                format!(
                    "expected that the server accepts it, found {} {}",
                    error.code(),
                    error.message()
                ),
            )),
            (None, true) => Err((
                "ARRANGE_FAILED",
                "it was accepted and has no effect, so there was nothing to notice".to_owned(),
            )),
            (None, false) => Ok("accepted, and noticed".to_owned()),
        })
    }

    /// Arrange, unless the last attempt's arrangement is the same and still stands; show that no alarm is there yet,
    /// act; then ask again.
    async fn with_shield(&mut self, attack: &Attack, trip: &mut Trip) -> Result<Batch, RehearseError> {
        let mut sql = if trip.arranged.as_ref() == Some(&attack.arrange) {
            format!("rollback to savepoint {0};\nrelease savepoint {0};\n", trip.inner)
        } else {
            renewed(&trip.outer) + &joined(&attack.arrange)
        };
        if let Some(detect) = &attack.detect
            && !trip.silent.contains(&(attack.arrange.clone(), detect.clone()))
        {
            sql += &self.asked("early alarm ", detect);
        }
        sql += &format!("savepoint {};\n", trip.inner);
        sql += &self.acts(attack);
        if let Some(detect) = &attack.detect {
            sql += &self.asked("alarm ", detect);
        }
        if attack.detect.is_none() && attack.refused.is_none() {
            sql += &self.asked("gain ", &attack.gain);
        }
        let label = format!("attack `{}`", attack.id);
        let batch = self.session.next_trip(&mut trip.last, label, sql).await?;
        trip.arranged = batch.marked("acts").map(|_| attack.arrange.clone());
        if let Some(detect) = &attack.detect
            && batch.marked("acts").is_some()
            && named(&batch, "early alarm ").is_empty()
        {
            trip.silent.insert((attack.arrange.clone(), detect.clone()));
        }
        Ok(batch)
    }

    /// The twin: from the same arrangement, the shield lowered, the same acts. The gain is not there before them.
    async fn with_shield_lowered(
        &mut self,
        attack: &Attack,
        trip: &mut Trip,
    ) -> Result<Batch, RehearseError> {
        let mut sql = format!("rollback to savepoint {};\n", trip.inner);
        sql += &joined(&attack.lower);
        sql += &self.asked("early gain ", &attack.gain);
        sql += &self.acts(attack);
        if let Some(detect) = &attack.detect {
            sql += &self.asked("alarm ", detect);
        }
        sql += &self.asked("gain ", &attack.gain);
        let label = format!("attack `{}` with its shield lowered", attack.id);
        self.session.next_trip(&mut trip.last, label, sql).await
    }

    /// The acts, a mark before the first and the last, and the harness again after them.
    pub(crate) fn acts(&self, attack: &Attack) -> String {
        let mut sql = format!("{};\n", self.session.mark("acts"));
        for (at, act) in attack.act.iter().enumerate() {
            sql += HARNESS_AGAIN;
            sql += &self.become_persona(&act.persona);
            if at + 1 == attack.act.len() {
                sql += &format!("{};\n", self.session.mark("last act"));
            }
            sql += trimmed(&act.sql);
            sql += ";\n";
        }
        sql += HARNESS_AGAIN;
        sql += &format!("{};\n", self.session.mark("acted"));
        sql
    }

    /// A mark for each row of `query`: `name`, and the row's text.
    fn asked(&self, name: &str, query: &str) -> String {
        format!(
            "{} || coalesce(asked.answer::text, '') from ({}) asked (answer);\n",
            self.session.mark(name),
            trimmed(query)
        )
    }

    fn judge_refusal(&self, refused: &Refused, tried: &Batch) -> Result<String, Red> {
        let Some(error) = &tried.error else {
            return Err((
                "ATTACK_SUCCEEDED",
                format!("expected {}, found that it was accepted", expected(refused)),
            ));
        };
        let found = Rejection::read(error, false, &self.committed.plan.reason);
        let same = found.sqlstate == refused.sqlstate
            && found.reason == refused.reason
            && found.constraint == refused.constraint;
        if same {
            return Ok(format!("refused: {}", expected(refused)));
        }
        let realized = Refused {
            sqlstate: found.sqlstate,
            reason: found.reason,
            constraint: found.constraint,
        };
        Err((
            "ATTACK_CAUSE_DIFFERS",
            format!(
                "expected {}, found {}: {}",
                expected(refused),
                expected(&realized),
                found.message
            ),
        ))
    }
}

/// Whether the attack was made at all, and, unless it is to be refused, how it ended.
fn judge_tried(attack: &Attack, tried: &Batch) -> Result<(), Red> {
    let error = tried
        .error
        .as_ref()
        .map(|error| format!("{} {}", error.code(), error.message()));
    let because = error.clone().unwrap_or_default();
    let early = named(tried, "early alarm ");
    if !early.is_empty() {
        let why = format!("it is detected before it is made: {}", early.join(", "));
        return Err(("ARRANGE_FAILED", why));
    }
    if tried.marked("acts").is_none() {
        return Err(("ARRANGE_FAILED", format!("its arrangement failed with {because}")));
    }
    if tried.marked("last act").is_none() {
        return Err((
            "ARRANGE_FAILED",
            format!("an act before the last failed with {because}"),
        ));
    }
    if attack.refused.is_some() {
        return match tried.marked("acted") {
            Some(_) if error.is_some() => Err(("ARRANGE_FAILED", format!("after the acts: {because}"))),
            _ => Ok(()),
        };
    }
    if let Some(error) = error {
        return match tried.marked("acted") {
            None => Err((
                "ATTACK_CAUSE_DIFFERS",
                format!("expected that the server accepts it, found {error}"),
            )),
            Some(_) => Err(("ARRANGE_FAILED", format!("after the acts: {error}"))),
        };
    }
    let unseen = attack.detect.is_some() && named(tried, "alarm ").is_empty();
    if unseen || !named(tried, "gain ").is_empty() {
        let how = if unseen {
            "nothing detected it"
        } else {
            "it reached its gain"
        };
        return Err(("ATTACK_SUCCEEDED", how.to_owned()));
    }
    Ok(())
}

/// Whether the same acts reached their gain with the shield lowered.
fn judge_twin(twin: &Batch) -> Result<(), Red> {
    let error = twin
        .error
        .as_ref()
        .map(|error| format!("{} {}", error.code(), error.message()));
    let repelled = |why: String| Err(("ATTACK_TWIN_REPELLED", why));
    if !named(twin, "early gain ").is_empty() {
        return Err((
            "ARRANGE_FAILED",
            "the gain is there before the attack, as soon as the shield is lowered".to_owned(),
        ));
    }
    match (twin.marked("acts"), error) {
        (None, error) => Err((
            "ARRANGE_FAILED",
            format!("the shield could not be lowered: {}", error.unwrap_or_default()),
        )),
        (Some(_), Some(error)) => repelled(format!("with the shield lowered it still ends in {error}")),
        (Some(_), None) => match (named(twin, "alarm ").as_slice(), named(twin, "gain ").is_empty()) {
            ([], false) => Ok(()),
            ([], true) => repelled("with the shield lowered it is accepted, and gains nothing".to_owned()),
            (found, _) => repelled(format!(
                "with the shield lowered it is still detected: {}",
                found.join(", ")
            )),
        },
    }
}

/// Answers under `name`, without it.
fn named(batch: &Batch, name: &str) -> Vec<String> {
    let answers = batch.marks.iter();
    answers
        .filter_map(|(mark, _)| mark.strip_prefix(name).map(str::to_owned))
        .collect()
}

fn expected(refused: &Refused) -> String {
    [
        Some(refused.sqlstate.as_str()),
        refused.reason.as_deref(),
        refused.constraint.as_deref(),
    ]
    .into_iter()
    .flatten()
    .collect::<Vec<_>>()
    .join(" ")
}

/// Who acts, each once, in order.
fn personas(attack: &Attack) -> String {
    let mut names: Vec<&str> = Vec::new();
    for act in &attack.act {
        if !names.contains(&act.persona.as_str()) {
            names.push(&act.persona);
        }
    }
    names.join(", ")
}
