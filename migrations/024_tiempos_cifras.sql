-- What most figures are made of, beside the instant that a period is chosen by: they are read here
-- without the lists of who was on a Tarea, which are most of a row.
create index tiempos_cifras on lectura.tiempos (creada)
  include (estado, tipo, prioridad, zona, delegado, inicio, duracion_s, oferta_s, aceptacion_s, llegada_s, respuesta_s, cierre_s);
drop index lectura.tiempos_creada;

---- create above / drop below ----

create index tiempos_creada on lectura.tiempos (creada);
drop index lectura.tiempos_cifras;
