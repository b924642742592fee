-- Run once by the postgres image, as the superuser, when the database is first made. Liftwatt makes its tables itself.
-- Two roles: liftwatt owns the database; grafana reads four tables, and of two more what lies where; neither credentials,
-- contacts nor raw messages.
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
    where object_type = 'table'
  loop
    case made.object_identity
      when 'public.incidents', 'public.work_orders', 'public.device_health', 'public.device_forecasts' then
        execute format('grant select on %s to grafana', made.object_identity);
      when 'public.devices' then grant select (id, site_id) on public.devices to grafana;
      when 'public.sites' then grant select (id, name, parent_id) on public.sites to grafana;
      else null;
    end case;
  end loop;
end
$$;

create event trigger let_grafana_read on ddl_command_end when tag in ('CREATE TABLE')
  execute function let_grafana_read();
