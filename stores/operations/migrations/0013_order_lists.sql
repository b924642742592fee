CREATE INDEX "work_orders_finding" ON "work_orders" USING btree ("finding","seq");--> statement-breakpoint
CREATE INDEX "work_orders_detected" ON "work_orders" USING btree ("detected_at");--> statement-breakpoint
CREATE INDEX "work_orders_critical" ON "work_orders" USING btree ("seq") WHERE severity = 'critical';--> statement-breakpoint
CREATE INDEX "work_orders_planned" ON "work_orders" USING btree ("seq") WHERE type <> 'emergency';--> statement-breakpoint
CREATE INDEX "work_orders_cancelled" ON "work_orders" USING btree ("seq") WHERE state = 'cancelled';