//! The verdict rule on hand-made rows, one condition a test; the loader on files that differ in
//! one line.

mod guard_file;
mod verdict;
