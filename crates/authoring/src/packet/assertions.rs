//! The guards that a packet asserts: their statements, and the document of what they are told.
//!
//! Not for: judging (`guard_assertion`). The one fact to know: inside the window the operator may become the owner,
//! which a guard must name; that one answer is expected there word for word, and outside of it nowhere.

use std::collections::BTreeSet;
use std::path::Path;

use guards::{Guard, Stage};
use manifest_model::{ControlPlane, Moment, Routine, RoutineKind, Step, TableClass};

use super::codes::Refusal;
use super::sql::{literal, quoted, refuse_if_any};
use crate::error::AuthorError;
use crate::files::Files;
use crate::guard_assertion::{Assertion, Given, foresee};
use crate::guard_files::{GuardFiles, Selects};
use crate::{inputs, plan};

/// The setting that holds what was authored for guards.
const GIVEN: &str = "packet.inputs";
/// The setting that holds what the packet measured for them.
const MEASURED: &str = "packet.measured";
/// The input that holds the text of every view.
const VIEWS: &str = "views";
/// The probes that name whoever may become the owner.
const REACHED: [&str; 2] = ["membership_closed", "owner_unreachable"];
/// The probe that names whoever may execute the gateway and is no writer.
const EXECUTED: &str = "only_writers_execute";
/// The probe that says of each table of the catalog whoever may become its owner.
const REACHED_OF_CATALOG: &str = "owner_only";

/// Something that is measured before anything changes: the key, and the query below `rehearsal/states/`.
pub(crate) type Measure = (&'static str, &'static str);

/// What every packet measures.
pub(crate) const MEASURES: [Measure; 2] = [
    ("birth_baseline", "birth_baseline.sql"),
    ("permit_baseline", "permit_baseline.sql"),
];

/// The guards of one packet.
pub(crate) struct Guards<'a> {
    plane: &'a ControlPlane,
    root: &'a Path,
    files: &'a Files,
    written: &'a GuardFiles,
    selects: &'a Selects,
    /// What is measured before anything changes.
    measures: Vec<Measure>,
    /// Who may become the owner while the packet runs.
    becoming: Vec<String>,
    /// Who holds what the owner holds while the packet runs.
    mover: Option<String>,
    /// The gateway's identity.
    gateway: String,
    /// Keys of documents that some assertion reads.
    read: BTreeSet<String>,
}

impl<'a> Guards<'a> {
    pub(crate) fn new(
        plane: &'a ControlPlane,
        root: &'a Path,
        files: &'a Files,
        (written, selects): (&'a GuardFiles, &'a Selects),
        operator: &str,
        mover: Option<String>,
        measures: Vec<Measure>,
    ) -> Self {
        let is_gateway = |routine: &&&Routine| routine.kind == RoutineKind::Gateway;
        let gateway = plane.routines.iter().find(is_gateway);
        Self {
            plane,
            root,
            files,
            written,
            selects,
            measures,
            becoming: [operator.to_owned()].into_iter().chain(mover.clone()).collect(),
            mover,
            gateway: gateway
                .map(|gateway| sql_render::routine::identity(plane, gateway))
                .unwrap_or_default(),
            read: BTreeSet::new(),
        }
    }

    /// Statements that assert every guard that is due at a step and moment and waits for nothing.
    pub(crate) fn due(&mut self, step: Step, moment: Moment) -> Result<String, AuthorError> {
        let waits = self.plane.rehearsal.waits;
        let cells: Vec<&str> = self
            .plane
            .guard_cells()
            .into_iter()
            .filter(|(id, at, when)| {
                let waiting = waits
                    .iter()
                    .any(|wait| (wait.0, wait.1, wait.2) == (*id, *at, *when));
                *at == step && *when == moment && !waiting
            })
            .map(|(id, ..)| id)
            .collect();
        cells
            .into_iter()
            .map(|id| self.assert(id, step, moment))
            .collect()
    }

