//! Which server an address is: claimed by whoever made or approved it, looked up by whoever opens it.
//!
//! The one fact to know: an address that nobody claimed is unknown, and unknown counts as foreign.

use crate::Whose;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

static CLAIMED: Mutex<BTreeMap<String, Whose>> = Mutex::new(BTreeMap::new());

/// Says whose server answers at `address` from now on.
pub fn claim(address: &str, whose: Whose) {
    CLAIMED
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(address.to_owned(), whose);
}

/// Whose server answers at `address`.
pub fn whose(address: &str) -> Whose {
    let claimed = CLAIMED.lock().unwrap_or_else(PoisonError::into_inner);
    claimed.get(address).copied().unwrap_or(Whose::Unknown)
}
