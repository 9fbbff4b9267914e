-- Accounts: what the doors must know of a Usuario, and what of logging in is no fact.

alter table lectura.usuarios
  add column estado          text    not null default 'activo', -- activo, bloqueado, baja
  add column verificado      boolean not null default false,    -- took the account up himself
  add column segundo_factor  boolean not null default false,
  add column version_permiso bigint  not null default 0,        -- tokens issued under an older one are over
  add column busqueda        text    not null default '';
create index usuarios_busqueda on lectura.usuarios using gin (to_tsvector('simple', busqueda));

-- The successor of a used token, sealed under a key derived from that token, for as long as
-- a client that lost an answer may ask again.
alter table sesiones.refrescos add column sucesor bytea;

alter table sesiones.familias
  add column segundo boolean not null default false; -- a second factor was shown, at login or when it was set up

-- One-time links by which somebody takes up his account. One per Usuario: a new one voids it.
create table sesiones.activaciones (
  usuario uuid        primary key,
  hash    bytea       not null unique check (length(hash) = 32), -- SHA-256 of the code
  vence   timestamptz not null
);

-- Second factors. The secret is encrypted by the caller; it counts once it was proved.
create table sesiones.segundos (
  usuario uuid        primary key,
  secreto bytea       not null,
  activo  boolean     not null default false,
  paso    bigint      not null default 0, -- newest time step that was used: none works twice
  creado  timestamptz not null default clock_timestamp()
);
create table sesiones.recuperacion (
  usuario uuid  not null references sesiones.segundos on delete cascade,
  hash    bytea not null check (length(hash) = 32),
  usado   timestamptz,
  primary key (usuario, hash)
);

-- Attempts to log in, by a keyed hash of account and address block.
create table sesiones.intentos (
  clave  bytea       primary key,
  fallos integer     not null,
  desde  timestamptz not null, -- of the first one counted
  hasta  timestamptz not null  -- refused until then
);
create index intentos_hasta on sesiones.intentos (hasta);

-- Proofs that may be shown once: the initData of Telegram.
create table sesiones.vistos (
  hash  bytea       primary key check (length(hash) = 32),
  vence timestamptz not null
);
create index vistos_vence on sesiones.vistos (vence);

grant select, insert, update, delete on sesiones.activaciones, sesiones.segundos, sesiones.recuperacion,
  sesiones.intentos, sesiones.vistos to gad_aplicacion;

---- create above / drop below ----

drop table sesiones.vistos, sesiones.intentos, sesiones.recuperacion, sesiones.segundos, sesiones.activaciones;
alter table sesiones.familias drop column segundo;
alter table sesiones.refrescos drop column sucesor;
alter table lectura.usuarios drop column estado, drop column verificado, drop column segundo_factor,
  drop column version_permiso, drop column busqueda;
