//! The rehearsal that lies with a lane: of the lane's own bytes, whole, and passed.
//!
//! Not for: what it shows by itself (`evidence`). The one fact to know: a good packet of an older commit is a
//! good packet, so what binds it to this lane is that the inputs of the preflight are files of its plan, digest
//! by digest, the plan itself among them.

use crate::code::{LANE_REHEARSAL_UNFIT, Refusal};
use crate::documents::Input;
use evidence::Contents;

/// What speaks against it.
pub(crate) fn against_rehearsal(inputs: &[Input], rehearsal: &Contents) -> Vec<Refusal> {
    let plan = &rehearsal.plan;
    let mut refusals = Vec::new();
    let mut refuse = |subject: &str, message: &str| {
        refusals.push(Refusal::new(LANE_REHEARSAL_UNFIT, subject, message));
    };
    let verdict = &rehearsal.packet.verdict.value;
    if verdict != "pass" {
        refuse(
            "verdict",
            &format!("expected a rehearsal that passed, found `{verdict}`"),
        );
    }
    if !plan.asked.is_empty() || plan.estate || !plan.committed {
        let message = format!(
            "expected every package on the reference estate, committed as well; found {:?}, a dump: {}, committed: {}",
            plan.asked, plan.estate, plan.committed
        );
        refuse("plan", &message);
    }
    if !inputs.iter().any(|input| input.path == plan.plan) {
        refuse(
            &plan.plan,
            "expected it among the inputs of the preflight, found no such input",
        );
    }
    for input in inputs {
        let Some(file) = plan.files.iter().find(|file| file.path == input.path) else {
            continue;
        };
        if file.sha256 != input.sha256 {
            let message = format!(
                "the preflight saw {}, what was rehearsed is {}: a packet of other bytes",
                input.sha256, file.sha256
            );
            refuse(&input.path, &message);
        }
    }
    refusals
}
