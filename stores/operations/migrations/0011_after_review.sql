CREATE INDEX "work_order_events_at" ON "work_order_events" USING btree ("at","id");--> statement-breakpoint
CREATE INDEX "notices_dangers" ON "notices" USING btree ("channel_id","next_attempt_at") WHERE state = 'waiting' and critical and content ->> 'severity' = 'critical';--> statement-breakpoint
CREATE INDEX "audit_at" ON "audit" USING btree ("at");--> statement-breakpoint
CREATE INDEX "audit_actor" ON "audit" USING btree ("actor","id");--> statement-breakpoint
CREATE INDEX "audit_action" ON "audit" USING btree ("action","id");--> statement-breakpoint
CREATE INDEX "audit_subject" ON "audit" USING btree ("subject","id");--> statement-breakpoint
-- what had joined another system's incident before joined incidents named the order that they wait for
UPDATE "incidents" AS "joined" SET "suppressed" = "joined"."suppressed" || jsonb_build_object('orderId', "work_orders"."id")
FROM "incidents" AS "parent" JOIN "work_orders" ON "work_orders"."incident_id" = "parent"."id"
WHERE "joined"."parent_id" = "parent"."id" AND "joined"."source" = 'liftwatt' AND "parent"."source" <> 'liftwatt'
  AND "joined"."state" <> 'cleared' AND "joined"."suppressed" ->> 'by' = 'inhibition' AND NOT "joined"."suppressed" ? 'orderId';--> statement-breakpoint
-- dangers to life were stored as due a day earlier than they were, to go ahead of others
UPDATE "notices" SET "next_attempt_at" = "created_at" WHERE "next_attempt_at" < "created_at";