    /// Statements that assert every guard that is due after one of these steps, each once, all as of one step: where one
    /// transaction makes them all, what a guard is told of an earlier one is past.
    pub(crate) fn due_as_of(&mut self, steps: &[Step], as_of: Step) -> Result<String, AuthorError> {
        let mut due: Vec<&str> = Vec::new();
        for (id, at, when) in self.plane.guard_cells() {
            if when == Moment::After && steps.contains(&at) && !due.contains(&id) {
                due.push(id);
            }
        }
        due.into_iter()
            .map(|id| self.assert(id, as_of, Moment::After))
            .collect()
    }

    /// Statements that assert every guard of a step at which there is no control plane.
    pub(crate) fn due_without_plane(&mut self, step: Step) -> Result<String, AuthorError> {
        let cells = self.plane.guard_cells().into_iter();
        let due: Vec<&str> = cells
            .filter(|(_, at, when)| *at == step && *when == Moment::After)
            .map(|(id, ..)| id)
            .collect();
        due.into_iter()
            .map(|id| self.assert_at(id, step, Moment::After, Stage::NoControlPlane))
            .collect()
    }

    /// The statement that asserts one guard.
    pub(crate) fn assert(&mut self, id: &str, step: Step, moment: Moment) -> Result<String, AuthorError> {
        self.assert_at(id, step, moment, Stage::ControlPlane)
    }

    fn assert_at(
        &mut self,
        id: &str,
        step: Step,
        moment: Moment,
        stage: Stage,
    ) -> Result<String, AuthorError> {
        let (guard, select) = self.asked(id, stage)?;
        let keys: Vec<&str> = guard.inputs_at(stage).collect();
        self.read.extend(keys.iter().map(|key| (*key).to_owned()));
        let probes: Vec<&str> = guard.probe_names().collect();
        let transient = self.transient(&probes);
        let transient: Vec<(&str, &str)> = transient
            .iter()
            .map(|(probe, line)| (*probe, line.as_str()))
            .collect();
        let document = format!(
            "pg_catalog.current_setting('{GIVEN}')::jsonb || pg_catalog.current_setting('{MEASURED}')::jsonb || pg_catalog.jsonb_build_object('phase', {}, 'moment', {})",
            literal(&step.label()),
            literal(moment.word())
        );
        // Read where it is asserted: what was printed before would not show what the packet itself did.
        let document = if keys.contains(&VIEWS) {
            format!(
                "{document} || pg_catalog.jsonb_build_object('{VIEWS}', ({})::jsonb)",
                guards::views_query("true")
            )
        } else {
            document
        };
        let due = format!("{} {}", step.label(), moment.word());
        let statement = Assertion {
            guard: id,
            due: &due,
            probes: &probes,
            select,
            inputs: Given::Keys {
                document: &document,
                keys: &keys,
            },
            transient: &transient,
        }
        .render();
        Ok(format!("-- {id}: {}\n{statement}\n", guard.invariant))
    }

    /// The statement that refuses what a guard would find after the packet, whatever the packet did: one probe of it.
    pub(crate) fn foreseen(&self, id: &str, probe: &str) -> Result<String, AuthorError> {
        let (_, select) = self.asked(id, Stage::ControlPlane)?;
        Ok(foresee(id, probe, select))
    }

    /// A guard, and its SELECT for a stage as an assertion takes it.
    fn asked(&self, id: &str, stage: Stage) -> Result<(&'a Guard, &'a str), AuthorError> {
        let path = plan::guard_path(id);
        let Some(guard) = self.written.guard(id) else {
            return Err(AuthorError::Io {
                path: self.root.join(path),
                source: std::io::ErrorKind::NotFound.into(),
            });
        };
        let mut selects = self.selects.of(id).iter();
        match selects.find(|(at, _)| *at == stage) {
            Some((_, select)) => Ok((guard, &select.asserted)),
            None => Err(AuthorError::Unparsed {
                path,
                errors: vec![format!("no SELECT for stage {stage}")],
            }),
        }
    }

