CREATE TABLE "nemesis"."subject" (
    "id" SERIAL NOT NULL,
    "key" TEXT NOT NULL,
    "generation" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "subject_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "nemesis"."revoked_token" (
    "jti" UUID NOT NULL,
    "expires" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "revoked_token_pkey" PRIMARY KEY ("jti")
);

CREATE UNIQUE INDEX "subject_key_key" ON "nemesis"."subject" ("key");

CREATE INDEX "revoked_token_expires_idx" ON "nemesis"."revoked_token" ("expires");
