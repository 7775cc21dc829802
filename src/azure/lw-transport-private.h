/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-lane.h"
#include "lw-pace.h"
#include "lw-wire.h"

G_BEGIN_DECLS

struct _LwTransport
{
  GObject parent_instance;

  LwCloud *cloud;
  LwIdentity *identity;
  LwWire *wire;
  LwPace *pace;
  GHashTable *lanes; /* "host:port" → LwLane */
  guint deadline_ms;
  guint pause_ms;
};

/* One call and what became of it so far; belongs to the fiber that makes it. */
typedef struct
{
  LwTransport *transport;
  LwAudience audience;
  char *method;
  char *url;
  GStrv headers;
  GBytes *body;
  char *content_type;
  gboolean idempotent;
  LwPageReader reader; /* of a page of a list; else its member is %NULL */

  GUri *uri; /* of @url, once it was checked */
  char *request_id;
  gint64 deadline; /* monotonic, microseconds */
  guint attempt;
  guint broken;     /* attempts that ended without a usable answer */
  guint failed;     /* that ended with 500 */
  gboolean renewed; /* a refused token was replaced once */
  GError *refusal;  /* nullable: what the service said when it was last asked */
} LwSending;

LwSending *
lw_sending_new (LwTransport *transport, LwAudience audience, const char *method, const char *url);
void lw_sending_free (gpointer data);
/* Sends it and resolves to its JSON, or to a #LwPage where it has a reader. Takes @self. */
DexFuture *lw_sending_json (LwSending *self);

G_END_DECLS
