-- Lists in the order of the alphabet: by their bytes "Árbol" comes after "zona", and "ñandú" too.

-- alfabetico is what a text is ordered by: without case or accents, ñ after n. A column of it, and no
-- collation of the operating system: an upgrade of that one would leave indexes in another order.
create function lectura.alfabetico(texto text) returns text
language sql immutable strict parallel safe set search_path = pg_catalog, pg_temp
as $$ select replace(translate(lower(texto),
  'áàâäãåéèêëíìîïóòôöõúùûüýçÁÀÂÄÃÅÉÈÊËÍÌÎÏÓÒÔÖÕÚÙÛÜÝÇÑ',
  'aaaaaaeeeeiiiiooooouuuuycaaaaaaeeeeiiiiooooouuuuycñ'), 'ñ', 'n~') $$;
revoke all on function lectura.alfabetico(text) from public;
grant execute on function lectura.alfabetico(text) to gad_aplicacion;

alter table lectura.tareas            add column titulo_orden text collate "C" not null generated always as (lectura.alfabetico(titulo)) stored;
alter table lectura.efectivos_nombres add column nombre_orden text collate "C" not null generated always as (lectura.alfabetico(nombre)) stored;
alter table lectura.usuarios          add column nombre_orden text collate "C" not null generated always as (lectura.alfabetico(nombre)) stored;
drop index lectura.tareas_titulo;
create index tareas_titulo on lectura.tareas (titulo_orden, id);

---- create above / drop below ----

drop index lectura.tareas_titulo;
create index tareas_titulo on lectura.tareas (titulo, id);
alter table lectura.usuarios          drop column nombre_orden;
alter table lectura.efectivos_nombres drop column nombre_orden;
alter table lectura.tareas            drop column titulo_orden;
drop function lectura.alfabetico(text);
