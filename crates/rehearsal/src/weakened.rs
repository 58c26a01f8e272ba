//! Weakened objects: with one part of a cause changed, the one test that names it must end otherwise, and the
//! exact set must name the object.
//!
//! Not for: causes taken away altogether (`sole_cause`). The one fact to know: different objects of a table are
//! weakened together, and each is told by its own test, whose cause no other object is; where that is not how
//! it ends, each is tried alone, and what only something else noticed is a kill by accident, which is red.

use crate::engine::Run;
use crate::error::RehearseError;
use crate::plan::{Ends, NegativeGroup, NegativeSpec, NegativeTest, Weakened};
use crate::rejection::Rejection;
use crate::session::{Batch, joined, renewed, trimmed};
use crate::trip::{Attempt, Trip, idle};
use serde::Serialize;
use std::collections::BTreeSet;

/// How many weakened objects there were, and what noticed them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct WeakenedCounts {
    /// All that were tried.
    pub total: usize,
    /// Told by the test that names them, and by the catalog.
    pub killed: usize,
    /// Those that no statement can tell: the catalog did.
    pub catalog_alone: usize,
    /// Noticed, but not by the test that names them.
    pub by_accident: usize,
    /// The others.
    pub survivors: usize,
}

/// A weakened object and how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeakenedOutcome {
    /// `TABLE/weakened/OBJECT.CHANGE`.
    pub id: String,
    /// The change, for people.
    pub words: String,
    /// How it ended.
    pub end: WeakenedEnd,
}

/// What noticed a weakened object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WeakenedEnd {
    /// The test or row of this id, and the catalog.
    Killed(String),
    /// The catalog; no statement can.
    CatalogAlone,
    /// The catalog, but not the test that names it, for this reason.
    ByAccident(String),
    /// Not the catalog.
    Survived(String),
}

/// What noticed one of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Noticed {
    /// Why its own test did not tell; none where it did.
    untold: Option<String>,
    /// Whether the catalog named it, or the server refused the weakened definition because of rows that are legal.
    by_catalog: bool,
}

/// What the exact set names: relation or domain, and name.
type Named = BTreeSet<(String, String)>;

/// How a batch of deltas ended.
enum Applied {
    /// With what the exact set then names.
    Yes(Named),
    /// The server refused: the constraint that did, or what it said.
    Refused(String),
}

