-- Searches are corrected from the words that stand in Tareas, once each, instead of from every
-- text that has them: an index of the trigrams of texts cost more than all others together.

create table lectura.tareas_palabras (
  palabra text collate "C" primary key,
  veces   bigint not null check (veces > 0) -- in lectura.tareas_textos
) with (fillfactor = 70); -- room for new counts, which no index has
insert into lectura.tareas_palabras
  select palabra collate "C", count(*) from lectura.tareas_textos, unnest(string_to_array(busqueda, ' ')) as palabra
  where palabra !~ '[0-9]' and char_length(palabra) between 3 and 40 group by 1;
create index tareas_palabras_trigramas on lectura.tareas_palabras using gin (palabra public.gin_trgm_ops);
drop index lectura.tareas_textos_trigramas;
grant select, insert, update, delete on lectura.tareas_palabras to gad_aplicacion;
select eventos.muro('tareas_palabras', 'false');

-- A generation from before has no such table, and cannot come back.
delete from eventos.checkpoints where projection = 'tareas' and target <> 'lectura';
select eventos.generacion_borrar('lectura_tareas_anterior');

---- create above / drop below ----

drop table lectura.tareas_palabras;
create index tareas_textos_trigramas on lectura.tareas_textos using gin (busqueda public.gin_trgm_ops);
delete from eventos.checkpoints where projection = 'tareas' and target <> 'lectura';
select eventos.generacion_borrar('lectura_tareas_anterior');