    /// What these probes say as long as the window is open, and at no other time.
    fn transient<'b>(&self, probes: &[&'b str]) -> Vec<(&'b str, String)> {
        let owner = self.plane.owner;
        let mut all = Vec::new();
        for probe in probes.iter().copied() {
            if REACHED.contains(&probe) {
                let roles = self.becoming.iter();
                all.extend(roles.map(|role| (probe, format!("{role} may become {owner}"))));
            }
            if probe == REACHED_OF_CATALOG {
                let tables = self.plane.table_definitions().into_iter();
                for table in tables.filter(|table| table.class == TableClass::Catalog) {
                    let roles = self.becoming.iter();
                    all.extend(
                        roles.map(|role| (probe, format!("{role} may become the owner of {}", table.name))),
                    );
                }
            }
            // Whoever moves owners holds what the owner holds.
            if probe == EXECUTED
                && let Some(mover) = &self.mover
            {
                all.push((probe, format!("{mover} may EXECUTE {}", self.gateway)));
            }
        }
        all
    }

    /// The statement that measures what guards compare with, before anything changes.
    pub(crate) fn measure(&self) -> Result<String, AuthorError> {
        Ok(format!(
            "-- What guards compare with, in the snapshot that both sides share.\nselect pg_catalog.set_config('{MEASURED}', {}::text, true) is not null as measured;\n\n",
            self.measured()?
        ))
    }

    /// The statement that refuses if what was measured is another now; for where no guard could be asked.
    pub(crate) fn unmoved(&self, refusal: Refusal) -> Result<String, AuthorError> {
        Ok(refuse_if_any(
            "unmoved",
            refusal,
            &format!(
                "    select n.key || ': expected what was measured before, found another' from pg_catalog.jsonb_each({}) as n
    where n.value is distinct from pg_catalog.current_setting('{MEASURED}')::jsonb -> n.key",
                self.measured()?
            ),
        ))
    }

    fn measured(&self) -> Result<String, AuthorError> {
        let mut entries = Vec::new();
        for (key, file) in &self.measures {
            let path = self.root.join(plan::STATES).join(file);
            let query = std::fs::read_to_string(&path).map_err(|source| AuthorError::Io { path, source })?;
            entries.push(format!(
                "  '{key}', (\n{}\n)::jsonb",
                query.trim_end().trim_end_matches(';')
            ));
        }
        Ok(format!(
            "pg_catalog.jsonb_build_object(\n{}\n)",
            entries.join(",\n")
        ))
    }

    /// The file that hands the authored documents in.
    pub(crate) fn inputs(&self) -> Result<String, AuthorError> {
        let mut documents = Vec::new();
        for key in &self.read {
            if ["phase", "moment", VIEWS].contains(&key.as_str())
                || self.measures.iter().any(|(known, _)| known == key)
            {
                continue;
            }
            if key == inputs::VECTORS.0 {
                let path = self.root.join(inputs::VECTORS.1);
                let text =
                    std::fs::read_to_string(&path).map_err(|source| AuthorError::Io { path, source })?;
                documents.push(format!("\"{key}\": {}", text.trim_end()));
                continue;
            }
            let text = self
                .files
                .get(&inputs::path(key))
                .ok_or_else(|| AuthorError::NotInCapture {
                    kind: "input",
                    identity: key.clone(),
                    wanted_by: "a guard of the packet".to_owned(),
                    hint: "author it below `rehearsal/inputs/`, or measure it".to_owned(),
                })?;
            documents.push(format!("\"{key}\": {}", text.trim_end()));
        }
        let text = format!("{{\n{}\n}}", documents.join(",\n"));
        Ok(format!(
            "-- What no catalog holds and guards are told. A setting of this transaction; outside of one it is gone at once.\nselect pg_catalog.set_config('{GIVEN}', {}, true) is not null as handed_in;\n",
            quoted(&text, "inputs")
        ))
    }
}
