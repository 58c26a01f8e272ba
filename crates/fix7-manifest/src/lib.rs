//! FIX7 as data.
