-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "chat";

-- CreateTable
CREATE TABLE "chat"."room" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "last_number" INTEGER NOT NULL DEFAULT 0,
    "created" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "room_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "chat"."message" (
    "id" UUID NOT NULL,
    "room_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "account_id" INTEGER NOT NULL,
    "username" TEXT NOT NULL,
    "text_json" TEXT NOT NULL,
    "sent" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "message_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "room_name_key" ON "chat"."room"("name");

-- CreateIndex
CREATE UNIQUE INDEX "message_room_id_number_key" ON "chat"."message"("room_id", "number");

-- CreateIndex
CREATE INDEX "message_account_id_sent_idx" ON "chat"."message"("account_id", "sent");

-- AddForeignKey
ALTER TABLE "chat"."message" ADD CONSTRAINT "message_room_id_fkey" FOREIGN KEY ("room_id") REFERENCES "chat"."room"("id") ON DELETE CASCADE ON UPDATE CASCADE;
