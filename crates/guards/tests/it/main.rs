//! The verdict rule on hand-made rows, one condition a test; the loader on files that differ in
//! one line; guards on a live database; the committed guards as a set.

mod analysed;
mod fix7;
mod guard_file;
mod live;
mod probe_alone;
mod verdict;
mod work;
