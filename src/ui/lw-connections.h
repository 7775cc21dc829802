/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-connection.h"
#include "lw-presets.h"

G_BEGIN_DECLS

/**
 * LwConnections:
 *
 * The person's connections, a GListModel of LwConnection: those in the files of their configuration
 * folder, sorted by name, then those of this window alone (a demo's people, a profile named on the
 * command line). The files are small and read at once; they are written by a thread, in the order of the
 * calls.
 *
 * Signal: "failed" (string: a heading, boxed GError): what is in memory is not on disk.
 */
#define LW_TYPE_CONNECTIONS (lw_connections_get_type ())
G_DECLARE_FINAL_TYPE (LwConnections, lw_connections, LW, CONNECTIONS, GObject)

/* @presets: (nullable) (transfer full): connections that came from a locked one follow it. */
LwConnections *lw_connections_new (LwPresets *presets);
LwPresets *lw_connections_get_presets (LwConnections *self); /* (nullable) (transfer none) */
/* Sentences about files that could not be read; they are left where they are. (transfer none) */
const char *const *lw_connections_get_problems (LwConnections *self);

/* Takes one that has no file, or whose file is elsewhere. */
void lw_connections_add (LwConnections *self, LwConnection *connection);
/* Writes a new file, or answers the connection that is the same already. (transfer full) (nullable):
 * where there is no folder for it */
LwConnection *lw_connections_create (LwConnections *self, LwProfile *profile, GError **error);
/* Changes what a connection is, in its file too where that is one of Leeway's own. */
void lw_connections_update (LwConnections *self, LwConnection *connection, LwProfile *profile);
/* The same for one that had no file until now: it gets one. */
gboolean lw_connections_keep (LwConnections *self,
                              LwConnection *connection,
                              LwProfile *profile,
                              GError **error);
/* Removes it from the list, and its file with it. Drafts and ledger stay untouched. */
void lw_connections_remove (LwConnections *self, LwConnection *connection);
/* Resolves to %TRUE when all that was to be written until now was, or failed and was told. */
DexFuture *lw_connections_flush (LwConnections *self);
/* Another connection of the same tenant, application, ledger and account. (transfer none) (nullable) */
LwConnection *lw_connections_find_twin (LwConnections *self, LwConnection *connection);
/* Whether what is kept of @connection's sign-in is also another one's: the same cloud, tenant,
 * application and account, or the same secret of an application. */
gboolean lw_connections_shares_sign_in (LwConnections *self, LwConnection *connection);
/* The one whose file that is, else a new one that stays where the file is. (transfer full) (nullable) */
LwConnection *lw_connections_open_file (LwConnections *self,
                                        const char *path,
                                        const char *access_token,
                                        GError **error);
/* (transfer none) (nullable) */
LwConnection *lw_connections_get_nth (LwConnections *self, guint position);
/* %G_MAXUINT where it is not in the list. */
guint lw_connections_find (LwConnections *self, LwConnection *connection);
/* The one that was open last, else the first one with a file. (transfer none) (nullable) */
LwConnection *lw_connections_find_last (LwConnections *self);
void lw_connections_remember (LwConnections *self, LwConnection *connection);

G_END_DECLS
