-- A trip to the provider that a session began is over with the session: found by it.
create index single_sign_on_trip_session on single_sign_on_trip ((purpose ->> 'session'))
  where purpose ->> 'session' is not null;
