-- How a command that changes the fleet's power is spread: every wait is longer by a random share of at
-- most `jitter`, and in no minute does it change more than `watts_per_minute`.
ALTER TABLE command
  ADD COLUMN jitter double precision CHECK (jitter BETWEEN 0 AND 1),
  ADD COLUMN watts_per_minute double precision CHECK (watts_per_minute > 0);

CREATE INDEX command_power ON command (not_after) WHERE watts_per_minute IS NOT NULL;

-- What a decision asks: when a charger was reset, and what failed on it lately.
CREATE INDEX dispatch_resets ON dispatch (charger, sent_at)
  WHERE operation = 'charger.reset' AND sent_at IS NOT NULL;
