//! FIX7 as data.
pub mod estate;
