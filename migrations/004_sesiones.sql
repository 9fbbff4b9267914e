-- credentials, sessions and signing.
select 1;
