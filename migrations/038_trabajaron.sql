-- Who was on a Tarea: an offer that nobody answered is nobody's work, also when the Tarea ended
-- before the answer. Until the read model is made anew they are whoever had a part in it, as before.
alter table lectura.tiempos
  add column tomadas    boolean[] not null default '{}', -- like ofrecidas: whether each of them took it or was ordered to it
  add column trabajaron uuid[]    not null default '{}'; -- of efectivos, those who took it and stayed
update lectura.tiempos set trabajaron = efectivos where efectivos <> '{}';

---- create above / drop below ----

alter table lectura.tiempos drop column tomadas, drop column trabajaron;
