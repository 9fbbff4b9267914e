-- Of what an observation is: an Efectivo or a Zona.
alter table eventos.observaciones add column clase text not null default 'efectivo';

---- create above / drop below ----

alter table eventos.observaciones drop column clase;
