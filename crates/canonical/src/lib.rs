//! CP-06 canonical encoding and the hash contracts H01..H07.
