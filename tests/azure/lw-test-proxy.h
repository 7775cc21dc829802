/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * LwTestProxy:
 *
 * An HTTP proxy on a thread of its own that makes tunnels (CONNECT) to whatever is asked for, and
 * answers what is asked of it by an address as if it were the server ("{\"by\":\"proxy\"}").
 */
typedef struct
{
  GSocketService *service;
  GMainContext *context;
  GMainLoop *loop;
  GThread *thread;
  char *base;
  guint refuse;         /* nullable: 407 or 403 where it makes no tunnels */
  const char *password; /* nullable: "Basic …" that is asked for by 407 */
  int tunnels;          /* atomic */
  int plain;            /* atomic */
  char *seen;           /* all that came in the clear */
  GMutex mutex;
} LwTestProxy;

LwTestProxy *lw_test_proxy_new (void);
void lw_test_proxy_free (LwTestProxy *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwTestProxy, lw_test_proxy_free)

/* Makes this process ask a resolver of the tests', which says "no proxy" until told; to be called before
 * anything else. */
void lw_test_proxy_init (void);
/* What it says from now on; %NULL for none. */
void lw_test_proxy_use (const char *uri);

G_END_DECLS
