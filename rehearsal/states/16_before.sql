-- Before S16: the verifier's snapshot, complete and hash-bound, before anything is revoked.
set local session authorization fix7_verifier;
select qt001_cp.cp_verify_privileges('before_S16');
set local session authorization default;
