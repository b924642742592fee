-- Sums are kept beside the months that they are sums of: all of them are counted again.
DELETE FROM "kpi_months";--> statement-breakpoint
CREATE TABLE "kpi_holders" (
	"device_id" text NOT NULL,
	"year" smallint NOT NULL,
	"maintainer_id" text,
	"insurer_id" text,
	"estate_id" text,
	"months" integer NOT NULL,
	CONSTRAINT "kpi_holders_once" UNIQUE NULLS NOT DISTINCT("device_id","year","maintainer_id","insurer_id")
);
--> statement-breakpoint
CREATE TABLE "kpi_occurrences" (
	"month" text NOT NULL,
	"maintainer_id" text,
	"insurer_id" text,
	"what" text NOT NULL,
	"seconds" integer NOT NULL,
	"rule" text NOT NULL,
	"times" bigint NOT NULL,
	CONSTRAINT "kpi_occurrences_once" UNIQUE NULLS NOT DISTINCT("month","maintainer_id","insurer_id","what","seconds","rule")
);
--> statement-breakpoint
CREATE TABLE "kpi_totals" (
	"level" text NOT NULL,
	"month" text NOT NULL,
	"estate_id" text,
	"maintainer_id" text,
	"insurer_id" text,
	"stratum" text,
	"months" bigint NOT NULL,
	"exposure_minutes" bigint NOT NULL,
	"in_service_minutes" bigint NOT NULL,
	"out_of_service_minutes" bigint NOT NULL,
	"planned_minutes" bigint NOT NULL,
	"faults_equipment" bigint NOT NULL,
	"faults_people" bigint NOT NULL,
	"faults_external" bigint NOT NULL,
	"faults_unknown" bigint NOT NULL,
	"faults_warned" bigint NOT NULL,
	"fault_occurrences" bigint NOT NULL,
	"repeat_faults" bigint NOT NULL,
	"entrapments" bigint NOT NULL,
	"entrapments_equipment" bigint NOT NULL,
	"arrivals_due" bigint NOT NULL,
	"arrivals_on_time" bigint NOT NULL,
	"orders_raised" bigint NOT NULL,
	"orders_closed" bigint NOT NULL,
	"rule_orders_ended" bigint NOT NULL,
	"false_alarms" bigint NOT NULL,
	"warnings_ended" bigint NOT NULL,
	"warnings_confirmed" bigint NOT NULL,
	"electricity_self_corrected" bigint NOT NULL,
	"electricity_serviced" bigint NOT NULL,
	"electricity_repaired" bigint NOT NULL,
	"electricity_enforcement" bigint NOT NULL,
	"maintenance_due" bigint NOT NULL,
	"maintenance_on_time" bigint NOT NULL,
	"overdue_days" bigint NOT NULL,
	"visits_claimed" bigint NOT NULL,
	"visits_proven" bigint NOT NULL,
	"visits_not_proven" bigint NOT NULL,
	"effect_visits" bigint NOT NULL,
	"effect_tenths" bigint NOT NULL,
	"effect_tenths_squared" bigint NOT NULL,
	"health_days" bigint NOT NULL,
	"health_points" bigint NOT NULL,
	"inspections_judged" bigint NOT NULL,
	"inspections_passed" bigint NOT NULL,
	"inspections_quarterly" bigint NOT NULL,
	"inspection_tenths_quarterly" bigint NOT NULL,
	"inspection_tenths_squared_quarterly" bigint NOT NULL,
	"inspections_monthly" bigint NOT NULL,
	"inspection_tenths_monthly" bigint NOT NULL,
	"inspection_tenths_squared_monthly" bigint NOT NULL,
	"inspections_unannounced" bigint NOT NULL,
	"inspection_tenths_unannounced" bigint NOT NULL,
	"inspection_tenths_squared_unannounced" bigint NOT NULL,
	CONSTRAINT "kpi_totals_once" UNIQUE NULLS NOT DISTINCT("level","month","estate_id","maintainer_id","insurer_id","stratum")
);
--> statement-breakpoint
ALTER TABLE "kpi_months" ADD COLUMN "estate_id" text;--> statement-breakpoint
ALTER TABLE "kpi_months" ADD COLUMN "inspections_quarterly" integer NOT NULL;--> statement-breakpoint
ALTER TABLE "kpi_months" ADD COLUMN "inspection_tenths_quarterly" integer NOT NULL;--> statement-breakpoint
ALTER TABLE "kpi_months" ADD COLUMN "inspection_tenths_squared_quarterly" integer NOT NULL;--> statement-breakpoint
ALTER TABLE "kpi_months" ADD COLUMN "inspections_monthly" integer NOT NULL;--> statement-breakpoint
ALTER TABLE "kpi_months" ADD COLUMN "inspection_tenths_monthly" integer NOT NULL;--> statement-breakpoint
ALTER TABLE "kpi_months" ADD COLUMN "inspection_tenths_squared_monthly" integer NOT NULL;--> statement-breakpoint
ALTER TABLE "kpi_months" ADD COLUMN "inspections_unannounced" integer NOT NULL;--> statement-breakpoint
ALTER TABLE "kpi_months" ADD COLUMN "inspection_tenths_unannounced" integer NOT NULL;--> statement-breakpoint
ALTER TABLE "kpi_months" ADD COLUMN "inspection_tenths_squared_unannounced" integer NOT NULL;--> statement-breakpoint
CREATE INDEX "kpi_holders_year" ON "kpi_holders" USING btree ("year");--> statement-breakpoint
CREATE INDEX "kpi_occurrences_empty" ON "kpi_occurrences" USING btree ("month") WHERE times = 0;--> statement-breakpoint
CREATE INDEX "kpi_totals_empty" ON "kpi_totals" USING btree ("month") WHERE months = 0;--> statement-breakpoint
ALTER TABLE "kpi_months" DROP COLUMN "inspections";--> statement-breakpoint
ALTER TABLE "kpi_months" DROP COLUMN "inspection_tenths";--> statement-breakpoint
ALTER TABLE "kpi_months" DROP COLUMN "inspection_tenths_squared";--> statement-breakpoint
DROP TRIGGER kpi ON "sites";--> statement-breakpoint
CREATE TRIGGER kpi AFTER UPDATE ON "sites" FOR EACH ROW
	WHEN (OLD.use IS DISTINCT FROM NEW.use OR OLD.parent_id IS DISTINCT FROM NEW.parent_id OR OLD.type IS DISTINCT FROM NEW.type)
	EXECUTE FUNCTION mark_kpi_site();
--> statement-breakpoint
-- devices may name a place that is registered later: then it says in which estate they are
DROP TRIGGER kpi_added ON "sites";--> statement-breakpoint
CREATE TRIGGER kpi_added AFTER INSERT ON "sites" FOR EACH ROW EXECUTE FUNCTION mark_kpi_site();
--> statement-breakpoint
INSERT INTO kpi_stale (device_id, from_month) SELECT id, '' FROM devices;
