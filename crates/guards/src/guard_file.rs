//! Reads a guard's `.sql` file: what it declares, and one SELECT for each stage.
//!
//! The file opens with a header of comments, `-- guard:`, `-- invariant:`, `-- why:`,
//! `-- probe: NAME clause`, `-- input: KEY what`, then `-- stage: control-plane` (or
//! `no-control-plane`) before each SELECT [ruling A3]. A line `--   more` continues the one above.
//! `-- input: KEY@MOMENT what` is needed at that moment alone.
//! `-- unmeasured: PROBE` says that what this probe finds keeps the guard from being measured, and `until KEY` that a
//! wait may end that: the optional input KEY, an object whose member `over` is true [ruling A11].
//! A header key that is not one of these is refused: a mistyped `-- prob:` would otherwise be a
//! probe that nobody misses.

use std::fmt;

/// Whether the control plane exists in the database that the guard looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// The schema is there: rehearsals from the first package on, live databases after creation.
    ControlPlane,
    /// It is not there yet; a SELECT that names it would not even parse.
    NoControlPlane,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ControlPlane => "control-plane",
            Self::NoControlPlane => "no-control-plane",
        })
    }
}

/// A declared probe or input: its name, and the clause or description beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    /// Name of the probe or key of the input.
    pub name: String,
    /// The one moment at which an input is needed; none: at each.
    pub moment: Option<String>,
    /// The clause of the rule that the probe measures, or what the input holds.
    pub clause: String,
}

/// A probe whose findings make the guard *not measured*, and not red.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deferred {
    /// Name of the probe.
    pub probe: String,
    /// The input that says when somebody has waited long enough; none: it is never red.
    pub until: Option<String>,
}

/// A guard, read and found well formed.
#[derive(Clone, Debug)]
pub struct Guard {
    /// Its id, like `G-AUTH-27`.
    pub id: String,
    /// The rule in one sentence.
    pub invariant: String,
    /// Why the rule exists.
    pub why: String,
    /// The probes that must all come back.
    pub probes: Vec<Declared>,
    /// Those that keep it from being measured by what they find.
    pub deferred: Vec<Deferred>,
    /// The keys of the inputs document that it reads at every stage.
    pub inputs: Vec<Declared>,
    /// Those that it reads at one stage besides: `-- input:` lines below the stage's.
    pub stage_inputs: Vec<(Stage, Declared)>,
    /// The SELECT of each stage, without its closing semicolon.
    pub stages: Vec<(Stage, String)>,
}

/// Why a file is no guard.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum LoadError {
    /// A header line that every guard carries is absent.
    #[error("guard file lacks `-- {0}:`, expected it in the header")]
    Missing(&'static str),
    /// A header key that no guard may have.
    #[error(
        "line {line}: unknown header `-- {key}:`, expected one of guard, invariant, why, probe, unmeasured, input, stage"
    )]
    UnknownKey {
        /// Line, counted from 1.
        line: usize,
        /// What stood there.
        key: String,
    },
    /// A stage that is neither of the two.
    #[error("line {line}: unknown stage `{stage}`, expected `control-plane` or `no-control-plane`")]
    UnknownStage {
        /// Line, counted from 1.
        line: usize,
        /// What stood there.
        stage: String,
    },
    /// One name declared twice.
    #[error("{what} `{name}` is declared twice")]
    Twice {
        /// Probe, input, stage or header line.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// SQL before the first `-- stage:` line.
    #[error("line {line}: SQL before the first `-- stage:` line, expected the header only")]
    SqlBeforeStage {
        /// Line, counted from 1.
        line: usize,
    },
    /// A stage without a statement.
    #[error("stage `{0}` holds no SELECT")]
    EmptyStage(String),
    /// A line that defers no probe.
    #[error("`-- unmeasured: {0}`, expected a declared probe, and after it `until KEY` or nothing")]
    Unmeasured(String),
}

impl Guard {
    /// Reads the text of a guard file.
    pub fn parse(text: &str) -> Result<Self, LoadError> {
        let mut header: Vec<(String, String)> = Vec::new();
        let mut stages: Vec<(Stage, String)> = Vec::new();
        let mut stage_inputs: Vec<(Stage, Declared)> = Vec::new();
        for (index, raw) in text.lines().enumerate() {
            let line = index + 1;
            let comment = raw.strip_prefix("--");
            if let Some(stage) = comment.and_then(|c| c.trim_start().strip_prefix("stage:")) {
                let stage = parse_stage(stage.trim(), line)?;
                if stages.iter().any(|(known, _)| *known == stage) {
                    return Err(LoadError::Twice {
                        what: "stage",
                        name: stage.to_string(),
                    });
                }
                stages.push((stage, String::new()));
            } else if let Some((stage, sql)) = stages.last_mut() {
                if let Some(input) = raw.strip_prefix("-- input:") {
                    stage_inputs.push((*stage, read_declared("input", input.trim())?));
                }
                sql.push_str(raw);
                sql.push('\n');
            } else if let Some(comment) = comment {
                read_header_line(comment, line, &mut header)?;
            } else if !raw.trim().is_empty() {
                return Err(LoadError::SqlBeforeStage { line });
            }
        }
        if stages.is_empty() {
            return Err(LoadError::Missing("stage"));
        }
        for (stage, sql) in &mut stages {
            let trimmed = sql.trim().trim_end_matches(';').trim_end();
            let empty = trimmed
                .lines()
                .all(|l| l.trim().is_empty() || l.trim_start().starts_with("--"));
            if empty {
                return Err(LoadError::EmptyStage(stage.to_string()));
            }
            *sql = trimmed.to_owned();
        }
        let probes = declared("probe", &header)?;
        if probes.is_empty() {
            return Err(LoadError::Missing("probe"));
        }
        Ok(Self {
            id: single("guard", &header)?,
            invariant: single("invariant", &header)?,
            why: single("why", &header)?,
            deferred: deferred(&probes, &header)?,
            probes,
            inputs: declared("input", &header)?,
            stage_inputs,
            stages,
        })
    }

