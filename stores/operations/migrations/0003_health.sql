CREATE TABLE "device_health" (
	"device_id" text NOT NULL,
	"day" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"score" smallint,
	"coverage" real NOT NULL,
	"parts" jsonb NOT NULL,
	"covered_ms" bigint NOT NULL,
	CONSTRAINT "device_health_device_id_day_pk" PRIMARY KEY("device_id","day")
);
--> statement-breakpoint
CREATE INDEX "device_health_day" ON "device_health" USING btree ("day");