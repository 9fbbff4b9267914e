-- What is waited for, apart from how long: a delay is a setting. Both tables are derived from
-- the log; their rows are made anew.
truncate lectura.politicas, lectura.timers;
delete from eventos.parked where projection = 'politicas';
delete from eventos.checkpoints where projection = 'politicas';
select eventos.generacion_borrar('lectura_politicas_anterior');

alter table lectura.politicas add column aceleracion double precision not null default 1; -- of a simulated Efectivo
alter table lectura.timers
  drop column vence,
  add column clase text        not null,
  add column nivel smallint    not null,
  add column base  timestamptz not null, -- the instant it counts from
  add column desde timestamptz;          -- when it became known, where that matters
create index timers_base on lectura.timers (clase, nivel, base);

---- create above / drop below ----

truncate lectura.politicas, lectura.timers;
delete from eventos.parked where projection = 'politicas';
delete from eventos.checkpoints where projection = 'politicas';
select eventos.generacion_borrar('lectura_politicas_anterior');
alter table lectura.politicas drop column aceleracion;
alter table lectura.timers
  drop column clase, drop column nivel, drop column base, drop column desde,
  add column vence timestamptz not null;
create index timers_vence on lectura.timers (vence, id);
