/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * lw_certificate_problem:
 * @certificate: (nullable): what the server at @host showed
 * @flags: what was found wrong with it
 *
 * What is wrong with a certificate and what to do about it: another name, expired or not valid yet
 * (with its dates), signed by itself or by an authority that this machine does not know (with their
 * names).
 *
 * Returns: (transfer full): sentences
 */
char *
lw_certificate_problem (GTlsCertificate *certificate, GTlsCertificateFlags flags, const char *host);

G_END_DECLS
