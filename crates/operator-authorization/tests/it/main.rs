//! Each reason to refuse, shown on a good artifact with exactly one thing changed; and `ssh-keygen` beside us.
//!
//! Not for: forms of single fields, which stand beside their code. The one fact to know: nothing here knows a
//! control plane; packages, people and purposes are made up.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod authorization;
mod codes;
mod forms;
mod people;
mod reaudit;
mod sequence;
mod ssh_keygen;
