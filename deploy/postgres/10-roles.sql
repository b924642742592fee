-- Run once by the postgres image, as the superuser, when the database is first made. Liftwatt makes its tables itself.
-- Two roles: liftwatt owns the database; grafana reads two tables, and neither credentials nor raw messages.
\getenv liftwatt_password POSTGRES_LIFTWATT_PASSWORD
\getenv grafana_password POSTGRES_GRAFANA_PASSWORD

create role liftwatt login nosuperuser password :'liftwatt_password';
create role grafana login nosuperuser password :'grafana_password';
alter role grafana set default_transaction_read_only = on;
alter role grafana set statement_timeout = '30s';

create database liftwatt owner liftwatt;
revoke all on database liftwatt from public;
grant connect on database liftwatt to grafana;

\connect liftwatt

-- The tables do not exist yet, and rights cannot be given ahead to single ones: so they are given as the tables are made.
create function let_grafana_read() returns event_trigger language plpgsql as $$
declare
  made record;
begin
  for made in select object_identity from pg_event_trigger_ddl_commands()
    where object_type = 'table' and object_identity in ('public.incidents', 'public.work_orders')
  loop
    execute format('grant select on %s to grafana', made.object_identity);
  end loop;
end
$$;

create event trigger let_grafana_read on ddl_command_end when tag in ('CREATE TABLE')
  execute function let_grafana_read();
