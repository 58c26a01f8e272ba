//! Why a packet refuses: codes with their SQLSTATE, what each says, and what to do about it.
//!
//! Not for: reasons of the control plane (#22), or of an authorization as such, whose codes a packet repeats in its
//! detail. The one fact to know: `docs/packets.md` has a line for each, and `cargo xtask explain` knows them.

/// One reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// Its code.
    pub code: &'static str,
    /// Its SQLSTATE.
    pub sqlstate: &'static str,
    /// What it says.
    pub says: &'static str,
    /// What to do.
    pub remedy: &'static str,
}

macro_rules! refusals {
    ($($name:ident $code:literal $sqlstate:literal $says:literal $remedy:literal,)*) => {
        $(pub(crate) const $name: Refusal = Refusal { code: $code, sqlstate: $sqlstate, says: $says, remedy: $remedy };)*
        /// All of them, by SQLSTATE.
        pub const REFUSALS: &[Refusal] = &[$($name,)*];
    };
}

refusals! {
    OUTSIDE_TRANSACTION "OUTSIDE_TRANSACTION" "Q7901" "this file is one transaction's content and was started outside of one" "run run.psql or run-rollback.psql, as README.txt says",
    OTHER_OPERATOR_AT_WORK "OTHER_OPERATOR_AT_WORK" "Q7902" "somebody else is running a packet on this database" "wait until they have ended, then begin with verify.sql",
    AUTHORIZATION_REFUSED "AUTHORIZATION_REFUSED" "Q7903" "the authorization that was handed in does not hold here and now" "each line of the detail begins with its code, which docs/authorization.md explains; ask for another authorization",
    OTHER_MAJOR "OTHER_MAJOR" "Q7904" "this packet was authored for another major of the server" "capture this server, author, and have the packet approved again",
    ISOLATION_MEANS_NOTHING "ISOLATION_MEANS_NOTHING" "Q7905" "a role of the application could undo what this packet does" "a DBA takes SUPERUSER away, or gives the schema to a neutral role: see the preconditions in README.txt",
    STATE_MOVED "STATE_MOVED" "Q7906" "an object is not in the state that was reviewed" "compare with verify.sql; whoever changed it says why, then capture, author, rehearse and approve again",
    LEGACY_IN_FLIGHT "LEGACY_IN_FLIGHT" "Q7907" "a call of the legacy path may be under way, and it would finish after the cutover" "wait for the sessions that are named, or have their owners end them, then run again",
    LOCK_TABLE_TOO_SMALL "LOCK_TABLE_TOO_SMALL" "Q7908" "this packet needs more locks than the server has left" "a DBA raises max_locks_per_transaction and restarts, or waits for less load",
    OPERATOR_NOT_PREPARED "OPERATOR_NOT_PREPARED" "Q7909" "the login lacks what a DBA gives for the window of a packet, or holds more" "a DBA runs dba_before.sql for this login, and before PKG-E's first part dba_roles.sql once",
    STATE_NOT_REACHED "STATE_NOT_REACHED" "Q7910" "an object is not in the state that this packet leads to" "nothing was changed; the packet does not fit this database: report it",
    NOT_APPLIED "NOT_APPLIED" "Q7911" "there is no run of these bytes under this authorization" "verify.sql says in which state the database is",
    NOT_RESTORABLE "NOT_RESTORABLE" "Q7912" "an object has a property that the way back would lose" "set it back to its default, or have the packet extended",
    READINESS_NOT_BLOCKED "READINESS_NOT_BLOCKED" "Q7913" "the new path would still take a write" "stop here: report it; nothing was changed",
    WRITER_MEMBER_UNKNOWN "WRITER_MEMBER_UNKNOWN" "Q7914" "a login would be let in to the gateway that the sealed bindings do not name" "a DBA takes the membership away, or it is sealed by a new version of #03",
    NEITHER_BEFORE_NOR_AFTER "NEITHER_BEFORE_NOR_AFTER" "Q7915" "the objects of this packet are neither as before it nor as after it" "change nothing; compare the lines above, and call the author",
    NOT_DRAINED "NOT_DRAINED" "Q7916" "transactions that began before the end of this packet are still open" "the gateway is BLOCKED all the while: have the sessions that are named end, then run verify.sql again",
    SEARCH_PATH_UNSAFE "SEARCH_PATH_UNSAFE" "Q7917" "a routine that would change its owner could be run, or run with names that others choose" "take EXECUTE away or pin its search_path, then capture, author, rehearse and approve again",
    SNAPSHOT_NOT_BOUND "SNAPSHOT_NOT_BOUND" "Q7918" "the verifier's snapshot of privileges is not what is found" "the verifier takes it once more; whatever moved in between is named, and somebody says why",
    RESTORE_DIFFERS "RESTORE_DIFFERS" "Q7919" "the way back does not lead to the privileges that were found before" "nothing was changed; the packet does not fit this database: report it",
    OUT_OF_ORDER "OUT_OF_ORDER" "Q7920" "another package has to be applied, or taken back, before this" "packages are applied in their order and taken back in the opposite one; run what is named first",
    DBA_MAY_NOT_GIVE "DBA_MAY_NOT_GIVE" "Q7921" "the login that opens the window may not give what it gives, or what it gives is not there" "run it as a superuser, or have what is named given to this login; PKG-E makes the contract roles (dba_roles.sql)",
    WINDOW_OPEN "WINDOW_OPEN" "Q7922" "the window of a packet is open, and this file may not open or close it" "whoever opened it runs the dba_after.sql of its packet, once nobody is at work under it",
    PART_OUT_OF_ORDER "PART_OUT_OF_ORDER" "Q7930" "it is another part's turn" "verify.sql says which part comes next; README.txt says who runs it",
    DECISION_UNCLEAR "DECISION_UNCLEAR" "Q7931" "a signer says in which slot they sign, and what they decide" "run it as README.txt says: -v slot=SLOT -v decision=approve, or reject",
    LEAVE_NOT_EXPIRED "LEAVE_NOT_EXPIRED" "Q7932" "a leave that was used and taken back would still hold, and the role that remembers it would go" "wait until then: no contract role can log in, and nothing is theirs",
}

/// Those that only a packet in parts may give.
pub(crate) const OF_PARTS: [Refusal; 3] = [PART_OUT_OF_ORDER, DECISION_UNCLEAR, LEAVE_NOT_EXPIRED];

#[cfg(test)]
mod tests {
    use super::REFUSALS;
    use std::collections::BTreeSet;

    #[test]
    fn codes_and_sqlstates_are_each_given_once() {
        let codes: BTreeSet<_> = REFUSALS.iter().map(|one| one.code).collect();
        let states: BTreeSet<_> = REFUSALS.iter().map(|one| one.sqlstate).collect();
        assert_eq!((codes.len(), states.len()), (REFUSALS.len(), REFUSALS.len()));
        assert!(!states.contains(crate::guard_assertion::NOT_GREEN));
    }
}
