//! The canonical encoding (CP-06) and the seven hash contracts H01..H07 [doc 07, PKG-B; ruling B11].
//!
//! It is for turning typed values into the one byte string that is hashed, and for the types of the
//! digests. It is not for SQL text (`sql-render` has the same encoding as expressions) and reads no
//! file. The one fact to know: every digest is computed twice, here and by the server, and a property
//! test holds the two byte-identical. Change a byte here and every sealed digest changes: such a change
//! is a new encoding version (`"v2"`), never an edit.
//!
//! # The encoding, version v1
//!
//! What is hashed is a JSON text without white space, in UTF-8, hashed with SHA-256. It holds arrays,
//! strings, integers below 2^31, `true`, `false` and `null`, and never an object: order is then written
//! down, not a convention, and the text is its own RFC 8785 (JCS) form.
//!
//! Values of columns:
//!
//! | kind | encoded as |
//! | --- | --- |
//! | NULL, any kind | `null` |
//! | boolean | `true`, `false` |
//! | integer (int4, int8) | string of the decimal digits: `"-12"` |
//! | numeric | string, scale trimmed, no exponent, no `-0`: `"1.5"`, `"NaN"`, `"Infinity"`, `"-Infinity"` |
//! | text | string; escapes are `\"`, `\\`, `\b`, `\f`, `\n`, `\r`, `\t`, and `\u00xx` in lower hex below U+0020; all else, U+007F, U+2028 and astral characters among it, is written as it is |
//! | bytea | string of lower hex, two digits a byte |
//! | uuid | string, lower case with hyphens |
//! | timestamptz | string in UTC: `"2026-01-31T23:59:59.000001Z"`, always six fractional digits; the year has four digits or more; before year 1 it is the year BC followed by ` BC`, as the server writes it; `"infinity"`, `"-infinity"` |
//! | text[] | array of strings and nulls; one dimension that starts at 1, anything else is refused |
//!
//! Text is not normalised (no NFC, no trimming, no case folding) and compared as bytes, COLLATE "C".
//! U+0000 is refused, as the server has no such text. A value's kind is not in the bytes, the integer 1
//! and the text `1` encode alike: a column has one kind, so two rows of one surface that differ never
//! encode alike.
//!
//! | contract | bytes hashed |
//! | --- | --- |
//! | H01 | `["H01","v1",surface_no,[["column",value],…]]`, columns in position order |
//! | H02 | `["H02","v1",[[ordinal,"item_key","h01 hex"],…]]`, in ordinal order |
//! | H03 | `["H03","v1",surface_no,version,item_count,"h02 hex","h05 hex of the expected item keys"]` |
//! | H04 | `["H04","v1",[["manifest_id",…],["surface_no",…],["payload_sha256",…],["slot",…],["principal_id",…],["evidence_id",…],["control_epoch",…],["decision",…]]]`; `evidence_id` is dereferenced, its value is the artifact's digest |
//! | H05 | `["H05","v1",["identity",…]]`, sorted, COLLATE "C", no duplicates |
//! | H06 | `["H06","v1","routine",[["language",…],["kind",…],["arguments",…],["result",…],["security_definer",…],["volatility",…],["strict",…],["leakproof",…],["parallel",…],["config",…],["binary",…],["body",…]]]`, or `["H06","v1","view",major,"definition"]` |
//! | H07 | `["H07","v1","class","owner",[["grantee","grantor","PRIVILEGE",grantable,"column" or null],…]]`, sorted in this order, COLLATE "C", null first; the class is `relation`, `routine`, `schema`, `type` or `database`; everybody is `public`, a name that no role can have |
//!
//! Artifacts that people sign are written alike, `["kind","v1",[["name",value],…]]` with text and arrays
//! alone, and end with a line feed; an artifact's digest is that of the file.
//!
//! # What is not hashed, and why
//!
//! - H01: `item_sha256` (it is the result), `manifest_id` (derived from H03, which covers H01: a cycle),
//!   `ordinal` (H02 covers it, so that a moved row keeps its digest), generated columns (derived),
//!   `surface_no` as a column (it stands once in front).
//! - H03: state, times and people. They say when and by whom a payload was sealed, not what it is; and
//!   a clock in a digest can't be recomputed.
//! - H06: owner and privileges (H07), comments, cost and row estimates (they change plans, not
//!   results), storage options of views. CRLF in a body becomes LF and nothing else is normalised.
//! - H07: effective rights through membership; they are asked of the server, not hashed [ruling B3].
//!   A NULL ACL and the explicit default are equal, since they mean the same and a restore can't tell
//!   them apart [ruling B4].
//! - No routine body contains a digest [ruling B11].

mod contracts;
mod digest;
mod document;
mod error;
mod json;
mod numeric;
mod privilege;
mod source;
mod timestamp;
mod value;

pub use contracts::{
    ItemLine, Scope, h01, h01_preimage, h02, h02_preimage, h03, h03_preimage, h04, h04_preimage, h05,
    h05_preimage,
};
pub use digest::{
    ArtifactDigest, EnvelopeDigest, FileDigest, ItemDigest, ObjectSetDigest, PackageDigest, PayloadDigest,
    PrivilegeDigest, ScopeDigest, SourceDigest, TreeDigest,
};
pub use document::{Node, artifact};
pub use error::{EncodeError, ParseDigestError};
pub use numeric::Numeric;
pub use privilege::{AclItem, ObjectClass, PUBLIC, h07, h07_preimage};
pub use source::{Routine, h06_routine, h06_routine_preimage, h06_view, h06_view_preimage};
pub use timestamp::Timestamp;
pub use uuid::Uuid;
pub use value::{Value, ValueKind};
