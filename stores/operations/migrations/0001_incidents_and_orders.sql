CREATE TABLE "deadlines" (
	"id" uuid PRIMARY KEY NOT NULL,
	"order_id" uuid NOT NULL,
	"step" jsonb NOT NULL,
	"severity_rank" integer NOT NULL,
	"due_at" timestamp (3) with time zone NOT NULL,
	"state" text NOT NULL,
	"settled_at" timestamp (3) with time zone,
	"next_attempt_at" timestamp (3) with time zone NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"last_error" text
);
--> statement-breakpoint
CREATE TABLE "plans" (
	"id" text PRIMARY KEY NOT NULL,
	"version" integer NOT NULL,
	"name" jsonb NOT NULL,
	"enabled" boolean NOT NULL,
	"match" jsonb NOT NULL,
	"tell" jsonb NOT NULL,
	"ask_first" jsonb,
	"steps" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "suppressions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"seq" bigserial NOT NULL,
	"type" text NOT NULL,
	"scope_type" text NOT NULL,
	"scope_id" text NOT NULL,
	"finding" text,
	"reason" text NOT NULL,
	"starts_at" timestamp (3) with time zone NOT NULL,
	"ends_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone NOT NULL,
	"created_by" text NOT NULL,
	"ended_at" timestamp (3) with time zone,
	"ended_by" text,
	"key" text,
	"ended_key" text
);
--> statement-breakpoint
CREATE TABLE "channels" (
	"id" text PRIMARY KEY NOT NULL,
	"type" text NOT NULL,
	"name" text NOT NULL,
	"settings" jsonb NOT NULL,
	"enabled" boolean NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "members" (
	"id" text PRIMARY KEY NOT NULL,
	"team_id" text NOT NULL,
	"name" text NOT NULL,
	"phone" text,
	"locale" text NOT NULL,
	"addresses" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"removed_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "notices" (
	"id" uuid PRIMARY KEY NOT NULL,
	"seq" bigserial NOT NULL,
	"key" text NOT NULL,
	"order_id" uuid,
	"reason" text NOT NULL,
	"channel_id" text NOT NULL,
	"address" text,
	"recipient" jsonb NOT NULL,
	"content" jsonb NOT NULL,
	"critical" boolean NOT NULL,
	"state" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"next_attempt_at" timestamp (3) with time zone NOT NULL,
	"give_up_at" timestamp (3) with time zone NOT NULL,
	"attempts" integer NOT NULL,
	"held" boolean NOT NULL,
	"sent_at" timestamp (3) with time zone,
	"sent_as" text,
	"last_error" text
);
--> statement-breakpoint
CREATE TABLE "rosters" (
	"team_id" text PRIMARY KEY NOT NULL,
	"time_zone" text NOT NULL,
	"shifts" jsonb NOT NULL,
	"swaps" jsonb NOT NULL,
	"holidays" jsonb NOT NULL,
	"version" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "stream_events" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"transaction" "xid8" DEFAULT pg_current_xact_id() NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"type" text NOT NULL,
	"subject" text NOT NULL,
	"data" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "teams" (
	"id" text PRIMARY KEY NOT NULL,
	"type" text NOT NULL,
	"name" text NOT NULL,
	"areas" jsonb NOT NULL,
	"skills" jsonb NOT NULL,
	"phone" text,
	"addresses" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"removed_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "evidence_files" (
	"sha256" text PRIMARY KEY NOT NULL,
	"media_type" text NOT NULL,
	"bytes" integer NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "evidence_links" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"incident_id" uuid NOT NULL,
	"order_id" uuid,
	"part" text NOT NULL,
	"name" text NOT NULL,
	"sha256" text NOT NULL,
	"added_at" timestamp (3) with time zone NOT NULL,
	"added_by" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "evidence_tasks" (
	"incident_id" uuid NOT NULL,
	"part" text NOT NULL,
	"due_at" timestamp (3) with time zone NOT NULL,
	"done_at" timestamp (3) with time zone,
	"attempts" integer DEFAULT 0 NOT NULL,
	"last_error" text,
	CONSTRAINT "evidence_tasks_incident_id_part_pk" PRIMARY KEY("incident_id","part")
);
--> statement-breakpoint
CREATE TABLE "regimes" (
	"device_id" text NOT NULL,
	"type" text NOT NULL,
	"due_from" text NOT NULL,
	"valid_from" timestamp (3) with time zone NOT NULL,
	"valid_until" timestamp (3) with time zone,
	CONSTRAINT "regimes_device_id_valid_from_pk" PRIMARY KEY("device_id","valid_from")
);
--> statement-breakpoint
CREATE TABLE "seals" (
	"number" integer PRIMARY KEY NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"heads" jsonb NOT NULL,
	"hash" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "visits" (
	"id" uuid PRIMARY KEY NOT NULL,
	"seq" bigserial NOT NULL,
	"device_id" text NOT NULL,
	"items" jsonb NOT NULL,
	"started_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone NOT NULL,
	"team_id" text,
	"workers" jsonb NOT NULL,
	"note" text,
	"claimed_at" timestamp (3) with time zone NOT NULL,
	"claimed_by" text NOT NULL,
	"verdict" text,
	"verdict_text" text,
	"verdict_evidence" jsonb
);
--> statement-breakpoint
CREATE TABLE "device_parties" (
	"device_id" text NOT NULL,
	"role" text NOT NULL,
	"team_id" text NOT NULL,
	"valid_from" timestamp (3) with time zone NOT NULL,
	"valid_until" timestamp (3) with time zone,
	CONSTRAINT "device_parties_device_id_role_valid_from_pk" PRIMARY KEY("device_id","role","valid_from")
);
--> statement-breakpoint
CREATE TABLE "history" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"subject_type" text NOT NULL,
	"subject_id" text NOT NULL,
	"before" jsonb,
	"after" jsonb
);
--> statement-breakpoint
CREATE TABLE "sites" (
	"id" text PRIMARY KEY NOT NULL,
	"type" text NOT NULL,
	"name" text NOT NULL,
	"parent_id" text,
	"use" text,
	"address" text,
	"entrance" text,
	"emergency_plan" text,
	"contacts" jsonb NOT NULL,
	"latitude" double precision,
	"longitude" double precision,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "incidents" ALTER COLUMN "journal_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "incidents" ALTER COLUMN "journal_position" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "devices" ADD COLUMN "feeder_id" text;--> statement-breakpoint
ALTER TABLE "devices" ADD COLUMN "contacts" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "incidents" ADD COLUMN "gateway_id" text;--> statement-breakpoint
ALTER TABLE "incidents" ADD COLUMN "feeder_id" text;--> statement-breakpoint
ALTER TABLE "incidents" ADD COLUMN "site_id" text;--> statement-breakpoint
ALTER TABLE "incidents" ADD COLUMN "path" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "incidents" ADD COLUMN "parent_id" uuid;--> statement-breakpoint
ALTER TABLE "incidents" ADD COLUMN "suppressed" jsonb;--> statement-breakpoint
ALTER TABLE "incidents" ADD COLUMN "acknowledged_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "incidents" ADD COLUMN "acknowledged_by" text;--> statement-breakpoint
ALTER TABLE "incidents" ADD COLUMN "acknowledged_key" text;--> statement-breakpoint
ALTER TABLE "incidents" ADD COLUMN "over_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "incidents" ADD COLUMN "clears_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "incidents" ADD COLUMN "last_member_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "incidents" ADD COLUMN "source" text DEFAULT 'liftwatt' NOT NULL;--> statement-breakpoint
ALTER TABLE "incidents" ADD COLUMN "external_id" text;--> statement-breakpoint
ALTER TABLE "work_order_events" ADD COLUMN "number" integer;--> statement-breakpoint
ALTER TABLE "work_order_events" ADD COLUMN "hash" text;--> statement-breakpoint
ALTER TABLE "work_orders" ADD COLUMN "site_id" text;--> statement-breakpoint
ALTER TABLE "work_orders" ADD COLUMN "plan" jsonb;--> statement-breakpoint
ALTER TABLE "work_orders" ADD COLUMN "team_id" text;--> statement-breakpoint
ALTER TABLE "work_orders" ADD COLUMN "assigned_because" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "work_orders" ADD COLUMN "technician_id" text;--> statement-breakpoint
ALTER TABLE "work_orders" ADD COLUMN "passenger_told_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "work_orders" ADD COLUMN "inspected_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "work_orders" ADD COLUMN "due_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "work_orders" ADD COLUMN "follows_id" uuid;--> statement-breakpoint
ALTER TABLE "work_orders" ADD COLUMN "merged_into_id" uuid;--> statement-breakpoint
ALTER TABLE "work_orders" ADD COLUMN "note" text;--> statement-breakpoint
ALTER TABLE "work_orders" ADD COLUMN "parts" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "work_orders" ADD COLUMN "reported_by" jsonb;--> statement-breakpoint
ALTER TABLE "deadlines" ADD CONSTRAINT "deadlines_order_id_work_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."work_orders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "members" ADD CONSTRAINT "members_team_id_teams_id_fk" FOREIGN KEY ("team_id") REFERENCES "public"."teams"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rosters" ADD CONSTRAINT "rosters_team_id_teams_id_fk" FOREIGN KEY ("team_id") REFERENCES "public"."teams"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "evidence_links" ADD CONSTRAINT "evidence_links_sha256_evidence_files_sha256_fk" FOREIGN KEY ("sha256") REFERENCES "public"."evidence_files"("sha256") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "device_parties" ADD CONSTRAINT "device_parties_device_id_devices_id_fk" FOREIGN KEY ("device_id") REFERENCES "public"."devices"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sites" ADD CONSTRAINT "sites_parent_id_sites_id_fk" FOREIGN KEY ("parent_id") REFERENCES "public"."sites"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "deadlines_order" ON "deadlines" USING btree ("order_id");--> statement-breakpoint
CREATE INDEX "deadlines_soonest" ON "deadlines" USING btree ("next_attempt_at") WHERE state = 'open';--> statement-breakpoint
CREATE INDEX "deadlines_overdue" ON "deadlines" USING btree ("due_at") WHERE state = 'open';--> statement-breakpoint
CREATE INDEX "suppressions_scope" ON "suppressions" USING btree ("scope_type","scope_id");--> statement-breakpoint
CREATE UNIQUE INDEX "suppressions_seq" ON "suppressions" USING btree ("seq");--> statement-breakpoint
CREATE UNIQUE INDEX "suppressions_key" ON "suppressions" USING btree ("key");--> statement-breakpoint
CREATE INDEX "suppressions_open" ON "suppressions" USING btree ("ends_at") WHERE ended_at is null;--> statement-breakpoint
CREATE INDEX "members_team" ON "members" USING btree ("team_id");--> statement-breakpoint
CREATE UNIQUE INDEX "notices_key" ON "notices" USING btree ("key");--> statement-breakpoint
CREATE UNIQUE INDEX "notices_seq" ON "notices" USING btree ("seq");--> statement-breakpoint
CREATE INDEX "notices_waiting" ON "notices" USING btree ("channel_id","critical" DESC NULLS LAST,"next_attempt_at") WHERE state = 'waiting';--> statement-breakpoint
CREATE INDEX "notices_sent" ON "notices" USING btree ("channel_id","sent_at") WHERE state = 'sent';--> statement-breakpoint
CREATE INDEX "notices_address" ON "notices" USING btree ("channel_id","address","state","sent_at");--> statement-breakpoint
CREATE INDEX "notices_state" ON "notices" USING btree ("state","seq");--> statement-breakpoint
CREATE INDEX "stream_events_order" ON "stream_events" USING btree ("transaction","id");--> statement-breakpoint
CREATE INDEX "stream_events_at" ON "stream_events" USING btree ("at");--> statement-breakpoint
CREATE INDEX "notices_order" ON "notices" USING btree ("order_id");--> statement-breakpoint
CREATE INDEX "evidence_links_incident" ON "evidence_links" USING btree ("incident_id");--> statement-breakpoint
CREATE INDEX "evidence_links_order" ON "evidence_links" USING btree ("order_id");--> statement-breakpoint
CREATE INDEX "evidence_tasks_due" ON "evidence_tasks" USING btree ("due_at") WHERE done_at is null;--> statement-breakpoint
CREATE UNIQUE INDEX "visits_seq" ON "visits" USING btree ("seq");--> statement-breakpoint
CREATE UNIQUE INDEX "visits_device" ON "visits" USING btree ("device_id","started_at");--> statement-breakpoint
CREATE INDEX "device_parties_team" ON "device_parties" USING btree ("team_id");--> statement-breakpoint
CREATE INDEX "history_subject" ON "history" USING btree ("subject_type","subject_id","id");--> statement-breakpoint
CREATE INDEX "sites_parent" ON "sites" USING btree ("parent_id");--> statement-breakpoint
ALTER TABLE "incidents" ADD CONSTRAINT "incidents_parent_id_incidents_id_fk" FOREIGN KEY ("parent_id") REFERENCES "public"."incidents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "work_orders" ADD CONSTRAINT "work_orders_follows_id_work_orders_id_fk" FOREIGN KEY ("follows_id") REFERENCES "public"."work_orders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "work_orders" ADD CONSTRAINT "work_orders_merged_into_id_work_orders_id_fk" FOREIGN KEY ("merged_into_id") REFERENCES "public"."work_orders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "devices_site" ON "devices" USING btree ("site_id");--> statement-breakpoint
CREATE INDEX "devices_feeder" ON "devices" USING btree ("feeder_id");--> statement-breakpoint
CREATE UNIQUE INDEX "incidents_external" ON "incidents" USING btree ("source","external_id");--> statement-breakpoint
CREATE INDEX "incidents_parent" ON "incidents" USING btree ("parent_id");--> statement-breakpoint
CREATE INDEX "incidents_gateway" ON "incidents" USING btree ("gateway_id","detected_at");--> statement-breakpoint
CREATE INDEX "incidents_feeder" ON "incidents" USING btree ("feeder_id","detected_at");--> statement-breakpoint
CREATE INDEX "incidents_building" ON "incidents" USING btree ((path ->> 'building'),"detected_at");--> statement-breakpoint
CREATE INDEX "incidents_estate" ON "incidents" USING btree ((path ->> 'estate'),"detected_at");--> statement-breakpoint
CREATE INDEX "incidents_clears" ON "incidents" USING btree ("clears_at") WHERE clears_at is not null and state <> 'cleared';--> statement-breakpoint
CREATE INDEX "incidents_groups" ON "incidents" USING btree ("seq") WHERE last_member_at is not null and state <> 'cleared';--> statement-breakpoint
CREATE INDEX "incidents_path" ON "incidents" USING gin ("path");--> statement-breakpoint
CREATE INDEX "incidents_scope" ON "incidents" USING btree ("scope_type","scope_id","finding","seq");--> statement-breakpoint
CREATE INDEX "incidents_suppressed" ON "incidents" USING btree ("seq") WHERE suppressed is not null and state <> 'cleared';--> statement-breakpoint
CREATE INDEX "work_order_events_unchained" ON "work_order_events" USING btree ("order_id") WHERE number is null;--> statement-breakpoint
CREATE UNIQUE INDEX "work_order_events_number" ON "work_order_events" USING btree ("order_id","number");--> statement-breakpoint
CREATE INDEX "work_orders_team" ON "work_orders" USING btree ("team_id","seq");--> statement-breakpoint
CREATE INDEX "work_orders_team_open" ON "work_orders" USING btree ("team_id") WHERE state not in ('closed', 'cancelled');--> statement-breakpoint
CREATE INDEX "work_orders_site" ON "work_orders" USING btree ("site_id","seq");
--> statement-breakpoint
CREATE TABLE "unsealed_orders" (
	"order_id" uuid PRIMARY KEY NOT NULL,
	"since" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF TG_TABLE_NAME = 'work_order_events' AND TG_OP = 'UPDATE' THEN
		-- an event that is older than the chains is chained once, and nothing else of it is changed
		IF to_jsonb(OLD) ->> 'hash' IS NULL
			AND (to_jsonb(NEW) - 'hash' - 'number') = (to_jsonb(OLD) - 'hash' - 'number') THEN
			RETURN NEW;
		END IF;
	END IF;
	RAISE EXCEPTION '% is append-only: what happened is not changed afterwards', TG_TABLE_NAME USING ERRCODE = '23001';
END $$;
--> statement-breakpoint
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON "work_order_events" FOR EACH ROW EXECUTE FUNCTION append_only();
--> statement-breakpoint
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON "evidence_files" FOR EACH ROW EXECUTE FUNCTION append_only();
--> statement-breakpoint
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON "evidence_links" FOR EACH ROW EXECUTE FUNCTION append_only();
--> statement-breakpoint
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON "seals" FOR EACH ROW EXECUTE FUNCTION append_only();
--> statement-breakpoint
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON "audit" FOR EACH ROW EXECUTE FUNCTION append_only();
--> statement-breakpoint
-- The life of an order, guarded again: the table is workorders/transitions.ts, and workorders/life.test.ts proves that both agree.
CREATE FUNCTION guard_work_order() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	was jsonb := to_jsonb(OLD);
	becomes jsonb := to_jsonb(NEW);
	name text;
BEGIN
	IF OLD.state <> NEW.state AND NOT (
		(OLD.state, NEW.state) IN (('raised', 'acknowledged'), ('raised', 'accepted'), ('acknowledged', 'accepted'),
			('accepted', 'arrived'), ('arrived', 'restored'), ('restored', 'closed'))
		OR (OLD.state NOT IN ('closed', 'cancelled')
			AND (NEW.state = 'cancelled' OR (NEW.state = 'closed' AND NEW.outcome IS NOT DISTINCT FROM 'false-alarm')))
	) THEN
		RAISE EXCEPTION 'an order that is % never becomes %', OLD.state, NEW.state USING ERRCODE = 'check_violation';
	END IF;

	-- an order that ended stays as it is; an inspector may come later, and a reporter may be forgotten
	IF OLD.state IN ('closed', 'cancelled')
		AND (was - 'inspected_at' - 'reported_by') <> (becomes - 'inspected_at' - 'reported_by') THEN
		RAISE EXCEPTION 'an order that is % is not changed', OLD.state USING ERRCODE = 'check_violation';
	END IF;

	-- what is said once is not said otherwise later; so the arrival clock neither pauses nor begins anew
	FOREACH name IN ARRAY ARRAY['id', 'incident_id', 'occurred_at', 'received_at', 'detected_at', 'raised_at', 'upgraded_at',
		'arrive_by', 'acknowledged_at', 'accepted_at', 'arrived_at', 'restored_at', 'closed_at', 'cancelled_at',
		'passenger_told_at', 'inspected_at', 'follows_id', 'merged_into_id'] LOOP
		IF was ->> name IS NOT NULL AND was -> name <> becomes -> name THEN
			RAISE EXCEPTION 'the % of an order is set once', name USING ERRCODE = 'check_violation';
		END IF;
	END LOOP;

	-- a time is set when its state is reached, and not otherwise
	FOREACH name IN ARRAY ARRAY['accepted', 'arrived', 'restored', 'closed', 'cancelled'] LOOP
		IF was ->> (name || '_at') IS NULL AND (becomes ->> (name || '_at') IS NOT NULL) <> (NEW.state = name AND OLD.state <> name) THEN
			RAISE EXCEPTION 'an order is % when its time is set', name USING ERRCODE = 'check_violation';
		END IF;
	END LOOP;
	IF NEW.state = 'acknowledged' AND NEW.acknowledged_at IS NULL THEN
		RAISE EXCEPTION 'an order is acknowledged when its time is set' USING ERRCODE = 'check_violation';
	END IF;

	IF (OLD.state <> NEW.state OR NEW.acknowledged_at IS DISTINCT FROM OLD.acknowledged_at) AND (
		NEW.acknowledged_at < NEW.raised_at OR NEW.accepted_at < NEW.acknowledged_at OR NEW.accepted_at < NEW.raised_at
		OR NEW.arrived_at < NEW.accepted_at OR NEW.restored_at < NEW.arrived_at
		OR coalesce(NEW.closed_at, NEW.cancelled_at) < greatest(NEW.raised_at, NEW.acknowledged_at, NEW.accepted_at,
			NEW.arrived_at, NEW.restored_at)
	) THEN
		RAISE EXCEPTION 'no time of an order lies before the one before it' USING ERRCODE = 'check_violation';
	END IF;
	RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER guard_work_order BEFORE UPDATE ON "work_orders" FOR EACH ROW EXECUTE FUNCTION guard_work_order();
