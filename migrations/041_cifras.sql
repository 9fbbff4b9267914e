-- For when a Tarea is planned, from which its answers count, and whose work on it an offer after a
-- reopening leaves as it was. Until the read model is made anew they count as before.
alter table lectura.tiempos
  add column programada timestamptz,                   -- null: written before, as if it were creada
  add column hechas     boolean[] not null default '{}'; -- like ofrecidas: whether each of them carried it out before it was last reopened

---- create above / drop below ----

alter table lectura.tiempos drop column programada, drop column hechas;
