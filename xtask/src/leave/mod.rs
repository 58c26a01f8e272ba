//! Leave to run a package: `authorization`, `reaudit`, `record` and `status`, over FIX7's packages and people.
//!
//! Not for: judging, which `operator-authorization` does from bytes alone. The one fact to know: disk and clock
//! are read here, so what was judged is what these files read.

pub(crate) mod authorization;
pub(crate) mod files;
pub(crate) mod operated;
pub(crate) mod plane;
mod printed;
pub(crate) mod reaudit;
pub(crate) mod record;
pub(crate) mod state;
pub(crate) mod status;
pub(crate) mod trust;
pub(crate) mod verify;

use crate::exit::CommandError;
use operator_authorization::Moment;
use std::time::SystemTime;

/// Seconds from 1970 to 2000, from which the server's time counts.
const TO_2000: i64 = 946_684_800;

/// This machine's clock.
pub(crate) fn now() -> Result<Moment, CommandError> {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .ok()
        .and_then(|since| i64::try_from(since.as_micros()).ok())
        .and_then(|micros| Moment::from_postgres_micros(micros - TO_2000 * 1_000_000))
        .ok_or_else(|| CommandError::Environment("this machine's clock tells no time after 1970".to_owned()))
}

/// For arguments that are instants.
pub(crate) fn moment(text: &str) -> Result<Moment, String> {
    Moment::parse_lenient(text).ok_or_else(|| "expected an instant in UTC, `2026-01-31T23:59:59Z`".to_owned())
}

/// Version of these tools, which a packet, its approval and its verification must share.
pub(crate) const TOOL_VERSION: &str = env!("CARGO_PKG_VERSION");
