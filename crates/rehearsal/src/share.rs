//! What one server does of a rehearsal, so that two can do it at once.
//!
//! Not for: starting servers (`beside`). The one fact to know: packages and acts run on every server, since
//! everything else stands on them; a stage asks here whether it is this server's, and is otherwise empty.

/// Which stages a run has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Share {
    /// All of them.
    Whole,
    /// Guards wherever they are due, their faults, the ways back, the worlds.
    Steps,
    /// Guards wherever they are due, timed, and nothing else.
    Guards,
    /// Reads over real logins, in states that are kept, and nothing else.
    Reads,
    /// What is tried and undone: mutants of the manifests, the negative suite, access, attacks, the packet that makes
    /// the control plane.
    Proofs,
    /// All but the negative suite.
    AllButSuite,
    /// The negative suite, and nothing else.
    Suite,
}

/// The shares of two servers, each about as long as the other.
pub(crate) const fn of_two(has_packets: bool) -> (Share, Share) {
    if has_packets {
        (Share::Steps, Share::Proofs)
    } else {
        // Steps that end with the seal are soon done.
        (Share::AllButSuite, Share::Suite)
    }
}

impl Share {
    /// Whether guards, ways back and worlds are this run's.
    pub(crate) const fn has_steps(self) -> bool {
        matches!(self, Self::Whole | Self::Steps | Self::AllButSuite | Self::Guards)
    }

    /// Whether states are made with nothing tried on the way.
    pub(crate) const fn is_plain(self) -> bool {
        matches!(self, Self::Guards | Self::Reads)
    }

    /// Whether mutants of the manifests, access and attacks are.
    pub(crate) const fn has_proofs(self) -> bool {
        matches!(self, Self::Whole | Self::Proofs | Self::AllButSuite)
    }

    /// Whether the packet that makes the control plane is: what it comes to was come to by files on the same server.
    pub(crate) const fn has_creation(self) -> bool {
        matches!(self, Self::Whole | Self::Proofs)
    }

    /// Whether the negative suite is.
    pub(crate) const fn has_suite(self) -> bool {
        matches!(self, Self::Whole | Self::Proofs | Self::Suite)
    }
}

#[cfg(test)]
mod tests {
    use super::{Share, of_two};

    #[test]
    fn each_stage_is_one_servers_and_all_are_a_single_servers() {
        let stages: [fn(Share) -> bool; 4] = [
            Share::has_steps,
            Share::has_proofs,
            Share::has_creation,
            Share::has_suite,
        ];
        for (at, has) in stages.into_iter().enumerate() {
            assert!(has(Share::Whole), "stage {at}");
            let (first, second) = of_two(true);
            assert_eq!(
                [first, second].map(has).iter().filter(|has| **has).count(),
                1,
                "stage {at}"
            );
        }
        // Short of the packets there is none to run.
        let (first, second) = of_two(false);
        assert!(!first.has_creation() && !second.has_creation());
        assert!(first.has_steps() && first.has_proofs() && !first.has_suite() && second.has_suite());
        assert!(!second.has_steps() && !second.has_proofs());
    }
}
