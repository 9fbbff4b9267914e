-- Every field that a list of Tareas is filtered or ordered by and that no other index has, side by
-- side: a count, or the ids of a page in any order, is found here without reading the wide rows.
-- One index instead of one for each order, because every step of a Tarea writes them all.
create index tareas_campos on lectura.tareas
  (estado, tipo, prioridad, inicio_programado, creada, fin_programado, inicio_real, fin_real, codigo, id) include (titulo);

---- create above / drop below ----

drop index lectura.tareas_campos;
