-- Read models. Everything here is derived: the log (and for posiciones the telemetry log) can
-- write all of it again, and no column holds the time at which a row was written.

create schema lectura;
grant usage on schema lectura to gad_aplicacion;

create table lectura.tareas (
  id                uuid        primary key,
  codigo            text        not null,
  titulo            text        not null,
  descripcion       text        not null,
  tipo              text        not null,
  prioridad         smallint    not null,
  estado            text        not null,
  inicio_programado timestamptz not null,
  fin_programado    timestamptz,
  creador           uuid,
  delegado          uuid,
  lat               double precision,
  lon               double precision,
  lugar             text        not null, -- description of the place
  zona              uuid,
  asignaciones      jsonb       not null, -- [{efectivo, estado, en}] in order of assignment
  efectivos         uuid[]      not null, -- everybody it was ever assigned to
  alcanza           uuid[]      not null, -- those who may see it: bound to it now, or until its end
  inicio_real       timestamptz,
  fin_real          timestamptz,
  pausada_desde     timestamptz,          -- the pause that runs
  pausas_us         bigint      not null, -- ended pauses, microseconds
  simulada          boolean     not null,
  creada            timestamptz not null,
  busqueda          text        not null, -- codigo, titulo and descripcion without accents or case
  version           bigint      not null,
  posicion          bigint      not null, -- of its last event
  -- Degrees, SRID 4326.
  ubicacion         public.geography(Point, 4326)
                    generated always as (public.ST_SetSRID(public.ST_MakePoint(lon, lat), 4326)::public.geography) stored
);
create index tareas_codigo    on lectura.tareas (codigo);
create index tareas_orden     on lectura.tareas (prioridad desc, inicio_programado desc, id);
create index tareas_abiertas  on lectura.tareas (estado, prioridad desc, inicio_programado desc)
                              where estado in ('programada', 'en_curso', 'pausada');
create index tareas_inicio    on lectura.tareas (inicio_programado);
create index tareas_delegado  on lectura.tareas (delegado);
create index tareas_creador   on lectura.tareas (creador);
create index tareas_efectivos on lectura.tareas using gin (efectivos);
-- Only open Tareas are looked for by place; the ended ones would be most of the index.
create index tareas_lat       on lectura.tareas (lat)
                              where lat is not null and estado in ('programada', 'en_curso', 'pausada');
create index tareas_ubicacion on lectura.tareas using gist (ubicacion)
                              where lat is not null and estado in ('programada', 'en_curso', 'pausada');
create index tareas_busqueda  on lectura.tareas using gin (to_tsvector('simple', busqueda));

create table lectura.efectivos (
  id             uuid    primary key,
  usuario        uuid    not null,
  codigo_interno text    not null,
  rango          text    not null,
  unidad         text    not null,
  especialidad   text    not null,
  disponibilidad text    not null,
  turno          uuid,             -- null off duty
  tareas         uuid[]  not null, -- bound to, in order
  simulado       boolean not null,
  aceleracion    double precision not null,
  busqueda       text    not null,
  version        bigint  not null,
  posicion       bigint  not null
);
create index efectivos_usuario on lectura.efectivos (usuario);
create index efectivos_codigo  on lectura.efectivos (codigo_interno);

-- Display names of the people behind the Efectivos; purged at erasure.
create table lectura.efectivos_nombres (
  usuario  uuid   primary key,
  nombre   text   not null,
  busqueda text   not null,
  posicion bigint not null
);

create table lectura.usuarios (
  id       uuid    primary key,
  sujeto   uuid    not null,
  rol      text    not null,
  nombre   text    not null,
  telegram boolean not null,
  simulado boolean not null,
  version  bigint  not null,
  posicion bigint  not null
);

create table lectura.usuarios_efectivos (
  efectivo uuid   primary key,
  usuario  uuid   not null,
  posicion bigint not null
);
create index usuarios_efectivos_usuario on lectura.usuarios_efectivos (usuario);

create table lectura.zonas (
  id        uuid   primary key,
  nombre    text   not null,
  clase     text   not null,
  geometria text   not null, -- GeoJSON MultiPolygon
  version   bigint not null,
  posicion  bigint not null,
  area      public.geography(MultiPolygon, 4326)
            generated always as (public.ST_SetSRID(public.ST_GeomFromGeoJSON(geometria), 4326)::public.geography) stored
);
create index zonas_area on lectura.zonas using gist (area);

-- The newest believed position of each Efectivo; its checkpoint is a telemetry batch.
create table lectura.posiciones (
  efectivo    uuid             primary key,
  turno       uuid,
  en          timestamptz      not null, -- device time
  recibida    timestamptz      not null,
  lat         double precision not null,
  lon         double precision not null,
  precision_m real             not null, -- 0 unknown
  velocidad   real             not null, -- m/s, negative unknown
  rumbo       real             not null, -- degrees, negative unknown
  fuente      text             not null,
  simulada    boolean          not null,
  lugar       public.geography(Point, 4326) not null
              generated always as (public.ST_SetSRID(public.ST_MakePoint(lon, lat), 4326)::public.geography) stored
) with (fillfactor = 50);
create index posiciones_lugar on lectura.posiciones using gist (lugar);

grant select, insert, update, delete on all tables in schema lectura to gad_aplicacion;

---- create above / drop below ----

drop schema lectura cascade;
