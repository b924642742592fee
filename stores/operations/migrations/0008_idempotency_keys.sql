CREATE TABLE "idempotency_keys" (
	"id" text PRIMARY KEY NOT NULL,
	"actor" text NOT NULL,
	"route" text NOT NULL,
	"fingerprint" text NOT NULL,
	"claimed_at" timestamp (3) with time zone NOT NULL,
	"status" integer,
	"body" text,
	"location" text
);
--> statement-breakpoint
CREATE INDEX "idempotency_keys_claimed" ON "idempotency_keys" USING btree ("claimed_at");