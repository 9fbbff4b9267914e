-- event log, ledger, command ids, claims, streams.
select 1;
