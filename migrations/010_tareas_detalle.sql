-- What only the reader of one Tarea sees: lists do without it.

create table lectura.tareas_detalle (
  id          uuid   primary key,
  telefono    text   not null,
  notas       jsonb  not null, -- [{id, texto, autor, en}] in order
  adjuntos    jsonb  not null, -- [{id, nombre, tipo, tamano, sha256, autor, en}] in order
  lista       jsonb  not null, -- [{punto, texto, cumplido, por, en}] in order
  compromisos text[] not null, -- of the lines of lista: whether one was written anew
  contenidos  text[] not null, -- the SHA-256 of the attachments
  ven         uuid[] not null, -- who may see the Tarea
  version     bigint not null,
  posicion    bigint not null
);
-- Which contents nothing refers to any more.
create index tareas_detalle_contenidos on lectura.tareas_detalle using gin (contenidos);
create index tareas_detalle_ven on lectura.tareas_detalle using gin (ven);
select eventos.muro('tareas_detalle', 'ven operator(pg_catalog.&&) eventos.propio()');
grant select, insert, update, delete on lectura.tareas_detalle to gad_aplicacion;

---- create above / drop below ----

drop table lectura.tareas_detalle;
