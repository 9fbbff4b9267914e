-- inbox and outbox of the bot.
select 1;
