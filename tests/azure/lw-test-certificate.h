/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * lw_test_certificate:
 * @folder: where "@name.pem" and "@name.key" are written
 * @names: as of subjectAltName, such as "DNS:localhost,IP:127.0.0.1"
 * @begin, @end: (nullable): YYYYMMDDHHMMSSZ; years around now
 * @issuer: (nullable): the name of one that was made before and signs this one; else it signs itself
 *
 * Returns: (transfer full) (nullable): %NULL where there is no openssl command
 */
GTlsCertificate *lw_test_certificate (const char *folder,
                                      const char *name,
                                      const char *names,
                                      const char *begin,
                                      const char *end,
                                      const char *issuer);
/* The path of "@name.pem". (transfer full) */
char *lw_test_certificate_file (const char *folder, const char *name);
/* Runs it with a certificate for 127.0.0.1 that signs itself and the file it is in, or skips the test. */
void lw_test_with_certificate (void (*run) (GTlsCertificate *certificate, const char *ca_file));
/* Removes @folder and the files in it. */
void lw_test_remove_folder (const char *folder);

G_END_DECLS
