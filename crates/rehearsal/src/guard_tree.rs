//! Guards are told what the server itself makes of every guard and of every body, beside what the authors' parser read in it.
//!
//! Not for: what a form is (`guards::analysed`), nor judging one. The one fact to know: a live database is not asked, since a
//! tree is had by making a function; there a guard is known by the digest of the bytes that were rehearsed.

use crate::engine::Run;
use crate::error::RehearseError;
use crate::validation::Cell;
use guards::{AnalysedBody, Stage, analysed, analysed_routine, analysed_view};
use serde_json::{Value, json};

impl Run<'_> {
    /// Adds the server's forms to the document that the plan names, once a stage, before a guard that is told it.
    pub(crate) async fn analyse_guards(&mut self, cell: &Cell<'_>) -> Result<(), RehearseError> {
        let committed = self.committed;
        let Some(key) = &committed.plan.tree_input else {
            return Ok(());
        };
        let asked = cell.path.and_then(|path| committed.guards.get(path));
        let is_told = asked.is_some_and(|guard| guard.inputs_at(cell.stage).any(|name| name == key));
        if !is_told || !self.analysed.insert(cell.stage) {
            return Ok(());
        }
        let Some(mut document) = self.inputs.value(key) else {
            return Ok(());
        };
        for guard in committed.guards.values() {
            let savepoint = self.session.savepoint().await?;
            let found = analysed(self.session.connection(), guard, cell.stage).await;
            let label = format!("the tree of guard `{}`", guard.id);
            self.session.undo_and_look(savepoint, &label).await?;
            let entry = &mut document["guards"][&guard.id];
            match found {
                Ok(None) => {}
                Ok(Some(forms)) => {
                    if let Some(known) = entry.get_mut("forms").and_then(Value::as_array_mut) {
                        known.extend(forms.iter().map(|(form, what)| json!([form, what])));
                    }
                }
                // One that the server does not read is unread.
                Err(why) => {
                    *entry = Value::Null;
                    self.finding("GUARD_NOT_ANALYSED", None, format!("{label}: {why}"), vec![]);
                }
            }
        }
        self.inputs.insert(key, &document);
        Ok(())
    }

    /// Adds the server's forms of each routine and view to the document that the plan names, once they are there, before a
    /// guard that is told it.
    pub(crate) async fn analyse_bodies(&mut self, cell: &Cell<'_>) -> Result<(), RehearseError> {
        let committed = self.committed;
        let Some(key) = &committed.plan.body_input else {
            return Ok(());
        };
        let asked = cell.path.and_then(|path| committed.guards.get(path));
        let is_told = asked.is_some_and(|guard| guard.inputs_at(cell.stage).any(|name| name == key));
        if !is_told || cell.stage != Stage::ControlPlane || self.bodies_analysed {
            return Ok(());
        }
        let Some(mut document) = self.inputs.value(key) else {
            return Ok(());
        };
        self.bodies_analysed = true;
        for kind in ["routines", "views"] {
            let names = document[kind].as_object();
            let names: Vec<String> = names.into_iter().flat_map(|all| all.keys().cloned()).collect();
            for name in names {
                let savepoint = self.session.savepoint().await?;
                let found = match kind {
                    "views" => analysed_view(self.session.connection(), &name).await,
                    _ => analysed_routine(self.session.connection(), &name).await,
                };
                let label = format!("the body of `{name}`");
                self.session.undo_and_look(savepoint, &label).await?;
                let AnalysedBody { forms, unread } = match found {
                    Ok(Some(found)) => found,
                    // One that is not there is a guard's business: it knows what is sealed.
                    Ok(None) => continue,
                    Err(why) => AnalysedBody {
                        unread: vec![why],
                        ..AnalysedBody::default()
                    },
                };
                if !unread.is_empty() {
                    let message = format!("{label} is analysed by the server in part, or not at all");
                    self.finding("BODY_NOT_ANALYSED", None, message, unread);
                }
                if let Some(known) = document[kind][&name]["forms"].as_array_mut() {
                    known.extend(forms.iter().map(|(form, what)| json!([form, what])));
                }
            }
        }
        self.inputs.insert(key, &document);
        Ok(())
    }
}
