-- Who left a Tarea before its end, and how many carried it out: an offer that lapsed is nobody's work.
alter table lectura.tiempos
  add column liberadas timestamptz[] not null default '{}', -- like ofrecidas: when each of them was freed before the end
  add column equipo    smallint      not null default 0;    -- how many took it, or stayed to the end

---- create above / drop below ----

alter table lectura.tiempos drop column liberadas, drop column equipo;
