/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

#include "lw-ledger.h"

G_BEGIN_DECLS

/*
 * The places where a ledger can be, for tests that run unchanged on each, in several processes too:
 * a connection is two files, which any process opens.
 */

typedef struct
{
  char *folder;         /* of the stand itself: the connection, certificates */
  char *ledger;         /* path or URL */
  char *profile;        /* file */
  char *token;          /* file */
  GSubprocess *process; /* (nullable): the server */
} LwStand;

/**
 * lw_stand_start:
 * @kind: "folder"; "tenant" (the simulated tenant) and "azurite" (Microsoft's emulator of Blob Storage,
 *   of LEEWAY_PEERS), both over TLS with a bearer token
 *
 * Not on a fiber. Its ledger is empty, but for the rules that the simulated tenant holds.
 */
LwStand *lw_stand_start (const char *kind);
void lw_stand_stop (LwStand *self);

/* Further ledgers on the same server, empty. Not for the tenant. Not on a fiber. */
void lw_stand_renew (LwStand *self);

LwStore *lw_stand_open (const LwStand *self);
/* The same in another process. */
LwStore *lw_stand_open_files (const char *profile, const char *token);

/* Starts this very program with @arguments and the files of the connection at their end, @n times, tells
 * all to go on once every one of them has said a line, and gives what each says afterwards, in order. Not on
 * a fiber. (transfer full) (element-type utf8) */
GPtrArray *lw_stand_run_rivals (const LwStand *self, guint n, const char *const *arguments);
/* In such a process: waits until all of them are ready. */
void lw_stand_rival_ready (void);

G_END_DECLS
