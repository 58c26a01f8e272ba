//! What this process opened, sent and wrote, recorded at the tool's only doors.
//!
//! Not for: judging any of it. The one fact to know: nothing here is declared by whoever is observed. A
//! connection is recorded by the function that opens it, a statement by the client that sends it, a file by
//! the function that writes it, and a tidy test holds that there is no other door.

mod address;
pub mod files;
mod record;
mod statements;

pub use address::{claim, whose};
pub use record::{Act, Footprint, Place, Sent, Touched, Whose, network, opened, program, taken};
pub use statements::{listen, told_at};
