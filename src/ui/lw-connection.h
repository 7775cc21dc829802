/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-demo.h"

G_BEGIN_DECLS

/**
 * LwConnection:
 *
 * A tenant and an account as the person sees them: one entry of the switcher. Holds no session; that is
 * the LwShell's.
 *
 * Properties: "title" (who, or the connection's name before that is known), "subtitle" (what it is
 * called, or the organisation), both strings that change as more becomes known.
 */
#define LW_TYPE_CONNECTION (lw_connection_get_type ())
G_DECLARE_FINAL_TYPE (LwConnection, lw_connection, LW, CONNECTION, GObject)

/* @path: (nullable): the file that keeps it; without one it lasts as long as the window. @access_token:
 * (nullable): a token given by the caller. */
LwConnection *lw_connection_new (LwProfile *profile, const char *path, const char *access_token);
/* One of the people of a started demo tenant. @persona: (nullable): whoever signs in in a browser. */
LwConnection *lw_connection_new_demo (LwDemo *demo, const LwPerson *persona);

LwProfile *lw_connection_get_profile (LwConnection *self); /* (transfer none) */
void lw_connection_set_profile (LwConnection *self, LwProfile *profile);
const char *lw_connection_get_path (LwConnection *self); /* (nullable) */
void lw_connection_set_path (LwConnection *self, const char *path);
const char *lw_connection_get_access_token (LwConnection *self); /* (nullable) */
LwDemo *lw_connection_get_demo (LwConnection *self);             /* (nullable) */
const char *lw_connection_get_persona (LwConnection *self);      /* (nullable): a upn */

/* Whether it was just set up, so that what it can do is tested when somebody signed in. */
gboolean lw_connection_is_fresh (LwConnection *self);
void lw_connection_set_fresh (LwConnection *self, gboolean fresh);

/* Says who signed in and in which organisation; both (nullable). */
void
lw_connection_set_person (LwConnection *self, const LwPerson *person, const char *organisation);
const LwPerson *lw_connection_get_person (LwConnection *self); /* (nullable) */
const char *lw_connection_get_title (LwConnection *self);
const char *lw_connection_get_subtitle (LwConnection *self);
/* What the person calls it, else the organisation, else the tenant. */
const char *lw_connection_get_name (LwConnection *self);
/* The object id of the account that it belongs to. (nullable): nobody signed in yet. */
const char *lw_connection_get_account_id (LwConnection *self);

G_END_DECLS
