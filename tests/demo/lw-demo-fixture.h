/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <libsoup/soup.h>

G_BEGIN_DECLS

/* A running leeway-demo-tenant and what it printed. */
typedef struct
{
  GSubprocess *process;
  JsonObject *line;
  SoupSession *session;
  char *folder; /* of files made for the test, nullable */
} Tenant;

/* One answer. */
typedef struct
{
  guint status;
  SoupMessageHeaders *headers;
  char *text;
  gsize length;
  JsonObject *json; /* nullable */
} Answer;

void answer_free (Answer *answer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Answer, answer_free)

/* Starts the program on Contoso AI, or on @file, with more arguments up to %NULL. */
Tenant *tenant_start (const char *file, ...) G_GNUC_NULL_TERMINATED;
/* Ends it with SIGTERM and checks that it ended well. */
void tenant_stop (Tenant *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Tenant, tenant_stop)

/* Path of the tenant file in the source tree. */
char *demo_file (const char *name);
const char *tenant_member (Tenant *self, const char *name);
/* A member of the persona whose name begins so. */
const char *tenant_persona (Tenant *self, const char *first_name, const char *member);

/* Sends a request; @who is the first name of a persona, a token, or %NULL; @url may begin with a
 * slash, for Resource Manager. @headers are pairs of name and value, up to %NULL. */
Answer *tenant_send (Tenant *self,
                     const char *who,
                     const char *method,
                     const char *url,
                     const char *body,
                     const char *const *headers);
Answer *tenant_get (Tenant *self, const char *who, const char *url);
/* A form sent by POST. */
Answer *tenant_form (Tenant *self, const char *url, const char *form);
/* error.code of the answer, or "". */
const char *answer_code (Answer *answer);
const char *answer_string (Answer *answer, const char *name);
const char *answer_header (Answer *answer, const char *name);
JsonArray *answer_value (Answer *answer);
/* Whether an element of "value" has that member. */
gboolean answer_lists (Answer *answer, const char *member, const char *text);
/* The id of the subscription with that display name, as its first viewer. */
char *tenant_subscription (Tenant *self, const char *who, const char *name);
char *uri_escape (const char *text);

G_END_DECLS
