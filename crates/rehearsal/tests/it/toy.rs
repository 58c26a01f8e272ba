//! The toy control plane: two tables, a seal, five negative tests.
//!
//! Its files lie in `toy/` without digests; a copy gets its indexes and digests when it is made,
//! so that a test can change a file before (the plan agrees with it) or after (it was tampered
//! with).

use guards::{CommittedFiles, Fixture, ProbeRow};
use rehearsal::{Committed, Outcome, RehearseError, sha256_hex};
use std::path::{Path, PathBuf};
use throwaway_postgres::Options;

/// A copy in a folder of its own.
pub(crate) struct Toy {
    folder: tempfile::TempDir,
}

/// The static fixture that the toy's plan lists.
pub(crate) const FIXTURES: &[Fixture] = &[Fixture {
    id: "G-FILES",
    probes: &["seed_files"],
    measure: seed_files,
}];

fn seed_files(files: &CommittedFiles) -> Result<Vec<ProbeRow>, String> {
    let seeds = files.keys().filter(|path| path.starts_with("seeds/")).count();
    let seeds = i64::try_from(seeds).map_err(|error| error.to_string())?;
    Ok(vec![ProbeRow::new("seed_files", 2, seeds, seeds, vec![])])
}

impl Toy {
    pub(crate) fn new() -> Self {
        let toy = Self {
            folder: tempfile::tempdir().expect("a temp folder"),
        };
        copy(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join("../rehearsal/tests/it/toy"),
            toy.folder.path(),
        );
        toy
    }

    /// Replaces text in a file; the plan is sealed later and agrees with it.
    pub(crate) fn edit(self, path: &str, from: &str, to: &str) -> Self {
        let text = self.read(path);
        assert!(text.contains(from), "`{path}` holds no `{from}`");
        self.write(path, &text.replace(from, to));
        self
    }

    /// Writes indexes and digests, as authoring does.
    pub(crate) fn seal(self) -> Self {
        for source in ["migrations", "seeds"] {
            let mut names: Vec<String> = std::fs::read_dir(self.path(source))
                .expect("a source folder")
                .filter_map(|entry| entry.expect("an entry").file_name().into_string().ok())
                .filter_map(|name| name.strip_suffix(".up.sql").map(str::to_owned))
                .collect();
            names.sort();
            let mut index = vec!["format_version = 1\n".to_owned()];
            for name in names {
                let sha = |way: &str| sha256_hex(self.read(&format!("{source}/{name}.{way}.sql")).as_bytes());
                index.push(format!(
                    "[[file]]\nversion = {}\nstep = \"S{}\"\nname = \"{name}\"\nup_sha256 = \"{}\"\ndown_sha256 = \"{}\"\n",
                    name[..5].parse::<u32>().expect("a version"),
                    &name[..2],
                    sha("up"),
                    sha("down")
                ));
            }
            self.write(&format!("{source}/index.toml"), &index.concat());
        }
        // The worlds first: the plan holds their digest.
        let worlds = "estate/worlds/worlds.toml";
        self.write(worlds, &self.with_digests(worlds));
        std::fs::create_dir_all(self.path("rehearsal")).expect("a folder");
        self.write("rehearsal/plan.toml", &self.with_digests("plan.toml"));
        self
    }

    /// The text of `path`, each `"@FILE"` replaced by the file's digest.
    fn with_digests(&self, path: &str) -> String {
        let mut text = Vec::new();
        for line in self.read(path).lines() {
            match line.split_once("\"@") {
                Some((head, path)) => {
                    let digest = sha256_hex(self.read(path.trim_end_matches('"')).as_bytes());
                    text.push(format!("{head}\"{digest}\"\n"));
                }
                None => text.push(format!("{line}\n")),
            }
        }
        text.concat()
    }

    pub(crate) fn load(&self) -> Result<Committed, RehearseError> {
        Ok(rehearsal::load(self.folder.path())?)
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("`{path}`: {error}"))
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "a copy in a temp folder that nobody else reads"
    )]
    pub(crate) fn write(&self, path: &str, text: &str) {
        std::fs::write(self.path(path), text).expect("a file is written");
    }

    /// Rehearses on a throwaway server of its own.
    pub(crate) async fn rehearse(self) -> Result<Outcome, RehearseError> {
        let committed = self.seal().load()?;
        rehearsal::rehearse(&options(), &committed, FIXTURES, &[], &mut ()).await
    }
}

/// Whatever server this machine has.
pub(crate) fn options() -> Options {
    Options::for_tests()
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).expect("the toy's folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a file type").is_dir() {
            std::fs::create_dir_all(&target).expect("a folder");
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("a file is copied");
        }
    }
}

/// Codes of the findings, in order.
pub(crate) fn codes(outcome: &Outcome) -> Vec<&str> {
    outcome
        .findings
        .iter()
        .map(|finding| finding.code.as_str())
        .collect()
}
