-- One submission: what was asked, by whom, why. Times are milliseconds since the Unix epoch.
CREATE TABLE command (
  id uuid PRIMARY KEY,
  operation text NOT NULL,
  params jsonb NOT NULL,
  reason text NOT NULL,
  actor jsonb NOT NULL,
  origin jsonb NOT NULL,
  max_running integer NOT NULL CHECK (max_running > 0),
  per_minute integer CHECK (per_minute > 0),
  -- When the next target may be begun, where per_minute sets a pace.
  next_turn_at bigint NOT NULL DEFAULT 0,
  total integer NOT NULL CHECK (total > 0),
  submitted_at bigint NOT NULL,
  not_after bigint NOT NULL,
  cancelled_at bigint,
  idempotency_key text,
  digest text NOT NULL
);
CREATE UNIQUE INDEX command_idempotency ON command ((actor ->> 'id'), idempotency_key) WHERE idempotency_key IS NOT NULL;

-- One charger's part of a command, and how far it has come.
CREATE TABLE dispatch (
  id uuid PRIMARY KEY,
  command uuid NOT NULL REFERENCES command (id),
  charger text NOT NULL,
  -- Order of submission: a charger's commands leave in this order.
  ordinal bigint GENERATED ALWAYS AS IDENTITY,
  operation text NOT NULL,
  scope text,
  -- Refuses a second unsettled command of this operation and scope.
  exclusive boolean NOT NULL,
  state text NOT NULL,
  -- 0: the command itself. 1: reading back what it stored.
  step smallint NOT NULL DEFAULT 0,
  -- Waits for its turn to send a CALL.
  ready boolean NOT NULL,
  -- A CALL of it may be on the wire.
  calling boolean NOT NULL DEFAULT false,
  -- Other commands of the charger wait until it is settled.
  holding boolean NOT NULL DEFAULT false,
  attempts smallint NOT NULL DEFAULT 0,
  not_after bigint NOT NULL,
  call_id uuid,
  call jsonb,
  epoch bigint,
  fenced_at bigint,
  sent_at bigint,
  answer_by bigint,
  answer jsonb,
  result jsonb,
  detail text,
  outcome text,
  -- Until when its effect is looked for; null when nobody looks.
  settle_by bigint,
  updated_at bigint NOT NULL
) WITH (fillfactor = 70);

CREATE INDEX dispatch_command ON dispatch (command, ordinal);
CREATE INDEX dispatch_charger ON dispatch (charger, ordinal);
CREATE INDEX dispatch_ready ON dispatch (charger, ordinal) WHERE ready;
CREATE INDEX dispatch_holding ON dispatch (charger) WHERE holding;
CREATE INDEX dispatch_watched ON dispatch (charger) WHERE settle_by IS NOT NULL;
CREATE INDEX dispatch_call ON dispatch (call_id) WHERE call_id IS NOT NULL;
CREATE INDEX dispatch_expiry ON dispatch (not_after) WHERE state = 'queued';
CREATE INDEX dispatch_answer_by ON dispatch (answer_by) WHERE calling;
CREATE INDEX dispatch_settle_by ON dispatch (settle_by) WHERE settle_by IS NOT NULL;
CREATE INDEX dispatch_running ON dispatch (command) WHERE state IN ('sending', 'sent', 'accepted');
-- OCPP allows one outstanding CALL per direction; the database is what makes it so across processes.
CREATE UNIQUE INDEX dispatch_one_call ON dispatch (charger) WHERE calling;
CREATE UNIQUE INDEX dispatch_exclusive ON dispatch (charger, operation, scope)
  WHERE exclusive AND state IN ('queued', 'sending', 'sent', 'accepted');
