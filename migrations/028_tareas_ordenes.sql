-- The orders that lists of Tareas are asked in are each read off an index, as far as the page
-- goes. tareas_campos had every field of every order, and all of it had to be read and sorted.
drop index lectura.tareas_campos;
-- Of one estado, the newest first; and how many there are.
create index tareas_estado on lectura.tareas (estado, inicio_programado desc, id desc);
-- The fields behind the last one are for the orders that nobody asks for often: they are sorted,
-- but not read with their wide rows.
create index tareas_creada on lectura.tareas (creada, id) include (fin_programado, inicio_real, posicion);
create index tareas_fin    on lectura.tareas (coalesce(fin_real, 'infinity'), id);
create index tareas_titulo on lectura.tareas (titulo, id);
-- The default order, and what else most lists are filtered by: passed over in the index.
drop index lectura.tareas_orden;
create index tareas_orden on lectura.tareas (prioridad desc, inicio_programado desc, id desc) include (estado, tipo);
-- Whose Tareas are is in tareas_ven.
drop index lectura.tareas_creador;

---- create above / drop below ----

create index tareas_creador on lectura.tareas (creador);
drop index lectura.tareas_orden;
create index tareas_orden on lectura.tareas (prioridad desc, inicio_programado desc, id desc);
drop index lectura.tareas_titulo, lectura.tareas_fin, lectura.tareas_creada, lectura.tareas_estado;
create index tareas_campos on lectura.tareas
  (estado, tipo, prioridad, inicio_programado, creada, fin_programado, inicio_real, fin_real, codigo, id) include (titulo);
