-- The key-encryption keys that may wrap, and what else they wrap than data keys.

-- Which KEKs are in use: one, or two while one replaces the other. A data key wrapped by a KEK
-- that is not here cannot be written (eventstore/vault), so that none outlives its KEK.
create table boveda.keks (
  id     text        primary key,
  desde  timestamptz not null default clock_timestamp(),
  actual boolean     not null default true -- the one that wraps what is new
);
create unique index keks_actual on boveda.keks (actual) where actual;
insert into boveda.keks (id, desde) select kek, clock_timestamp() from boveda.indice;

-- Secrets of the program itself, by purpose. They outlive every KEK.
create table boveda.secretos (
  nombre text  primary key,
  kek    text  not null,
  clave  bytea not null
);

-- Erasures, and how far they got. One is complete when the KEK that wrapped the keys of the
-- person is gone: only then can old WAL and backups not be read either.
create table boveda.borrados (
  sujeto    text        primary key,
  usuario   uuid        not null,
  destruido timestamptz not null default clock_timestamp(), -- keys and texts
  completo  timestamptz                                     -- the KEK was renewed, the files rewritten
);

-- How far the log was looked through for erasures that a crash left half done.
create table boveda.avance (
  uno      boolean primary key default true check (uno),
  posicion bigint  not null
);

grant select, insert, update on boveda.avance to gad_aplicacion;
grant select, insert, update, delete on boveda.keks to gad_aplicacion;
grant select, insert on boveda.secretos to gad_aplicacion;
grant update (kek, clave) on boveda.secretos to gad_aplicacion;
grant select, insert on boveda.borrados to gad_aplicacion;
grant update (completo) on boveda.borrados to gad_aplicacion;

---- create above / drop below ----

drop table boveda.avance;
drop table boveda.borrados;
drop table boveda.secretos;
drop table boveda.keks;