impl Run<'_> {
    /// Asks the catalog about the weakened objects of a spec that no group has asked about, on the suite's own base.
    pub(crate) async fn weakened_in_catalog(&mut self, spec: &NegativeSpec) -> Result<(), RehearseError> {
        let every = spec.group.iter().flat_map(|group| &group.weakened);
        let is_asked = |one: &&Weakened| self.weakened.get(&one.id).is_some_and(|it| it.by_catalog);
        let all: Vec<&Weakened> = every.filter(|one| !is_asked(one)).collect();
        let Some(check) = self.exact_set() else {
            return Ok(());
        };
        if all.is_empty() {
            return Ok(());
        }
        let savepoint = format!("weakened_{}", self.session.xid());
        let during = format!("weakened objects of `{}`", spec.object);
        self.session
            .harness(&during, &format!("savepoint {savepoint}"))
            .await?;
        for wave in waves(&all, |_| false) {
            let named = self.named_by_catalog(&wave, &check, &savepoint).await?;
            let expected: Named = wave.iter().map(|one| identity(one)).collect();
            if named.as_ref() == Some(&expected) {
                for one in wave {
                    self.notice(one).by_catalog = true;
                }
                continue;
            }
            for one in wave {
                // Refused by rows that are legal: whoever would author it could not.
                let named = self.named_by_catalog(&[one], &check, &savepoint).await?;
                let is_named = named.is_none_or(|named| named.contains(&identity(one)));
                self.notice(one).by_catalog = is_named;
            }
        }
        let end = format!("rollback to savepoint {savepoint}; release savepoint {savepoint}");
        self.session.harness(&during, &end).await
    }

    /// The query of the exact set; `{object}` is the relation, domain or routine.
    fn exact_set(&self) -> Option<String> {
        let plan = &self.committed.plan;
        let check = plan.mutant_check.iter().find(|check| check.name == "exact_set")?;
        Some(check.sql.clone())
    }

    /// What the exact set names once these are weakened; none if the server refuses the definition.
    async fn named_by_catalog(
        &mut self,
        wave: &[&Weakened],
        check: &str,
        savepoint: &str,
    ) -> Result<Option<Named>, RehearseError> {
        let during = "asking the catalog about a weakened object";
        let mut sql = renewed(savepoint);
        for one in wave {
            sql += &joined(&one.delta);
        }
        sql += &asking(check, wave);
        let batch = self.session.batch(during, sql).await?;
        batch.demand_transaction(during)?;
        if batch.error.is_some() {
            return Ok(None);
        }
        Ok(Some(named(&batch)))
    }

    /// Weakens the objects of a group, wave by wave, and has each told by its own test.
    pub(crate) async fn weakened_in_group(
        &mut self,
        group: &NegativeGroup,
        trip: &mut Trip,
    ) -> Result<(), RehearseError> {
        let told: Vec<&Weakened> = group.weakened.iter().filter(|one| one.by.is_some()).collect();
        let Some(check) = self.exact_set() else {
            return Ok(());
        };
        // What the base has changed itself is named without any of these.
        let Applied::Yes(base) = self.weaken(&told, false, &check, trip).await? else {
            return Ok(());
        };
        for wave in waves(&told, |one| one.alone) {
            match self.weaken(&wave, true, &check, trip).await? {
                Applied::Yes(named) => {
                    self.notice_named(&wave, &named, &base);
                    self.told(group, &wave, trip).await?;
                }
                Applied::Refused(name) if wave.len() == 1 => self.refused_by_rows(wave[0], &name),
                Applied::Refused(_) => {
                    for one in wave {
                        match self.weaken(&[one], true, &check, trip).await? {
                            Applied::Yes(named) => {
                                self.notice_named(&[one], &named, &base);
                                self.told(group, &[one], trip).await?;
                            }
                            Applied::Refused(name) => self.refused_by_rows(one, &name),
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// The exact set must name what was weakened and nothing else, beside what the base has changed.
    fn notice_named(&mut self, wave: &[&Weakened], named: &Named, base: &Named) {
        let expected: Named = wave.iter().map(|one| identity(one)).collect();
        let more: Named = named.difference(base).cloned().collect();
        if more == expected {
            for one in wave {
                self.notice(one).by_catalog = true;
            }
        }
    }

    /// A stricter definition that legal rows do not fit is told by these rows.
    fn refused_by_rows(&mut self, one: &Weakened, name: &str) {
        let told = one.ends == Ends::Refused && name == one.cause.name;
        self.notice(one).untold = (!told).then(|| format!("it could not be weakened: {name}"));
    }

    /// Undoes the last trip, weakens these if `changed`, and asks the exact set of their relations.
    async fn weaken(
        &mut self,
        wave: &[&Weakened],
        changed: bool,
        check: &str,
        trip: &mut Trip,
    ) -> Result<Applied, RehearseError> {
        let Some(first) = wave.first() else {
            return Ok(Applied::Yes(Named::new()));
        };
        let mut sql = renewed(&trip.savepoint);
        // A change in the test's place does it by itself.
        for one in wave.iter().filter(|one| changed && one.change.is_empty()) {
            sql += &joined(&one.delta);
        }
        sql += &format!("savepoint {};\n", inner(trip));
        sql += &asking(check, wave);
        let label = format!("weakening `{}`", first.id);
        let batch = self.session.next_trip(&mut trip.last, label, sql).await?;
        Ok(match &batch.error {
            None => Applied::Yes(named(&batch)),
            Some(error) => Applied::Refused(match error.constraint() {
                Some(name) => name.to_owned(),
                None => format!("{} {}", error.code(), error.message()),
            }),
        })
    }

    /// Runs the test of each, one after the other, on the weakened schema.
    async fn told(
        &mut self,
        group: &NegativeGroup,
        wave: &[&Weakened],
        trip: &mut Trip,
    ) -> Result<(), RehearseError> {
        let mut weak = Trip {
            savepoint: inner(trip),
            last: std::mem::take(&mut trip.last),
        };
        for one in wave {
            let by = one.by.as_deref().unwrap_or_default();
            let untold = if let Some(test) = group.test.iter().find(|test| test.id == by) {
                self.untold_by_test(one, test, &mut weak).await?
            } else if group.accept.iter().any(|row| row.id == by) {
                self.untold_by_row(one, group, &mut weak).await?
            } else {
                Some(format!("its group has no `{by}`"))
            };
            self.notice(one).untold = untold;
        }
        trip.last = weak.last;
        Ok(())
    }

    async fn untold_by_test(
        &mut self,
        one: &Weakened,
        test: &NegativeTest,
        trip: &mut Trip,
    ) -> Result<Option<String>, RehearseError> {
        let change = if one.change.is_empty() {
            &test.change
        } else {
            &one.change
        };
        let before: Vec<String> = [&test.arrange, change, &test.derived]
            .into_iter()
            .flatten()
            .cloned()
            .collect();
        let run = self
            .act(
                trip,
                test,
                &Attempt {
                    before: &before,
                    persona: &test.persona,
                    statement: &test.rejected,
                    after: None,
                },
            )
            .await?;
        let Some(error) = &run.error else {
            return Ok(idle(&run, test, &test.rejected).map(str::to_owned));
        };
        let rejection = Rejection::read(error, run.marked("flush").is_some(), &self.committed.plan.reason);
        let is_otherwise = run.marked("act").is_some()
            && !rejection
                .differences(&test.expect, self.outcome.postgres.major)
                .is_empty();
        let told = one.ends == Ends::Otherwise && is_otherwise;
        Ok((!told).then(|| format!("its test still ends in {} {}", error.code(), error.message())))
    }

    async fn untold_by_row(
        &mut self,
        one: &Weakened,
        group: &NegativeGroup,
        trip: &mut Trip,
    ) -> Result<Option<String>, RehearseError> {
        let Some(row) = group.accept.iter().find(|row| Some(&row.id) == one.by.as_ref()) else {
            return Ok(Some("its row is gone".to_owned()));
        };
        let mut sql = self.accepting(&trip.savepoint, group);
        sql += &joined(&row.arrange);
        sql += &format!("{};\n{};\n", self.session.mark("act"), trimmed(&row.statement));
        let label = format!("weakened `{}`", one.id);
        let batch: Batch = self.session.next_trip(&mut trip.last, label, sql).await?;
        Ok(match &batch.error {
            None => Some("its row is still accepted".to_owned()),
            Some(error) if error.constraint() == Some(&one.cause.name) => None,
            Some(error) => Some(format!(
                "its row is refused by something else: {} {}",
                error.code(),
                error.message()
            )),
        })
    }

    fn notice(&mut self, one: &Weakened) -> &mut Noticed {
        self.weakened.entry(one.id.clone()).or_insert_with(|| Noticed {
            untold: Some("its test was not run".to_owned()),
            by_catalog: false,
        })
    }

    /// Counts the weakened objects; each that its own test or the catalog missed is a finding.
    pub(crate) fn judge_weakened(&mut self) -> WeakenedCounts {
        let mut counts = WeakenedCounts::default();
        let mut red = Vec::new();
        let mut outcomes = Vec::new();
        let groups = self.committed.negatives.iter().flat_map(|spec| &spec.group);
        for one in groups.flat_map(|group| &group.weakened) {
            let noticed = self.weakened.get(&one.id).cloned().unwrap_or_default();
            let end = ended(one, noticed);
            counts.total += 1;
            match &end {
                WeakenedEnd::Killed(_) => counts.killed += 1,
                WeakenedEnd::CatalogAlone => counts.catalog_alone += 1,
                WeakenedEnd::ByAccident(why) => {
                    counts.by_accident += 1;
                    red.push(format!("{}: {why}", one.words));
                }
                WeakenedEnd::Survived(why) => {
                    counts.survivors += 1;
                    red.push(format!("{}: {why}", one.words));
                }
            }
            outcomes.push(WeakenedOutcome {
                id: one.id.clone(),
                words: one.words.clone(),
                end,
            });
        }
        self.outcome.weakened_outcomes = outcomes;
        if let Some(first) = red.first() {
            let message = format!("{} of {} weakened objects: {first}", red.len(), counts.total);
            let package = self.proving_package();
            self.finding("WEAKENED_UNNOTICED", package, message, red);
        }
        counts
    }
}

fn ended(one: &Weakened, noticed: Noticed) -> WeakenedEnd {
    match (&one.by, noticed.untold, noticed.by_catalog) {
        (_, _, false) => WeakenedEnd::Survived("the catalog's exact set does not name it".to_owned()),
        (None, _, true) => WeakenedEnd::CatalogAlone,
        (Some(_), Some(why), true) => WeakenedEnd::ByAccident(why),
        (Some(by), None, true) => WeakenedEnd::Killed(by.clone()),
    }
}

/// The exact set's query for each relation of these.
fn asking(check: &str, wave: &[&Weakened]) -> String {
    let objects: BTreeSet<&str> = wave.iter().map(|one| relation(one)).collect();
    let query = |object: &str| {
        let of_object = check.replace("{object}", object);
        format!("select '{object} ' || named.name from ({of_object}) as named (name);\n")
    };
    objects.into_iter().map(query).collect()
}

/// What it named.
fn named(batch: &Batch) -> Named {
    let names = batch.answers.iter().filter_map(|answer| {
        let (object, name) = answer.split_once(' ')?;
        Some((object.to_owned(), name.to_owned()))
    });
    names.collect()
}

fn inner(trip: &Trip) -> String {
    format!("{}_weak", trip.savepoint)
}

/// The relation or domain, without its schema.
fn relation(one: &Weakened) -> &str {
    one.cause.object.rsplit('.').next().unwrap_or(&one.cause.object)
}

fn identity(one: &Weakened) -> (String, String) {
    (relation(one).to_owned(), one.cause.name.clone())
}

/// Weakened objects that go together: no object twice.
fn waves<'a>(all: &[&'a Weakened], is_alone: impl Fn(&Weakened) -> bool) -> Vec<Vec<&'a Weakened>> {
    let mut waves: Vec<Vec<&Weakened>> = Vec::new();
    for &one in all {
        let joins = |wave: &&mut Vec<&Weakened>| {
            !is_alone(one) && !is_alone(wave[0]) && wave.iter().all(|other| identity(other) != identity(one))
        };
        match waves.iter_mut().find(joins) {
            Some(wave) => wave.push(one),
            None => waves.push(vec![one]),
        }
    }
    waves
}
