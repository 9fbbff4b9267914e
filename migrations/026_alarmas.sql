-- The alarms about the use of the system itself, and which of them somebody has looked into.
-- Each table is the fold of streams of its own, and a row of it never changes.
create table lectura.alarmas (
  id       text        collate "C" primary key, -- the stream and version of its fact
  clase    text        not null,
  usuario  uuid,                                -- whom it is about
  lecturas int         not null,
  en       timestamptz not null,
  posicion bigint      not null
);
create index alarmas_en on lectura.alarmas (en desc, id desc);
create table lectura.alarmas_atendidas (
  alarma   text        collate "C" primary key,
  usuario  uuid,                                -- who looked into it
  en       timestamptz not null,
  posicion bigint      not null
);
grant select, insert, update, delete on lectura.alarmas, lectura.alarmas_atendidas to gad_aplicacion;
-- Whoever may see any of them may see all.
select eventos.muro('alarmas', 'false');
select eventos.muro('alarmas_atendidas', 'false');

---- create above / drop below ----

drop table lectura.alarmas_atendidas;
drop table lectura.alarmas;
