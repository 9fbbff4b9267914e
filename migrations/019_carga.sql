-- What tells two equally near candidates of an emergency apart.

alter table lectura.efectivos
  add column carga       int not null default 0, -- Tareas given on this shift
  add column libre_desde timestamptz;            -- since the last Tarea, or since the shift began

---- create above / drop below ----

alter table lectura.efectivos drop column carga, drop column libre_desde;
