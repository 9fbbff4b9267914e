-- How long a Tarea kept people from anything else: while it was closed, before it was reopened,
-- they were free. Until the read model is made anew it counts as before.
alter table lectura.tiempos
  add column cerrada_us  bigint not null default 0, -- of pausas_us, from its ends to its reopenings
  add column ocupacion_s double precision;          -- of those finished
update lectura.tiempos set ocupacion_s = date_part('epoch', fin - coalesce(ofrecida, inicio)) where estado = 'finalizada' and fin is not null;

---- create above / drop below ----

alter table lectura.tiempos drop column cerrada_us, drop column ocupacion_s;
