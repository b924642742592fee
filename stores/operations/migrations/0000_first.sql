CREATE TABLE "audit" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"action" text NOT NULL,
	"subject" text NOT NULL,
	"data" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "devices" (
	"id" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"gateway_id" text NOT NULL,
	"name" text,
	"site_id" text,
	"facts" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "gateway_credentials" (
	"id" uuid PRIMARY KEY NOT NULL,
	"gateway_id" text NOT NULL,
	"salt" text NOT NULL,
	"hash" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "gateway_refusals" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"gateway_id" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"reason" text NOT NULL,
	"text" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "gateways" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text,
	"auto_register" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	"revoked_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "incidents" (
	"id" uuid PRIMARY KEY NOT NULL,
	"seq" bigserial NOT NULL,
	"state" text NOT NULL,
	"scope_type" text NOT NULL,
	"scope_id" text NOT NULL,
	"device_id" text,
	"finding" text NOT NULL,
	"severity" text NOT NULL,
	"summary" text NOT NULL,
	"evidence" jsonb NOT NULL,
	"count" integer NOT NULL,
	"occurred_at" timestamp (3) with time zone NOT NULL,
	"received_at" timestamp (3) with time zone NOT NULL,
	"detected_at" timestamp (3) with time zone NOT NULL,
	"cleared_at" timestamp (3) with time zone,
	"journal_id" uuid NOT NULL,
	"journal_position" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "quarantine" (
	"journal_id" uuid NOT NULL,
	"journal_position" bigint NOT NULL,
	"seq" bigserial NOT NULL,
	"received_at" timestamp (3) with time zone NOT NULL,
	"gateway_id" text NOT NULL,
	"device_id" text NOT NULL,
	"reason" text NOT NULL,
	"faults" jsonb NOT NULL,
	"raw" "bytea" NOT NULL,
	CONSTRAINT "quarantine_journal_id_journal_position_pk" PRIMARY KEY("journal_id","journal_position")
);
--> statement-breakpoint
CREATE TABLE "settings" (
	"key" text PRIMARY KEY NOT NULL,
	"value" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "work_order_events" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"order_id" uuid NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"type" text NOT NULL,
	"actor" text NOT NULL,
	"data" jsonb NOT NULL,
	"idempotency_key" text
);
--> statement-breakpoint
CREATE TABLE "work_orders" (
	"id" uuid PRIMARY KEY NOT NULL,
	"seq" bigserial NOT NULL,
	"incident_id" uuid NOT NULL,
	"type" text NOT NULL,
	"state" text NOT NULL,
	"device_id" text,
	"finding" text NOT NULL,
	"severity" text NOT NULL,
	"summary" text NOT NULL,
	"occurred_at" timestamp (3) with time zone NOT NULL,
	"received_at" timestamp (3) with time zone NOT NULL,
	"detected_at" timestamp (3) with time zone NOT NULL,
	"raised_at" timestamp (3) with time zone NOT NULL,
	"upgraded_at" timestamp (3) with time zone,
	"arrive_by" timestamp (3) with time zone,
	"acknowledged_at" timestamp (3) with time zone,
	"accepted_at" timestamp (3) with time zone,
	"arrived_at" timestamp (3) with time zone,
	"restored_at" timestamp (3) with time zone,
	"closed_at" timestamp (3) with time zone,
	"cancelled_at" timestamp (3) with time zone,
	"cause_class" text,
	"outcome" text,
	CONSTRAINT "work_orders_incident_id_unique" UNIQUE("incident_id")
);
--> statement-breakpoint
ALTER TABLE "devices" ADD CONSTRAINT "devices_gateway_id_gateways_id_fk" FOREIGN KEY ("gateway_id") REFERENCES "public"."gateways"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "gateway_credentials" ADD CONSTRAINT "gateway_credentials_gateway_id_gateways_id_fk" FOREIGN KEY ("gateway_id") REFERENCES "public"."gateways"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "work_order_events" ADD CONSTRAINT "work_order_events_order_id_work_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."work_orders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "work_orders" ADD CONSTRAINT "work_orders_incident_id_incidents_id_fk" FOREIGN KEY ("incident_id") REFERENCES "public"."incidents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "devices_gateway" ON "devices" USING btree ("gateway_id");--> statement-breakpoint
CREATE INDEX "gateway_credentials_gateway" ON "gateway_credentials" USING btree ("gateway_id");--> statement-breakpoint
CREATE INDEX "gateway_refusals_gateway" ON "gateway_refusals" USING btree ("gateway_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "incidents_episode" ON "incidents" USING btree ("scope_type","scope_id","finding","occurred_at");--> statement-breakpoint
CREATE UNIQUE INDEX "incidents_seq" ON "incidents" USING btree ("seq");--> statement-breakpoint
CREATE INDEX "incidents_device_finding" ON "incidents" USING btree ("device_id","finding","seq");--> statement-breakpoint
CREATE UNIQUE INDEX "quarantine_seq" ON "quarantine" USING btree ("seq");--> statement-breakpoint
CREATE INDEX "quarantine_received" ON "quarantine" USING btree ("received_at");--> statement-breakpoint
CREATE INDEX "quarantine_gateway" ON "quarantine" USING btree ("gateway_id","seq");--> statement-breakpoint
CREATE UNIQUE INDEX "work_order_events_key" ON "work_order_events" USING btree ("order_id","idempotency_key");--> statement-breakpoint
CREATE UNIQUE INDEX "work_orders_seq" ON "work_orders" USING btree ("seq");--> statement-breakpoint
CREATE INDEX "work_orders_device" ON "work_orders" USING btree ("device_id","seq");--> statement-breakpoint
CREATE INDEX "work_orders_open" ON "work_orders" USING btree ("seq") WHERE state not in ('closed', 'cancelled');