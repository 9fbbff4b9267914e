-- The roles gad needs, made once per server by a superuser. It may be run again at any time.
--
--   gad_owner       owns the database and its tables; only migrations log in as it
--   gad_app         every role of the program but the notary; owns nothing
--   gad_notary      the notary
--   gad_lectura_todo, gad_lectura_jurisdiccion, gad_lectura_propia
--                   what gad_app becomes while it answers a question: the first sees every row of
--                   the read models, the others what is in a jurisdiction, or its own (row-level
--                   security)
--   gad_aplicacion  what the application may do: migrations grant to this group
--   gad_notario     what the notary may do: likewise
--
-- No passwords here: private servers trust their sockets, others set one afterwards.
DO $$
DECLARE
  r record;
BEGIN
  FOR r IN SELECT * FROM (VALUES
    ('gad_aplicacion', 'NOLOGIN'), ('gad_notario', 'NOLOGIN'),
    ('gad_lectura_todo', 'NOLOGIN'), ('gad_lectura_jurisdiccion', 'NOLOGIN'), ('gad_lectura_propia', 'NOLOGIN'),
    ('gad_owner', 'LOGIN'), ('gad_app', 'LOGIN'), ('gad_notary', 'LOGIN')) AS v(name, login)
  LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r.name) THEN
      EXECUTE format('CREATE ROLE %I %s NOSUPERUSER NOCREATEDB NOCREATEROLE', r.name, r.login);
    END IF;
  END LOOP;
END $$;

GRANT gad_aplicacion, gad_lectura_todo, gad_lectura_jurisdiccion, gad_lectura_propia TO gad_app;
GRANT gad_notario TO gad_notary;

-- gad_app writes the read models, by COPY, which row-level security does not allow. It never
-- answers a question as itself.
ALTER ROLE gad_app BYPASSRLS;
