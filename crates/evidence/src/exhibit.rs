//! Exhibits: what was shown, thing by thing, a line each.
//!
//! Not for: judging them (`recount`). The one fact to know: a line is compact JSON with its keys in the order
//! of these types, so a list has one form, two packets can be compared with `diff`, and a line that was
//! written by hand is refused.

use crate::code::{Code, Refusal};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

macro_rules! lists {
    ($($(#[$doc:meta])* $field:ident: $line:ident in $name:literal,)*) => {
        /// All lists of a packet.
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct Exhibits { $($(#[$doc])* pub $field: Vec<$line>,)* }

        /// Names of the lists, sorted as bytes.
        pub(crate) const LISTS: &[&str] = &[$($name,)*];

        impl Exhibits {
            /// Name and bytes of each list.
            pub(crate) fn files(&self) -> Vec<(&'static str, Vec<u8>)> {
                vec![$(($name, lines(&self.$field)),)*]
            }

            /// Reads every list; `file` gives its bytes.
            pub(crate) fn read<'a>(
                file: impl Fn(&str) -> Result<&'a [u8], Refusal>,
            ) -> Result<Self, Refusal> {
                Ok(Self { $($field: parsed($name, file($name)?)?,)* })
            }

            /// Each list's name, and how many things it holds.
            pub fn sizes(&self) -> Vec<(&'static str, usize)> {
                vec![$(($name, self.$field.len()),)*]
            }
        }
    };
}

lists! {
    /// Every row that must be accepted.
    accepted: AcceptedLine in "accepted.jsonl",
    /// Every attempt of every family.
    attacks: AttackLine in "attacks.jsonl",
    /// What stands before production, whatever was rehearsed.
    blockers: BlockerLine in "blockers.jsonl",
    /// The packages that there are, in their order, rehearsed or not.
    chain: ChainLine in "chain.jsonl",
    /// Edges of the sealed closure.
    closure: EdgeLine in "closure.jsonl",
    /// Every guard wherever it is due, with its probes.
    guards: GuardLine in "guards.jsonl",
    /// Every digest with what it was made of.
    hashes: HashLine in "hashes.jsonl",
    /// Everything that was made wrong on purpose.
    mutants: MutantLine in "mutants.jsonl",
    /// Who could do what before the packages, and after the seal.
    privileges: PrivilegeLine in "privileges.jsonl",
    /// Every negative test with its fingerprint.
    rejections: RejectionLine in "rejections.jsonl",
    /// Every step up and down, in order.
    reversal: ReversalLine in "reversal.jsonl",
    /// Every table of the control plane.
    tables: TableLine in "tables.jsonl",
}

macro_rules! lines {
    ($($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $field:ident: $ty:ty,)* })*) => {
        $($(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name { $($(#[$of])* pub $field: $ty,)* })*
    };
}

lines! {
    /// A row that must be accepted.
    AcceptedLine {
        /// The table.
        table: String,
        /// `TABLE/accepted/WHAT`.
        id: String,
        /// The row, for people.
        row: String,
        /// The parts of constraints that rest on it.
        shows: Vec<String>,
        /// Whether it was accepted and touched a row.
        accepted: bool,
        /// Why not; none if it was.
        why: Option<String>,
    }
    /// An attempt.
    AttackLine {
        /// Its family.
        family: String,
        /// Its id.
        id: String,
        /// Who acted.
        personas: String,
        /// How it ended.
        ended: String,
        /// What repelled it.
        shield: String,
    }
    /// Something that must be resolved before production is touched.
    BlockerLine {
        /// Its id.
        id: String,
        /// What is missing.
        title: String,
        /// Who may resolve it.
        resolver: String,
        /// What would show that it is resolved.
        evidence: String,
    }
    /// A package.
    ChainLine {
        /// Like `PKG-A`.
        id: String,
        /// What it is.
        title: String,
        /// Who may run it.
        runner: String,
        /// Its steps.
        steps: Vec<String>,
        /// What it waits for, in words.
        waits_for: Vec<String>,
    }
    /// An edge of the closure.
    EdgeLine {
        /// What depends.
        from: String,
        /// On this.
        to: String,
        /// How the edge is known.
        kind: String,
        /// Distance from the nearest entry point.
        depth: u64,
        /// What the sealed scope calls the thing depended on.
        class: String,
    }
    /// A guard at a step and moment.
    GuardLine {
        /// Its id.
        guard: String,
        /// The step.
        step: String,
        /// Its moment.
        moment: String,
        /// `pass`, `fail`, `not_measured`, `not_applicable`.
        verdict: String,
        /// What came back.
        probes: Vec<ProbeLine>,
        /// Why it is not green.
        reasons: Vec<String>,
    }
    /// A probe of a guard.
    ProbeLine {
        /// Its name.
        probe: Option<String>,
        /// How many the rule demands.
        expected: Option<i64>,
        /// How many there are.
        realized: Option<i64>,
        /// How many things the rule ranged over.
        population: Option<i64>,
        /// What breaks the rule.
        offenders: Option<Vec<Option<String>>>,
    }
    /// A digest.
    HashLine {
        /// `H01` to `H07`.
        contract: String,
        /// Of what.
        subject: String,
        /// What it was made of, as the vectors of `crates/canonical` write it.
        input: Value,
        /// As the server has it.
        sha256: String,
    }
    /// Something made wrong.
    MutantLine {
        /// `guards`, `manifest`, `schema` or `weakened`.
        of: String,
        /// What was changed.
        id: String,
        /// The change in words.
        change: String,
        /// `killed`, `refused`, `equivalent` or `survived`; of `weakened` also `catalog_alone` and `by_accident`.
        end: String,
        /// What noticed, of `weakened` by id; or why nothing did.
        by: String,
    }
    /// A privilege, counted.
    PrivilegeLine {
        /// `before` or `after`.
        moment: String,
        /// The role.
        role: String,
        /// The schema.
        schema: String,
        /// Kind of object.
        kind: String,
        /// The privilege.
        privilege: String,
        /// On how many.
        held: u64,
        /// Of how many.
        of: u64,
    }
    /// A negative test.
    RejectionLine {
        /// The table.
        table: String,
        /// Its surface; none for another table.
        surface_no: Option<u64>,
        /// The test.
        id: String,
        /// Its one change.
        mutation: String,
        /// Kind, object and name of what must refuse it.
        cause: String,
        /// Whether the twin was accepted.
        twin_accepted: bool,
        /// Whether it was refused as expected.
        rejected: bool,
        /// Whether it was accepted once its cause was gone.
        sole_cause: bool,
        /// How it was refused; none if it was not.
        fingerprint: Option<FingerprintLine>,
        /// Why it is red.
        reasons: Vec<String>,
    }
    /// A refusal, reduced to what does not change from run to run.
    FingerprintLine {
        /// SQLSTATE.
        sqlstate: String,
        /// Phase.
        phase: String,
        /// Schema.
        schema: Option<String>,
        /// Table.
        table: Option<String>,
        /// Column.
        column: Option<String>,
        /// Constraint.
        constraint: Option<String>,
        /// Data type.
        data_type: Option<String>,
        /// Reason code.
        reason: Option<String>,
    }
    /// A step up or down.
    ReversalLine {
        /// `apply`, `draft` or `sealed`.
        way: String,
        /// Its package.
        package: String,
        /// The step.
        step: String,
        /// `up`, `down`, `up again`, `refused`.
        does: String,
        /// How many files.
        files: u64,
        /// Fingerprint afterwards, where it was taken.
        state: Option<String>,
        /// Fingerprint that it must have.
        expected: Option<String>,
    }
    /// A table.
    TableLine {
        /// Its name, without the schema.
        name: String,
        /// Number of the surface; none for another table.
        surface_no: Option<u64>,
        /// What it says of itself.
        about: Option<String>,
        /// How many columns.
        columns: u64,
        /// How many rows, after the seal.
        rows: u64,
        /// Tables that its foreign keys name.
        refers_to: Vec<String>,
    }
}

impl MutantLine {
    /// Whether it was noticed by what should notice it.
    pub fn is_noticed(&self) -> bool {
        matches!(self.end.as_str(), "killed" | "refused" | "catalog_alone")
    }

    /// Whether nothing noticed it, or only something that should not have had to.
    pub fn is_missed(&self) -> bool {
        !self.is_noticed() && self.end != "equivalent"
    }
}

impl HashLine {
    /// A line from the JSON that the server gave.
    pub fn from_json(text: &str) -> Result<Self, crate::Error> {
        from_json(text)
    }
}

impl TableLine {
    /// A line from the JSON that the server gave.
    pub fn from_json(text: &str) -> Result<Self, crate::Error> {
        from_json(text)
    }
}

impl EdgeLine {
    /// A line from the JSON that the server gave.
    pub fn from_json(text: &str) -> Result<Self, crate::Error> {
        from_json(text)
    }
}

fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, crate::Error> {
    serde_json::from_str(text).map_err(|error| crate::Error::Outcome(format!("`{text}`: {error}")))
}

fn lines<T: Serialize>(list: &[T]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for line in list {
        bytes.extend(serde_json::to_vec(line).unwrap_or_default());
        bytes.push(b'\n');
    }
    bytes
}

fn parsed<T: Serialize + DeserializeOwned>(name: &str, bytes: &[u8]) -> Result<Vec<T>, Refusal> {
    let refuse = |code, at: usize, why: &str| Refusal::new(code, name, &format!("line {}: {why}", at + 1));
    if bytes.is_empty() {
        return Ok(Vec::new());
    }
    let whole = bytes
        .strip_suffix(b"\n")
        .ok_or_else(|| Refusal::new(Code::NotCanonical, name, "its last line has no end"))?;
    let mut list = Vec::new();
    for (at, line) in whole.split(|byte| *byte == b'\n').enumerate() {
        let read: T = serde_json::from_slice(line)
            .map_err(|error| refuse(Code::DocumentMalformed, at, &error.to_string()))?;
        if serde_json::to_vec(&read).ok().as_deref() != Some(line) {
            return Err(refuse(Code::NotCanonical, at, "it is not as this tool prints it"));
        }
        list.push(read);
    }
    Ok(list)
}
