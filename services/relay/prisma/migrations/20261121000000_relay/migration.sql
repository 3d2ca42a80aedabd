CREATE SCHEMA IF NOT EXISTS "relay";

CREATE TABLE "relay"."token" (
    "token" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "maker" TEXT NOT NULL,

    CONSTRAINT "token_pkey" PRIMARY KEY ("token")
);

CREATE TABLE "relay"."request" (
    "seq" BIGSERIAL NOT NULL,
    "token" TEXT NOT NULL,
    "head" TEXT NOT NULL,
    "body" BYTEA,
    "bytes" INTEGER NOT NULL,

    CONSTRAINT "request_pkey" PRIMARY KEY ("seq"),
    CONSTRAINT "request_token_fkey" FOREIGN KEY ("token") REFERENCES "relay"."token"("token") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE "relay"."queue" (
    "id" INTEGER NOT NULL,
    "bytes" BIGINT NOT NULL,

    CONSTRAINT "queue_pkey" PRIMARY KEY ("id")
);

INSERT INTO "relay"."queue" ("id", "bytes") VALUES (1, 0);

CREATE INDEX "token_maker_expires_at_idx" ON "relay"."token"("maker", "expires_at");

CREATE INDEX "token_expires_at_idx" ON "relay"."token"("expires_at");

CREATE INDEX "request_token_seq_idx" ON "relay"."request"("token", "seq");
