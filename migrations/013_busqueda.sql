-- Searches that forgive typing errors, and the indexes behind every filter of the lists.
--
-- pg_trgm comes with PostgreSQL itself and is trusted: the owner of the database may create it.

create extension if not exists pg_trgm with schema public;

-- What a search of all Tareas reads. Apart from lectura.tareas, whose rows are written anew at
-- every step of a Tarea: its words change seldom, and these indexes are the dear ones.
create table lectura.tareas_textos (
  id       uuid primary key,
  busqueda text not null -- as in lectura.tareas
);
insert into lectura.tareas_textos select id, busqueda from lectura.tareas;
create index tareas_textos_palabras  on lectura.tareas_textos using gin (to_tsvector('simple', busqueda));
create index tareas_textos_trigramas on lectura.tareas_textos using gin (busqueda public.gin_trgm_ops);
drop index lectura.tareas_busqueda;
grant select, insert, update, delete on lectura.tareas_textos to gad_aplicacion;
-- Whoever sees only his own searches the few rows that are his in lectura.tareas.
select eventos.muro('tareas_textos', 'false');

-- Filters that leave few rows, in the default order of the list.
create index tareas_zona on lectura.tareas (zona, prioridad desc, inicio_programado desc) where zona is not null;
create index tareas_lugar on lectura.tareas (lat, lon) where lat is not null;
-- The default order ends like this, so that a page is read off the index.
drop index lectura.tareas_orden;
create index tareas_orden on lectura.tareas (prioridad desc, inicio_programado desc, id desc);

create index efectivos_palabras  on lectura.efectivos using gin (to_tsvector('simple', busqueda));
create index efectivos_trigramas on lectura.efectivos using gin (busqueda public.gin_trgm_ops);
create index efectivos_unidad    on lectura.efectivos (unidad, codigo_interno);
create index nombres_palabras    on lectura.efectivos_nombres using gin (to_tsvector('simple', busqueda));
create index nombres_trigramas   on lectura.efectivos_nombres using gin (busqueda public.gin_trgm_ops);

---- create above / drop below ----

drop index lectura.nombres_trigramas, lectura.nombres_palabras, lectura.efectivos_unidad, lectura.efectivos_trigramas,
  lectura.efectivos_palabras, lectura.tareas_orden, lectura.tareas_lugar,
  lectura.tareas_zona;
drop table lectura.tareas_textos;
create index tareas_orden on lectura.tareas (prioridad desc, inicio_programado desc, id);
create index tareas_busqueda on lectura.tareas using gin (to_tsvector('simple', busqueda));
drop extension pg_trgm;
