/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-test-certificate.h"

#include <glib/gstdio.h>

char *
lw_test_certificate_file (const char *folder, const char *name)
{
  g_autofree char *file = g_strconcat (name, ".pem", NULL);

  return g_build_filename (folder, file, NULL);
}

static char *
key_file (const char *folder, const char *name)
{
  g_autofree char *file = g_strconcat (name, ".key", NULL);

  return g_build_filename (folder, file, NULL);
}

GTlsCertificate *
lw_test_certificate (const char *folder,
                     const char *name,
                     const char *names,
                     const char *begin,
                     const char *end,
                     const char *issuer)
{
  g_autofree char *pem = lw_test_certificate_file (folder, name);
  g_autofree char *key = key_file (folder, name);
  g_autofree char *subject = g_strconcat ("/O=Leeway tests/CN=", name, NULL);
  g_autofree char *san = g_strconcat ("subjectAltName=", names, NULL);
  g_autofree char *ca = issuer != NULL ? lw_test_certificate_file (folder, issuer) : NULL;
  g_autofree char *ca_key = issuer != NULL ? key_file (folder, issuer) : NULL;
  g_autoptr (GStrvBuilder) argv = g_strv_builder_new ();
  g_auto (GStrv) arguments = NULL;
  g_autofree char *output = NULL;
  g_autofree char *errors = NULL;
  g_autoptr (GError) error = NULL;
  GTlsCertificate *certificate;
  int status = -1;

  g_strv_builder_add_many (argv, "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                           "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out", pem,
                           "-subj", subject, "-addext", san, "-not_before",
                           begin != NULL ? begin : "20200101000000Z", "-not_after",
                           end != NULL ? end : "20990101000000Z", NULL);
  if (ca != NULL)
    g_strv_builder_add_many (argv, "-CA", ca, "-CAkey", ca_key, NULL);
  arguments = g_strv_builder_end (argv);
  if (!g_spawn_sync (NULL, arguments, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output, &errors,
                     &status, NULL))
    return NULL;
  if (status != 0)
    {
      g_test_message ("%s", errors);
      return NULL;
    }
  certificate = g_tls_certificate_new_from_files (pem, key, &error);
  g_assert_no_error (error);
  return certificate;
}

void
lw_test_remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_unlink (path);
    }
  g_rmdir (folder);
}

void
lw_test_with_certificate (void (*run) (GTlsCertificate *certificate, const char *ca_file))
{
  g_autofree char *folder = g_dir_make_tmp ("leeway-tls-XXXXXX", NULL);
  g_autofree char *file = lw_test_certificate_file (folder, "good");
  g_autoptr (GTlsCertificate) certificate =
      lw_test_certificate (folder, "good", "IP:127.0.0.1", NULL, NULL, NULL);

  if (certificate == NULL)
    g_test_skip ("The openssl command is not here");
  else
    run (certificate, file);
  lw_test_remove_folder (folder);
}
