//! The guards' files and those of their faults, each read, parsed and digested once for all that speak of them.
//!
//! Not for: judging, or what a guard is told (`inputs`). The one fact to know: plan, packets, inputs and `docs/guards.md`
//! speak of the same read, so that none of them can tell of another file than the others do.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use guards::{Guard, Stage};
use manifest_model::ControlPlane;
use squawk_syntax::SourceFile;
use squawk_syntax::ast::AstNode as _;

use crate::error::AuthorError;
use crate::forms;
use crate::guard_assertion;
use crate::header::sha256_hex;
use crate::plan::{case_path, guard_path};

/// A file that people write.
pub struct Written {
    /// Its text.
    pub text: String,
    /// Digest of its bytes.
    pub sha256: String,
}

/// Files by the id of their guard; one that nobody has written yet is not there.
pub struct GuardFiles {
    guards: BTreeMap<&'static str, (Written, Guard)>,
    cases: BTreeMap<&'static str, Written>,
}

impl GuardFiles {
    /// Reads every file of the registry's guards.
    ///
    /// # Errors
    /// Files among them that no guard has, which nobody would run, and a guard's file that holds another one, or none.
    pub fn read(plane: &ControlPlane, root: &Path) -> Result<Self, AuthorError> {
        demand_no_strays(plane, root)?;
        let (mut guards, mut cases) = (BTreeMap::new(), BTreeMap::new());
        for entry in plane.guards {
            let path = guard_path(entry.id);
            // One that is not there is not measured, or missed by whoever asks for it.
            if let Some(written) = read(root, &path)? {
                let found = match Guard::parse(&written.text) {
                    Ok(guard) if guard.id == entry.id => Ok(guard),
                    Ok(guard) => Err(format!("it holds `{}`", guard.id)),
                    Err(why) => Err(why.to_string()),
                };
                let guard = found.map_err(|found| AuthorError::NotTheGuard {
                    path,
                    expected: entry.id.to_owned(),
                    found,
                })?;
                guards.insert(entry.id, (written, guard));
            }
            if let Some(written) = read(root, &case_path(entry.id))? {
                cases.insert(entry.id, written);
            }
        }
        Ok(Self { guards, cases })
    }

    /// The file of a guard, if there is one.
    #[must_use]
    pub fn file(&self, id: &str) -> Option<&Written> {
        self.guards.get(id).map(|(written, _)| written)
    }

    /// What stands in it.
    #[must_use]
    pub fn guard(&self, id: &str) -> Option<&Guard> {
        self.guards.get(id).map(|(_, guard)| guard)
    }

    /// The file of its faults, if there is one.
    #[must_use]
    pub fn cases(&self, id: &str) -> Option<&Written> {
        self.cases.get(id)
    }

    /// Path and digest of its file, if there is one.
    pub(crate) fn reference(&self, id: &str) -> (Option<String>, Option<String>) {
        self.file(id)
            .map(|written| (guard_path(id), written.sha256.clone()))
            .unzip()
    }
}

/// The SELECT of a guard at one stage, parsed.
pub struct Select {
    /// With the variable of an assertion in place of its parameter.
    pub asserted: String,
    /// Its forms, those of its verdict among them.
    pub forms: Vec<(&'static str, String)>,
}

/// Every SELECT of every guard.
pub struct Selects(BTreeMap<&'static str, Vec<(Stage, Select)>>);

impl Selects {
    /// Parses them.
    ///
    /// # Errors
    /// One that does not parse.
    pub fn parse(files: &GuardFiles) -> Result<Self, AuthorError> {
        let mut all = BTreeMap::new();
        for (id, (_, guard)) in &files.guards {
            let selects = guard.stages.iter().map(|(stage, sql)| {
                let parsed = SourceFile::parse(sql);
                let asserted = guard_assertion::with_inputs(&parsed, || guard_path(id))?;
                let tree = parsed.tree();
                let forms = forms::forms(tree.syntax())
                    .into_iter()
                    .chain(forms::verdict_forms(tree.syntax()))
                    .collect();
                Ok((*stage, Select { asserted, forms }))
            });
            all.insert(*id, selects.collect::<Result<Vec<_>, AuthorError>>()?);
        }
        Ok(Self(all))
    }

    /// Those of one guard, in the order of its file.
    #[must_use]
    pub fn of(&self, id: &str) -> &[(Stage, Select)] {
        self.0.get(id).map_or(&[], Vec::as_slice)
    }
}

/// Refuses files among the guards and their faults that no guard has.
fn demand_no_strays(plane: &ControlPlane, root: &Path) -> Result<(), AuthorError> {
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    for path_of in [guard_path, case_path] {
        let expected: BTreeSet<String> = plane.guards.iter().map(|guard| path_of(guard.id)).collect();
        let example = path_of("G");
        let (folder, _) = example.rsplit_once('/').unwrap_or_default();
        let Ok(entries) = std::fs::read_dir(root.join(folder)) else {
            continue;
        };
        let there: BTreeSet<String> = entries
            .filter_map(|entry| Some(format!("{folder}/{}", entry.ok()?.file_name().to_str()?)))
            .collect();
        found.extend(there.difference(&expected).cloned());
        missing.extend(expected.difference(&there).cloned());
    }
    if found.is_empty() {
        return Ok(());
    }
    Err(AuthorError::StrayGuardFiles { found, missing })
}

fn read(root: &Path, path: &str) -> Result<Option<Written>, AuthorError> {
    match std::fs::read_to_string(root.join(path)) {
        Ok(text) => Ok(Some(Written {
            sha256: sha256_hex(text.as_bytes()),
            text,
        })),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(AuthorError::Io {
            path: root.join(path),
            source,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::{GuardFiles, Selects};
    use crate::error::AuthorError;
    use crate::plan::guard_path;
    use fix7_manifest::FIX7;

    fn written(select: &str) -> (tempfile::TempDir, &'static str) {
        let (root, id) = (tempfile::tempdir().unwrap(), FIX7.guards[0].id);
        let path = root.path().join(guard_path(id));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let text = format!(
            "-- guard: {id}\n-- invariant: it holds\n-- why: or not\n-- probe: one a clause\n-- stage: control-plane\n{select};\n"
        );
        crate::atomic_write(&path, &text).unwrap();
        (root, id)
    }

    #[test]
    fn a_select_is_asserted_with_a_variable_for_its_parameter() {
        let (root, id) = written("select $1 -> 'a' as a, '$1' as told -- $1");
        let selects = Selects::parse(&GuardFiles::read(&FIX7, root.path()).unwrap()).unwrap();
        let [(_, select)] = selects.of(id) else { panic!() };
        assert_eq!(select.asserted, "select v_inputs -> 'a' as a, '$1' as told -- $1");
    }

    #[test]
    fn a_select_that_does_not_parse_is_refused_by_its_file() {
        let (root, id) = written("select from where");
        let files = GuardFiles::read(&FIX7, root.path()).unwrap();
        let Err(AuthorError::Unparsed { path, .. }) = Selects::parse(&files) else {
            panic!("it was taken")
        };
        assert_eq!(path, guard_path(id));
    }
}
