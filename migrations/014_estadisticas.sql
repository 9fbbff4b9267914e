-- What the figures are made of, and the cells of the heat map.

create table lectura.tiempos (
  tarea         uuid             primary key,
  tipo          text             not null,
  prioridad     smallint         not null,
  estado        text             not null,
  zona          uuid,
  creador       uuid,
  delegado      uuid,
  lat           double precision,
  lon           double precision,
  creada        timestamptz      not null,
  ofrecida      timestamptz, -- first offer or assignment
  aceptada      timestamptz, -- first acceptance
  en_lugar      timestamptz, -- first arrival
  inicio        timestamptz,
  fin           timestamptz,
  pausada_desde timestamptz,
  pausas_us     bigint           not null, -- ended pauses, microseconds
  efectivos     uuid[]           not null, -- everybody it was offered to or assigned; the next four are theirs
  ofrecidas     timestamptz[]    not null,
  aceptadas     timestamptz[]    not null,
  rechazadas    timestamptz[]    not null,
  llegadas      timestamptz[]    not null,
  simulada      boolean          not null,
  -- Seconds; null when it did not happen.
  duracion_s    double precision, -- fin - inicio - pauses, of a finished one
  oferta_s      double precision, -- creada to ofrecida
  aceptacion_s  double precision, -- ofrecida to aceptada
  llegada_s     double precision, -- aceptada to en_lugar
  respuesta_s   double precision, -- creada to en_lugar
  cierre_s      double precision, -- creada to fin, of a finished one
  version       bigint           not null,
  posicion      bigint           not null,
  -- Who has a part in it.
  ven           uuid[] not null generated always as (array_remove(array[creador, delegado] || efectivos, null)) stored
);
create index tiempos_creada on lectura.tiempos (creada);
create index tiempos_ven    on lectura.tiempos using gin (ven);

create table lectura.turnos (
  turno    uuid        primary key,
  efectivo uuid        not null,
  inicio   timestamptz not null,
  fin      timestamptz,
  posicion bigint      not null
);
create index turnos_efectivo on lectura.turnos (efectivo, inicio);

-- How many positions fell into each cell in each hour of their device's time. A cell is 0.005
-- degrees wide and high: x = floor(lon / 0.005), y = floor(lat / 0.005). clave begins with the
-- hour, so that a period is a range of it: hours since 1970 * 2^33 + (x + 36000) * 2^16 + (y + 18000).
create table lectura.celdas (
  clave bigint  primary key,
  x     integer not null,
  y     integer not null,
  fixes bigint  not null
);

grant select, insert, update, delete on lectura.tiempos, lectura.turnos, lectura.celdas to gad_aplicacion;

select eventos.muro('tiempos', 'ven operator(pg_catalog.&&) eventos.propio()');
select eventos.muro('turnos', 'efectivo = any(eventos.propio())');
select eventos.muro('celdas', 'false'); -- where everybody was is nobody's own

-- Tracks are asked for by those who may see everybody, and by their own person.
grant usage on schema telemetria to gad_lectura_todo, gad_lectura_propia;
grant select on telemetria.fixes to gad_lectura_todo;

---- create above / drop below ----

revoke all on telemetria.fixes from gad_lectura_todo;
revoke usage on schema telemetria from gad_lectura_todo, gad_lectura_propia;
drop table lectura.celdas, lectura.turnos, lectura.tiempos;
