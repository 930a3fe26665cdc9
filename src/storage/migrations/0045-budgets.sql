-- What has been taken of each budget: when and how much, the newest last; what is out of the window is left out.
CREATE TABLE budget (
  key text PRIMARY KEY,
  -- [{"from", "at", "amount"}], ms since the epoch: what was taken from then until then.
  taken jsonb NOT NULL,
  kept_until timestamptz NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX budget_kept ON budget (kept_until);

-- Budgets that count each of their members once, e.g. the chargers that somebody disturbed, and when they last did.
CREATE TABLE budget_member (
  key text NOT NULL,
  member text NOT NULL,
  at bigint NOT NULL,
  kept_until timestamptz NOT NULL,
  PRIMARY KEY (key, member)
) WITH (fillfactor = 70);
CREATE INDEX budget_member_at ON budget_member (key, at);
CREATE INDEX budget_member_kept ON budget_member (kept_until);
