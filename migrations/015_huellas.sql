-- The keys under which the bodies of repeatable orders are hashed. A fingerprint names its key;
-- once the row is gone nobody can tell from the fingerprint what a body said, not even by guessing.
create table eventos.huellas_claves (
  id      bytea       primary key check (octet_length(id) = 8),
  secreto bytea       not null check (octet_length(secreto) = 32),
  creada  timestamptz not null default clock_timestamp()
);
grant select, insert, delete on eventos.huellas_claves to gad_aplicacion;
