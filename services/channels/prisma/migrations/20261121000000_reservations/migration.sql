-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "channels";

-- CreateTable
CREATE TABLE "channels"."reservation" (
    "nick_key" TEXT NOT NULL,
    "account_id" INTEGER NOT NULL,
    "created" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "reservation_pkey" PRIMARY KEY ("nick_key")
);
