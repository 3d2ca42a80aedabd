CREATE TABLE "nemesis"."audit" (
    "id" BIGSERIAL NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "actor" TEXT,
    "action" TEXT NOT NULL,
    "target" TEXT,
    "address" TEXT NOT NULL,
    "details" JSONB NOT NULL,

    CONSTRAINT "audit_pkey" PRIMARY KEY ("id")
);

CREATE INDEX "audit_actor_id_idx" ON "nemesis"."audit" ("actor", "id");

CREATE INDEX "audit_action_id_idx" ON "nemesis"."audit" ("action", "id");

CREATE FUNCTION "nemesis"."keep_audit"() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit is append-only: % is not possible', TG_OP;
END
$$;

CREATE TRIGGER "audit_keep_rows" BEFORE UPDATE OR DELETE ON "nemesis"."audit"
    FOR EACH ROW EXECUTE FUNCTION "nemesis"."keep_audit"();

CREATE TRIGGER "audit_keep_all" BEFORE TRUNCATE ON "nemesis"."audit"
    FOR EACH STATEMENT EXECUTE FUNCTION "nemesis"."keep_audit"();
