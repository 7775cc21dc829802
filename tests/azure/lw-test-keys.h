/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A folder for keys and certificates, made by the openssl command so that another implementation than
 * ours had them first; it goes away with what is in it. */
typedef struct
{
  char *folder;
} LwTestKeys;

/* %NULL where openssl is not here. */
LwTestKeys *lw_test_keys_new (void);
void lw_test_keys_free (LwTestKeys *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwTestKeys, lw_test_keys_free)

/* The path of a file in it. (transfer full) */
char *lw_test_keys_path (LwTestKeys *self, const char *name);
/* "name.key" and "name.crt": a key (@algorithm: "rsa:2048", "ec"…) and its certificate, valid between
 * the two times ("20200101000000Z"). */
void lw_test_keys_make (LwTestKeys *self,
                        const char *name,
                        const char *algorithm,
                        const char *begins,
                        const char *ends);
/* Writes @name from these files, one after the other, and returns its path. (transfer full) */
char *lw_test_keys_join (LwTestKeys *self, const char *name, ...) G_GNUC_NULL_TERMINATED;
/* Runs openssl in the folder; fails the test where that fails. Its output. (transfer full) */
char *lw_test_keys_openssl (LwTestKeys *self, const char *argument, ...) G_GNUC_NULL_TERMINATED;

G_END_DECLS
