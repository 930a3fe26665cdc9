-- What chargers tell when they are asked for it, and the reservations they hold.
alter table charger_state
  -- When each kind of message last came because it was asked for.
  add column asked jsonb not null default '{}',
  -- Reservations it accepted, the newest ones.
  add column reservations jsonb not null default '[]';
