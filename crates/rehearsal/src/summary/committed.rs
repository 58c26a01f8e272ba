//! Lines about the committed run.

use super::word;
use crate::committed_run::CommittedRun;
use crate::outcome::Status;
use std::collections::BTreeSet;

/// One line, also where nobody asked for a committed run.
pub(super) fn committed_line(run: &CommittedRun) -> String {
    if run.verdict == Status::NotMeasured {
        return format!("  committed  not measured: {}\n", run.why);
    }
    let dump = match run.dump.verdict {
        Status::NotMeasured => format!("not observed: {}", run.dump.observer),
        verdict => format!("{} {}", run.dump.observer, word(verdict)),
    };
    let chain = match run.chain.verdict {
        Status::NotMeasured => format!("  chain      not measured: {}\n", run.chain.why),
        verdict => {
            let client = &run.chain.client;
            format!(
                "  chain      {} parts of {} packets committed, each by its own login, {} taken back; meanwhile {} births, {} reads, {} waited, both paths called {} times; {}\n",
                run.chain.links.len(),
                run.chain
                    .links
                    .iter()
                    .map(|link| &link.package)
                    .collect::<BTreeSet<_>>()
                    .len(),
                run.chain
                    .links
                    .iter()
                    .filter(|link| link.restored == Some(true))
                    .count(),
                client.births,
                client.reads,
                client.waited,
                client.looked,
                word(verdict)
            )
        }
    };
    format!(
        "  committed  {} files, each transaction {}; {} roles logged in, {} of {} cells tried, {} differences; {} reads over a login in {} states, {} preserved; {dump}; {} in {} ms\n{chain}",
        run.files,
        run.xid_status,
        run.logins.roles,
        run.logins.tried,
        run.logins.cells,
        run.logins.differences,
        run.reads.tried,
        run.reads.states,
        run.reads.preserved,
        word(run.verdict),
        run.elapsed_ms
    )
}
