-- Finds what was denied, refused or failed without reading what went well, which is nearly everything.
-- `src/audit/result.ts` says which names tell of what.
create index audit_entry_not_well on audit_entry (sequence)
  where substring(event from '[^.]*$') in (
    'accepted-unverified', 'unverified', 'unknown', 'failed', 'expired', 'not-following', 'fork-refused',
    'refused', 'unsupported', 'rejected', 'vetoed', 'denied', 'locked-out', 'reconciled');
