-- What a turn has to know of everything that waits for it, and the frames that went before.
ALTER TABLE dispatch
  -- Its command is shared out over time: its first CALL needs a place.
  ADD COLUMN paced boolean NOT NULL DEFAULT false,
  -- What the gateway said when it last did not take the order: under which message id, why, how often.
  ADD COLUMN refusal jsonb,
  -- The step of the CALL with call_id.
  ADD COLUMN call_step smallint NOT NULL DEFAULT 0,
  -- Message ids of earlier frames that may be answered late, and the step and CALL of each.
  ADD COLUMN earlier_call_ids uuid[],
  ADD COLUMN earlier_calls jsonb;

UPDATE dispatch d SET paced = true FROM command c
WHERE c.id = d.command AND d.state IN ('queued', 'sending', 'sent', 'accepted')
  AND (c.total > c.max_running OR c.per_minute IS NOT NULL);

CREATE INDEX dispatch_paced ON dispatch (charger, ordinal) WHERE ready AND paced AND step = 0;
CREATE INDEX dispatch_earlier ON dispatch USING gin (earlier_call_ids) WITH (fastupdate = off)
  WHERE earlier_call_ids IS NOT NULL;

-- When a MeterValues message last came of each EVSE, by its number.
ALTER TABLE charger_state ADD COLUMN heard_meters jsonb NOT NULL DEFAULT '{}';
