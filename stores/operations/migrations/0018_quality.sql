CREATE TABLE "device_days" (
	"device_id" text NOT NULL,
	"day" text NOT NULL,
	"known_at" timestamp (3) with time zone NOT NULL,
	"in_service_minutes" smallint NOT NULL,
	"out_of_service_minutes" smallint NOT NULL,
	"planned_minutes" smallint NOT NULL,
	CONSTRAINT "device_days_device_id_day_known_at_pk" PRIMARY KEY("device_id","day","known_at")
);
--> statement-breakpoint
CREATE TABLE "estate_index_weights" (
	"version" integer PRIMARY KEY NOT NULL,
	"weights" jsonb NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"reason" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "kpi_months" (
	"device_id" text NOT NULL,
	"month" text NOT NULL,
	"maintainer_id" text,
	"insurer_id" text,
	"stratum" text NOT NULL,
	"exposure_minutes" integer NOT NULL,
	"in_service_minutes" integer NOT NULL,
	"out_of_service_minutes" integer NOT NULL,
	"planned_minutes" integer NOT NULL,
	"faults_equipment" integer NOT NULL,
	"faults_people" integer NOT NULL,
	"faults_external" integer NOT NULL,
	"faults_warned" integer NOT NULL,
	"fault_occurrences" integer NOT NULL,
	"repeat_faults" integer NOT NULL,
	"entrapments" integer NOT NULL,
	"entrapments_equipment" integer NOT NULL,
	"arrivals_due" integer NOT NULL,
	"arrivals_on_time" integer NOT NULL,
	"orders_raised" integer NOT NULL,
	"orders_closed" integer NOT NULL,
	"rule_orders_ended" integer NOT NULL,
	"false_alarms" integer NOT NULL,
	"warnings_ended" integer NOT NULL,
	"warnings_confirmed" integer NOT NULL,
	"electricity_self_corrected" integer NOT NULL,
	"electricity_serviced" integer NOT NULL,
	"electricity_repaired" integer NOT NULL,
	"electricity_enforcement" integer NOT NULL,
	"maintenance_due" integer NOT NULL,
	"maintenance_on_time" integer NOT NULL,
	"overdue_days" integer NOT NULL,
	"visits_claimed" integer NOT NULL,
	"visits_proven" integer NOT NULL,
	"visits_not_proven" integer NOT NULL,
	"effect_visits" integer NOT NULL,
	"effect_tenths" integer NOT NULL,
	"effect_tenths_squared" integer NOT NULL,
	"health_days" integer NOT NULL,
	"health_points" integer NOT NULL,
	"inspections" integer NOT NULL,
	"inspections_passed" integer NOT NULL,
	"inspection_tenths" integer NOT NULL,
	"inspection_tenths_squared" integer NOT NULL,
	"respond" integer[],
	"arrive" integer[],
	"restore" integer[],
	"overhaul" integer[],
	"rules" jsonb
);
--> statement-breakpoint
CREATE TABLE "kpi_stale" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"device_id" text NOT NULL,
	"from_month" text NOT NULL,
	"to_month" text
);
--> statement-breakpoint
CREATE TABLE "order_corrections" (
	"order_id" uuid NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"cause_class" text,
	"outcome" text NOT NULL,
	"reason" text NOT NULL,
	"actor" text NOT NULL,
	CONSTRAINT "order_corrections_order_id_at_pk" PRIMARY KEY("order_id","at")
);
--> statement-breakpoint
CREATE INDEX "device_days_day" ON "device_days" USING btree ("day");--> statement-breakpoint
CREATE INDEX "kpi_months_device" ON "kpi_months" USING btree ("device_id","month");--> statement-breakpoint
CREATE INDEX "kpi_months_month" ON "kpi_months" USING btree ("month");--> statement-breakpoint
-- What changes a figure says of which months (docs/quality.md): rows that are only ever inserted, so that nobody waits for anybody.
CREATE FUNCTION kpi_month(at timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
	SELECT to_char(at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM')
$$;
--> statement-breakpoint
CREATE FUNCTION mark_kpi_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.device_id IS NULL THEN
		RETURN NULL;
	END IF;
	-- a repair tells for 30 days whether a fault is a repeat, and so does a warning
	INSERT INTO kpi_stale (device_id, from_month, to_month) VALUES (NEW.device_id, kpi_month(NEW.occurred_at),
		kpi_month(greatest(NEW.occurred_at, NEW.detected_at, NEW.restored_at, NEW.closed_at) + interval '31 days'));
	IF NEW.follows_id IS NOT NULL THEN
		INSERT INTO kpi_stale (device_id, from_month, to_month)
			WITH RECURSIVE before AS (
				SELECT o.id, o.device_id, o.occurred_at, o.follows_id FROM work_orders o WHERE o.id = NEW.follows_id
				UNION SELECT o.id, o.device_id, o.occurred_at, o.follows_id FROM before JOIN work_orders o ON o.id = before.follows_id
			)
			SELECT device_id, kpi_month(occurred_at), kpi_month(occurred_at) FROM before WHERE device_id IS NOT NULL;
	END IF;
	RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER kpi AFTER INSERT OR UPDATE ON "work_orders" FOR EACH ROW EXECUTE FUNCTION mark_kpi_order();
--> statement-breakpoint
CREATE FUNCTION mark_kpi_correction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO kpi_stale (device_id, from_month, to_month)
		WITH RECURSIVE chain AS (
			SELECT o.id, o.device_id, o.occurred_at, o.restored_at, o.closed_at, o.follows_id FROM work_orders o WHERE o.id = NEW.order_id
			UNION SELECT o.id, o.device_id, o.occurred_at, o.restored_at, o.closed_at, o.follows_id
				FROM chain JOIN work_orders o ON o.id = chain.follows_id
		)
		SELECT device_id, kpi_month(occurred_at), kpi_month(greatest(occurred_at, restored_at, closed_at) + interval '31 days')
		FROM chain WHERE device_id IS NOT NULL;
	RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER kpi AFTER INSERT ON "order_corrections" FOR EACH ROW EXECUTE FUNCTION mark_kpi_correction();
--> statement-breakpoint
CREATE FUNCTION mark_kpi_visit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	-- what was done moves the next date, which is a year away at most
	INSERT INTO kpi_stale (device_id, from_month, to_month)
		VALUES (NEW.device_id, kpi_month(NEW.started_at), kpi_month(NEW.started_at + interval '13 months'));
	RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER kpi AFTER INSERT OR UPDATE ON "visits" FOR EACH ROW EXECUTE FUNCTION mark_kpi_visit();
--> statement-breakpoint
CREATE FUNCTION mark_kpi_day() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	-- of a visit, the health of a week on either side
	reach integer := TG_ARGV[0];
BEGIN
	INSERT INTO kpi_stale (device_id, from_month, to_month)
		VALUES (NEW.device_id, left((NEW.day::date - reach)::text, 7), left((NEW.day::date + reach)::text, 7));
	RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER kpi AFTER INSERT ON "device_days" FOR EACH ROW EXECUTE FUNCTION mark_kpi_day(0);
--> statement-breakpoint
CREATE TRIGGER kpi AFTER INSERT OR UPDATE ON "device_health" FOR EACH ROW EXECUTE FUNCTION mark_kpi_day(7);
--> statement-breakpoint
CREATE FUNCTION mark_kpi_since() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF TG_OP <> 'INSERT' THEN
		INSERT INTO kpi_stale (device_id, from_month) VALUES (OLD.device_id, kpi_month(OLD.valid_from));
	END IF;
	IF TG_OP <> 'DELETE' THEN
		INSERT INTO kpi_stale (device_id, from_month) VALUES (NEW.device_id, kpi_month(NEW.valid_from));
	END IF;
	RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER kpi AFTER INSERT OR UPDATE OR DELETE ON "device_parties" FOR EACH ROW EXECUTE FUNCTION mark_kpi_since();
--> statement-breakpoint
CREATE TRIGGER kpi AFTER INSERT OR UPDATE OR DELETE ON "regimes" FOR EACH ROW EXECUTE FUNCTION mark_kpi_since();
--> statement-breakpoint
CREATE FUNCTION mark_kpi_device() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO kpi_stale (device_id, from_month) VALUES (NEW.id, '');
	RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER kpi AFTER INSERT ON "devices" FOR EACH ROW EXECUTE FUNCTION mark_kpi_device();
--> statement-breakpoint
CREATE TRIGGER kpi_changed AFTER UPDATE ON "devices" FOR EACH ROW
	WHEN (OLD.facts IS DISTINCT FROM NEW.facts OR OLD.site_id IS DISTINCT FROM NEW.site_id OR OLD.retired_at IS DISTINCT FROM NEW.retired_at)
	EXECUTE FUNCTION mark_kpi_device();
--> statement-breakpoint
CREATE FUNCTION mark_kpi_site() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO kpi_stale (device_id, from_month)
		WITH RECURSIVE below AS (
			SELECT NEW.id AS id UNION SELECT s.id FROM below JOIN sites s ON s.parent_id = below.id
		)
		SELECT d.id, '' FROM below JOIN devices d ON d.site_id = below.id;
	RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER kpi AFTER UPDATE ON "sites" FOR EACH ROW
	WHEN (OLD.use IS DISTINCT FROM NEW.use OR OLD.parent_id IS DISTINCT FROM NEW.parent_id) EXECUTE FUNCTION mark_kpi_site();
--> statement-breakpoint
CREATE FUNCTION mark_kpi_inspection() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO kpi_stale (device_id, from_month, to_month) VALUES (NEW.device_id, kpi_month(NEW.ended_at), kpi_month(NEW.ended_at));
	RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER kpi AFTER INSERT OR UPDATE ON "inspections" FOR EACH ROW WHEN (NEW.ended_at IS NOT NULL)
	EXECUTE FUNCTION mark_kpi_inspection();
--> statement-breakpoint
CREATE FUNCTION mark_kpi_overhaul() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO kpi_stale (device_id, from_month, to_month) VALUES (NEW.device_id, kpi_month(NEW.done_at), kpi_month(NEW.done_at));
	RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER kpi AFTER INSERT OR UPDATE ON "overhauls" FOR EACH ROW WHEN (NEW.done_at IS NOT NULL)
	EXECUTE FUNCTION mark_kpi_overhaul();
--> statement-breakpoint
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON "order_corrections" FOR EACH ROW EXECUTE FUNCTION append_only();
--> statement-breakpoint
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON "estate_index_weights" FOR EACH ROW EXECUTE FUNCTION append_only();
--> statement-breakpoint
INSERT INTO kpi_stale (device_id, from_month) SELECT id, '' FROM devices;
--> statement-breakpoint
CREATE TRIGGER kpi_added AFTER INSERT ON "sites" FOR EACH ROW WHEN (NEW.use IS NOT NULL) EXECUTE FUNCTION mark_kpi_site();
