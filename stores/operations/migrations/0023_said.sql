ALTER TABLE "work_order_events" ADD COLUMN "salt" text;--> statement-breakpoint
ALTER TABLE "work_order_events" ADD COLUMN "said" text;--> statement-breakpoint
ALTER TABLE "record_events" ADD COLUMN "salt" text;--> statement-breakpoint
ALTER TABLE "record_events" ADD COLUMN "said" text;