    /// The SELECT of `stage`, if the guard has one.
    pub fn select(&self, stage: Stage) -> Option<&str> {
        self.stages
            .iter()
            .find(|(known, _)| *known == stage)
            .map(|(_, sql)| sql.as_str())
    }

    /// Keys of the inputs document that it reads at `stage`.
    pub fn inputs_at(&self, stage: Stage) -> impl Iterator<Item = &str> {
        let besides = self.stage_inputs.iter().filter(move |(at, _)| *at == stage);
        let besides = besides.map(|(_, input)| input.name.as_str());
        self.inputs.iter().map(|input| input.name.as_str()).chain(besides)
    }

    /// Those of them that it needs at `moment`.
    pub fn inputs_due<'a>(&'a self, stage: Stage, moment: Option<&'a str>) -> impl Iterator<Item = &'a str> {
        let besides = self.stage_inputs.iter().filter(move |(at, _)| *at == stage);
        let besides = besides.map(|(_, input)| input);
        let due = move |input: &&Declared| input.moment.is_none() || input.moment.as_deref() == moment;
        let inputs = self.inputs.iter().chain(besides).filter(due);
        inputs.map(|input| input.name.as_str())
    }

    /// Keys that it is told where somebody gave them: how long was waited.
    pub fn waits(&self) -> impl Iterator<Item = &str> {
        self.deferred.iter().filter_map(|one| one.until.as_deref())
    }

    /// Names of the declared probes.
    pub fn probe_names(&self) -> impl Iterator<Item = &str> {
        self.probes.iter().map(|probe| probe.name.as_str())
    }
}

fn parse_stage(stage: &str, line: usize) -> Result<Stage, LoadError> {
    match stage {
        "control-plane" => Ok(Stage::ControlPlane),
        "no-control-plane" => Ok(Stage::NoControlPlane),
        other => Err(LoadError::UnknownStage {
            line,
            stage: other.to_owned(),
        }),
    }
}

fn read_header_line(comment: &str, line: usize, header: &mut Vec<(String, String)>) -> Result<(), LoadError> {
    let body = comment.trim();
    if body.is_empty() {
        return Ok(());
    }
    if comment.starts_with("  ")
        && let Some((_, value)) = header.last_mut()
    {
        value.push(' ');
        value.push_str(body);
        return Ok(());
    }
    let (key, value) = body.split_once(':').unwrap_or((body, ""));
    match key {
        "guard" | "invariant" | "why" | "probe" | "unmeasured" | "input" => {
            header.push((key.to_owned(), value.trim().to_owned()));
            Ok(())
        }
        _ => Err(LoadError::UnknownKey {
            line,
            key: key.to_owned(),
        }),
    }
}

fn single(key: &'static str, header: &[(String, String)]) -> Result<String, LoadError> {
    let mut values = header.iter().filter(|(k, _)| k == key).map(|(_, v)| v);
    match (values.next(), values.next()) {
        (Some(value), None) if !value.is_empty() => Ok(value.clone()),
        (Some(_), Some(_)) => Err(LoadError::Twice {
            what: "header line",
            name: key.to_owned(),
        }),
        _ => Err(LoadError::Missing(key)),
    }
}

fn declared(key: &'static str, header: &[(String, String)]) -> Result<Vec<Declared>, LoadError> {
    let mut found: Vec<Declared> = Vec::new();
    for (_, value) in header.iter().filter(|(k, _)| k == key) {
        let declared = read_declared(key, value)?;
        if found.iter().any(|known| known.name == declared.name) {
            return Err(LoadError::Twice {
                what: key,
                name: declared.name,
            });
        }
        found.push(declared);
    }
    Ok(found)
}

/// `-- unmeasured:` lines, each of a probe that is declared.
fn deferred(probes: &[Declared], header: &[(String, String)]) -> Result<Vec<Deferred>, LoadError> {
    let mut found: Vec<Deferred> = Vec::new();
    for (_, value) in header.iter().filter(|(key, _)| key == "unmeasured") {
        let words: Vec<&str> = value.split_whitespace().collect();
        let (probe, until) = match words.as_slice() {
            [probe] => (*probe, None),
            [probe, "until", key] => (*probe, Some((*key).to_owned())),
            _ => return Err(LoadError::Unmeasured(value.clone())),
        };
        if !probes.iter().any(|known| known.name == probe) || found.iter().any(|known| known.probe == probe) {
            return Err(LoadError::Unmeasured(value.clone()));
        }
        found.push(Deferred {
            probe: probe.to_owned(),
            until,
        });
    }
    Ok(found)
}

/// `NAME clause`.
fn read_declared(key: &'static str, value: &str) -> Result<Declared, LoadError> {
    let (name, clause) = value.split_once(char::is_whitespace).unwrap_or((value, ""));
    if name.is_empty() {
        return Err(LoadError::Missing(key));
    }
    let (name, moment) = match name.split_once('@') {
        Some((told, moment)) if key == "input" => (told, Some(moment.to_owned())),
        _ => (name, None),
    };
    Ok(Declared {
        name: name.to_owned(),
        moment,
        clause: clause.trim().to_owned(),
    })
}
