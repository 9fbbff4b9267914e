-- credentials and sessions. Mutable rows: what of them is a fact (who changed a password, whose
-- family was revoked) stands in the log, without hashes.
create schema sesiones;
revoke all on schema sesiones from public;
grant usage on schema sesiones to gad_aplicacion;

create table sesiones.credenciales (
  usuario  uuid        primary key,
  phc      text        not null check (phc like '$%'), -- algorithm, parameters, salt and hash
  cambiada timestamptz not null default clock_timestamp()
);

-- A family is what one login became; its refresh tokens follow each other.
create table sesiones.familias (
  id       uuid        primary key,
  usuario  uuid        not null,
  abierta  timestamptz not null,
  usada    timestamptz not null, -- when a token of it was last handed out
  vence    timestamptz not null,
  revocada timestamptz,
  motivo   text        not null default '',
  cliente  text        not null default '', -- what the browser or program calls itself
  origen   text        not null default ''  -- address block it was opened from
);
create index familias_usuario on sesiones.familias (usuario);
create index familias_vence on sesiones.familias (vence);

create table sesiones.refrescos (
  hash       bytea       primary key check (length(hash) = 32), -- SHA-256 of the token
  familia    uuid        not null references sesiones.familias on delete cascade,
  generacion integer     not null,
  emitido    timestamptz not null,
  usado      timestamptz,
  unique (familia, generacion)
);

grant select, insert, update, delete on sesiones.credenciales, sesiones.familias, sesiones.refrescos to gad_aplicacion;
