CREATE TABLE "contract_devices" (
	"contract_id" uuid NOT NULL,
	"device_id" text NOT NULL,
	"valid_from" timestamp (3) with time zone NOT NULL,
	"valid_until" timestamp (3) with time zone,
	CONSTRAINT "contract_devices_contract_id_device_id_valid_from_pk" PRIMARY KEY("contract_id","device_id","valid_from")
);
--> statement-breakpoint
CREATE TABLE "contracts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"seq" bigserial NOT NULL,
	"type" text NOT NULL,
	"team_id" text NOT NULL,
	"number" text NOT NULL,
	"holder" text,
	"cover" text,
	"sum_insured_fen" bigint,
	"premium_fen" bigint,
	"deductible_fen" bigint,
	"valid_from" timestamp (3) with time zone NOT NULL,
	"valid_until" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "erasures" (
	"id" uuid PRIMARY KEY NOT NULL,
	"seq" bigserial NOT NULL
);
--> statement-breakpoint
CREATE TABLE "redacted_files" (
	"sha256" text PRIMARY KEY NOT NULL,
	"redacted_as" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "objections" (
	"id" uuid PRIMARY KEY NOT NULL,
	"seq" bigserial NOT NULL,
	"visit_id" uuid NOT NULL,
	"device_id" text NOT NULL,
	"verdict" text NOT NULL,
	"verdict_text" text,
	"reason" text NOT NULL,
	"state" text NOT NULL,
	"raised_at" timestamp (3) with time zone NOT NULL,
	"raised_by" text NOT NULL,
	"decided_at" timestamp (3) with time zone,
	"decided_by" text,
	"decision_reason" text,
	CONSTRAINT "objections_visit_id_unique" UNIQUE("visit_id")
);
--> statement-breakpoint
CREATE TABLE "visit_evidence" (
	"visit_id" uuid NOT NULL,
	"sha256" text NOT NULL,
	"part" text NOT NULL,
	"name" text NOT NULL,
	"added_at" timestamp (3) with time zone NOT NULL,
	"added_by" text NOT NULL,
	CONSTRAINT "visit_evidence_visit_id_sha256_pk" PRIMARY KEY("visit_id","sha256")
);
--> statement-breakpoint
CREATE TABLE "overhauls" (
	"id" uuid PRIMARY KEY NOT NULL,
	"seq" bigserial NOT NULL,
	"device_id" text NOT NULL,
	"type" text NOT NULL,
	"part" text,
	"part_number" text,
	"reason" text NOT NULL,
	"estimated_fen" bigint NOT NULL,
	"expected_life_days" integer,
	"incident_id" uuid,
	"order_id" uuid,
	"forecast" jsonb,
	"evidence" jsonb NOT NULL,
	"team_id" text,
	"state" text NOT NULL,
	"proposed_at" timestamp (3) with time zone NOT NULL,
	"proposed_by" text NOT NULL,
	"decided_at" timestamp (3) with time zone,
	"decided_by" text,
	"decision_reason" text,
	"settled_fen" bigint,
	"done_at" timestamp (3) with time zone,
	"done_by" text,
	"done_note" text
);
--> statement-breakpoint
ALTER TABLE "visits" ADD COLUMN "decision" text;--> statement-breakpoint
ALTER TABLE "device_parties" ADD COLUMN "contract_id" uuid;--> statement-breakpoint
ALTER TABLE "contract_devices" ADD CONSTRAINT "contract_devices_contract_id_contracts_id_fk" FOREIGN KEY ("contract_id") REFERENCES "public"."contracts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "contract_devices" ADD CONSTRAINT "contract_devices_device_id_devices_id_fk" FOREIGN KEY ("device_id") REFERENCES "public"."devices"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "redacted_files" ADD CONSTRAINT "redacted_files_sha256_evidence_files_sha256_fk" FOREIGN KEY ("sha256") REFERENCES "public"."evidence_files"("sha256") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "objections" ADD CONSTRAINT "objections_visit_id_visits_id_fk" FOREIGN KEY ("visit_id") REFERENCES "public"."visits"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "visit_evidence" ADD CONSTRAINT "visit_evidence_visit_id_visits_id_fk" FOREIGN KEY ("visit_id") REFERENCES "public"."visits"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "visit_evidence" ADD CONSTRAINT "visit_evidence_sha256_evidence_files_sha256_fk" FOREIGN KEY ("sha256") REFERENCES "public"."evidence_files"("sha256") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "overhauls" ADD CONSTRAINT "overhauls_device_id_devices_id_fk" FOREIGN KEY ("device_id") REFERENCES "public"."devices"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "contract_devices_device" ON "contract_devices" USING btree ("device_id");--> statement-breakpoint
CREATE UNIQUE INDEX "contracts_seq" ON "contracts" USING btree ("seq");--> statement-breakpoint
CREATE UNIQUE INDEX "contracts_number" ON "contracts" USING btree ("type","team_id","number");--> statement-breakpoint
CREATE UNIQUE INDEX "erasures_seq" ON "erasures" USING btree ("seq");--> statement-breakpoint
CREATE UNIQUE INDEX "objections_seq" ON "objections" USING btree ("seq");--> statement-breakpoint
CREATE INDEX "objections_open" ON "objections" USING btree ("seq") WHERE state = 'open';--> statement-breakpoint
CREATE INDEX "visit_evidence_sha256" ON "visit_evidence" USING btree ("sha256");--> statement-breakpoint
CREATE UNIQUE INDEX "overhauls_seq" ON "overhauls" USING btree ("seq");--> statement-breakpoint
CREATE INDEX "overhauls_device" ON "overhauls" USING btree ("device_id","seq");--> statement-breakpoint
CREATE INDEX "overhauls_state" ON "overhauls" USING btree ("state","seq");
--> statement-breakpoint
-- A person may be forgotten (docs/decisions/0017-erasure.md): one transaction says so, and then names, phones and notes may go.
CREATE OR REPLACE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF TG_OP = 'UPDATE' AND current_setting('liftwatt.erasing', true) = 'on' THEN
		RETURN NEW;
	END IF;
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
CREATE OR REPLACE FUNCTION guard_work_order() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	was jsonb := to_jsonb(OLD);
	becomes jsonb := to_jsonb(NEW);
	name text;
BEGIN
	IF TG_OP = 'UPDATE' AND current_setting('liftwatt.erasing', true) = 'on' THEN
		RETURN NEW;
	END IF;
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
CREATE OR REPLACE FUNCTION guard_duty_log() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	was jsonb := to_jsonb(OLD);
	becomes jsonb := to_jsonb(NEW);
BEGIN
	IF TG_OP = 'UPDATE' AND current_setting('liftwatt.erasing', true) = 'on' THEN
		RETURN NEW;
	END IF;
	IF TG_OP = 'DELETE' OR OLD.type <> 'handover' OR OLD.taken_over_at IS NOT NULL
		OR (was - 'taken_over_at' - 'taken_over_name' - 'taken_over_by')
			<> (becomes - 'taken_over_at' - 'taken_over_name' - 'taken_over_by') THEN
		RAISE EXCEPTION 'what stands in the duty log is not changed' USING ERRCODE = 'check_violation';
	END IF;
	RETURN NEW;
END;
$$;
--> statement-breakpoint
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON "visit_evidence" FOR EACH ROW EXECUTE FUNCTION append_only();
--> statement-breakpoint
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON "erasures" FOR EACH ROW EXECUTE FUNCTION append_only();
--> statement-breakpoint
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON "redacted_files" FOR EACH ROW EXECUTE FUNCTION append_only();
