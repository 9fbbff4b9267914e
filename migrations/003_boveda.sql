-- vault of personal data and free text.
select 1;
