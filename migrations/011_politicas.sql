-- The timers of the policies. Rows of lectura are derived from the log; eventos.disparos only
-- saves giving an order again whose command id is known already.
create table lectura.politicas (
  objeto   uuid   primary key, -- a Tarea or an Efectivo
  estado   text   not null,    -- JSON: what its timers follow from
  posicion bigint not null
);

create table lectura.timers (
  id       uuid        primary key, -- of what it is about and when it is due: also its command id
  objeto   uuid        not null,
  efectivo uuid,                    -- whom it is about, when somebody
  vence    timestamptz not null,
  timer    text        not null     -- JSON
);
create index timers_vence  on lectura.timers (vence, id);
create index timers_objeto on lectura.timers (objeto);
create index timers_efectivo on lectura.timers (efectivo);

create table eventos.disparos (
  id        uuid        primary key,
  clase     text        not null,
  vence     timestamptz not null,
  resultado text        not null, -- "ok", "sin_cambio", "repetida" or the code of a refusal
  disparado timestamptz not null default clock_timestamp()
);
create index disparos_disparado on eventos.disparos (disparado);

-- How far the policies have read the telemetry log, and what each Efectivo is about to have done.
create table eventos.observaciones (
  efectivo uuid   primary key,
  estado   text   not null, -- JSON
  lote     bigint not null
);

grant select, insert, update, delete on lectura.politicas, lectura.timers, eventos.disparos, eventos.observaciones to gad_aplicacion;
select eventos.muro('politicas', 'objeto = any(eventos.propio())');
select eventos.muro('timers', 'efectivo = any(eventos.propio())');

---- create above / drop below ----

drop table eventos.observaciones;
drop table eventos.disparos;
drop table lectura.timers;
drop table lectura.politicas;
