//! A real packet of a real rehearsal, kept with the tool so that the gate is always shown passing and failing.
//!
//! Not for: comparing a checkout with; it is of the bytes of its day and never changes. The one fact to know:
//! it is compiled in, so a gate without it does not build.

use crate::folder::Folder;

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_bytes!(concat!("../frozen/", $name)).as_slice()),)*]
    };
}

const FILES: &[(&str, &[u8])] = files![
    "RERUN.sh",
    "environment.json",
    "environment.sha256",
    "outcome.json",
    "packet.json",
    "plan.json",
    "rollback.json",
];

/// The frozen packet.
pub fn frozen() -> Folder {
    Folder {
        files: FILES
            .iter()
            .map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec()))
            .collect(),
        refusals: Vec::new(),
    }
}
