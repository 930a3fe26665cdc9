-- Names that tell of a failure or a refusal and were taken for deeds that were done.
drop index audit_entry_not_well;

create index audit_entry_not_well on audit_entry (sequence)
  where substring(event from '[^.]*$') in (
    'accepted-unverified', 'unverified', 'unknown', 'failed', 'change-failed', 'step-up-failed', 'expired',
    'not-following', 'fork-refused', 'refused', 'request-refused', 'unsupported', 'rejected', 'vetoed', 'denied',
    'locked-out', 'reconciled');
