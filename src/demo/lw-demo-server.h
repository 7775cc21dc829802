/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-demo-call.h"

G_BEGIN_DECLS

/* @demo must outlive the server. */
SoupServer *lw_demo_server_new (LwDemo *demo, GTlsCertificate *certificate);
/* Listens on the loopback addresses only; 0 is any free port. Returns the port, or 0 with @error. */
guint lw_demo_server_listen (SoupServer *server, guint port, gboolean tls, GError **error);

G_END_DECLS
