-- read models.
select 1;
