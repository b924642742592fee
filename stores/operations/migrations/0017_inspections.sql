CREATE TABLE "inspection_plans" (
	"insurer_id" text PRIMARY KEY NOT NULL,
	"version" integer NOT NULL,
	"sheet_id" text NOT NULL,
	"quarterly" boolean NOT NULL,
	"monthly_share" double precision NOT NULL,
	"unannounced_per_month" integer NOT NULL,
	"changed_at" timestamp (3) with time zone NOT NULL,
	"since" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "inspection_samples" (
	"id" uuid PRIMARY KEY NOT NULL,
	"insurer_id" text NOT NULL,
	"month" text NOT NULL,
	"count" integer NOT NULL,
	"population" jsonb NOT NULL,
	"population_sha256" text NOT NULL,
	"seed" text NOT NULL,
	"seed_sha256" text NOT NULL,
	"committed_at" timestamp (3) with time zone NOT NULL,
	"drawn_at" timestamp (3) with time zone,
	"cut_off" text,
	"revealed_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "inspections" (
	"id" uuid PRIMARY KEY NOT NULL,
	"device_id" text NOT NULL,
	"kind" text NOT NULL,
	"state" text NOT NULL,
	"insurer_id" text,
	"period" text,
	"due_on" text NOT NULL,
	"planned_at" timestamp (3) with time zone NOT NULL,
	"started_at" timestamp (3) with time zone,
	"ended_at" timestamp (3) with time zone,
	"inspector" text,
	"maintainer_id" text,
	"sheet_id" text,
	"sheet_version" integer,
	"recheck_of" uuid,
	"findings" jsonb NOT NULL,
	"photos" jsonb NOT NULL,
	"remedies" jsonb NOT NULL,
	"score" double precision,
	"passed" boolean,
	"reason" text,
	"note" text,
	"risk" jsonb
);
--> statement-breakpoint
CREATE TABLE "risk_lists" (
	"insurer_id" text NOT NULL,
	"quarter" text NOT NULL,
	"made_at" timestamp (3) with time zone NOT NULL,
	"items" jsonb NOT NULL,
	CONSTRAINT "risk_lists_insurer_id_quarter_pk" PRIMARY KEY("insurer_id","quarter")
);
--> statement-breakpoint
CREATE TABLE "score_sheets" (
	"id" text NOT NULL,
	"version" integer NOT NULL,
	"name" jsonb NOT NULL,
	"pass_score" double precision NOT NULL,
	"items" jsonb NOT NULL,
	CONSTRAINT "score_sheets_id_version_pk" PRIMARY KEY("id","version")
);
--> statement-breakpoint
CREATE TABLE "record_events" (
	"subject_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"subject_type" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"type" text NOT NULL,
	"actor" text NOT NULL,
	"data" jsonb NOT NULL,
	"hash" text NOT NULL,
	CONSTRAINT "record_events_subject_id_number_pk" PRIMARY KEY("subject_id","number")
);
--> statement-breakpoint
CREATE UNIQUE INDEX "inspection_samples_month" ON "inspection_samples" USING btree ("insurer_id","month");--> statement-breakpoint
CREATE INDEX "inspection_samples_open" ON "inspection_samples" USING btree ("month") WHERE revealed_at is null;--> statement-breakpoint
CREATE UNIQUE INDEX "inspections_planned" ON "inspections" USING btree ("device_id","kind","period");--> statement-breakpoint
CREATE INDEX "inspections_due" ON "inspections" USING btree ("due_on","id");--> statement-breakpoint
CREATE INDEX "inspections_insurer" ON "inspections" USING btree ("insurer_id","due_on","id");--> statement-breakpoint
CREATE INDEX "inspections_device" ON "inspections" USING btree ("device_id","ended_at");--> statement-breakpoint
CREATE INDEX "inspections_ended" ON "inspections" USING btree ("ended_at");--> statement-breakpoint
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON "record_events" FOR EACH ROW EXECUTE FUNCTION append_only();
--> statement-breakpoint
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON "score_sheets" FOR EACH ROW EXECUTE FUNCTION append_only();
--> statement-breakpoint
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON "risk_lists" FOR EACH ROW EXECUTE FUNCTION append_only();
--> statement-breakpoint
CREATE TRIGGER append_only BEFORE DELETE ON "inspections" FOR EACH ROW EXECUTE FUNCTION append_only();
--> statement-breakpoint
CREATE TRIGGER append_only BEFORE DELETE ON "inspection_samples" FOR EACH ROW EXECUTE FUNCTION append_only();
--> statement-breakpoint
-- what was committed to before the month
CREATE TRIGGER committed BEFORE UPDATE OF "insurer_id", "month", "count", "population", "population_sha256", "seed", "seed_sha256", "committed_at" ON "inspection_samples" FOR EACH ROW EXECUTE FUNCTION append_only();
