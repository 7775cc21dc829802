/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-domain-fixture.h"
#include "lw-evidence.h"
#include "lw-json.h"

#include <string.h>

#define SHA "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static void
test_names (void)
{
  static const struct
  {
    const char *name;
    const char *safe;
  } cases[] = {
    { "report.pdf", "report.pdf" },
    { "../../etc/passwd", "passwd" },
    { "/etc/shadow", "shadow" },
    { "C:\\Users\\priya\\plan.docx", "plan.docx" },
    { ".bashrc", "bashrc" },
    { "...", "evidence" },
    { "", "evidence" },
    { NULL, "evidence" },
    { "a\nb\tc\x01.txt", "abc.txt" },
    /* right-to-left override: shown as "invoice-exe.pdf" */
    { "invoice-\342\200\256fdp.exe", "invoice-fdp.exe" },
    { "zero\342\200\213width.txt", "zerowidth.txt" },
    { "what?<is>|this*\":.txt", "whatisthis.txt" },
    { "end. . ", "end" },
    { "con.txt", "_con.txt" },
    { "LPT1", "_LPT1" },
    { "console.txt", "console.txt" },
    { "COM10.txt", "COM10.txt" },
    { "Prüfung der Firewall.pdf", "Prüfung der Firewall.pdf" },
    { "файл.pdf", "файл.pdf" },
    { "no\302\240break.txt", "no break.txt" },
    { "bad\377utf8.txt", "badutf8.txt" },
    { "folder/", "evidence" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *safe = lw_evidence_safe_name (cases[i].name);
      g_autofree char *again = lw_evidence_safe_name (safe);

      g_assert_cmpstr (safe, ==, cases[i].safe);
      g_assert_cmpstr (again, ==, safe);
    }
}

static void
test_long_names (void)
{
  g_autoptr (GString) name = g_string_new (NULL);
  g_autofree char *safe = NULL;

  for (guint i = 0; i < 200; i++)
    g_string_append (name, "ж");
  g_string_append (name, ".tar.gz");
  safe = lw_evidence_safe_name (name->str);
  g_assert_cmpuint (strlen (safe), <=, 120);
  g_assert_true (g_utf8_validate (safe, -1, NULL));
  g_assert_true (g_str_has_suffix (safe, ".gz"));
}

static void
test_programs (void)
{
  static const char *const run[] = { "a.exe",     "A.EXE",      "x.pdf.desktop", "run.sh",
                                     "page.html", "macro.docm", "link.url",      "pic.svg" };
  static const char *const open[] = { "a.pdf",     "exe",    "note.txt",   "plan.docx",
                                      "photo.png", "x.json", "desktop.pdf" };

  for (gsize i = 0; i < G_N_ELEMENTS (run); i++)
    g_assert_true (lw_evidence_is_program (run[i]));
  for (gsize i = 0; i < G_N_ELEMENTS (open); i++)
    g_assert_false (lw_evidence_is_program (open[i]));
  g_assert_false (lw_evidence_is_program (NULL));
}

static void
test_in_events (void)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_evidence_free);
  g_autoptr (JsonObject) body = json_object_new ();
  g_autoptr (GPtrArray) back = NULL;
  g_autoptr (GPtrArray) files = NULL;
  const LwEvidence *file;

  g_ptr_array_add (list, lw_evidence_new_file (SHA, "../scan.pdf", 12, "application/pdf"));
  g_ptr_array_add (list, lw_evidence_new_link ("https://contoso.example/runbook"));
  json_object_set_array_member (body, "evidence", lw_evidence_list_to_json (list));
  back = lw_evidence_list_from_json (lw_json_get_array (body, "evidence"));
  g_assert_cmpuint (back->len, ==, 2);
  file = g_ptr_array_index (back, 0);
  g_assert_cmpstr (file->sha256, ==, SHA);
  g_assert_cmpstr (file->name, ==, "scan.pdf");
  g_assert_cmpint (file->size, ==, 12);
  g_assert_cmpstr (file->media_type, ==, "application/pdf");
  g_assert_cmpstr (((LwEvidence *) g_ptr_array_index (back, 1))->link, ==,
                   "https://contoso.example/runbook");

  files = lw_evidence_files_of (body);
  g_assert_cmpuint (files->len, ==, 1);
}

/* Those of the content, of its controls and of the terms; what others wrote is not trusted. */
static void
test_of_content (void)
{
  g_autoptr (JsonNode) node =
      fixture_json ("{'content':{'evidence':[{'sha256':'a','name':'/x/CON'},{'link':'l'},7,null],"
                    "'controls':[{'evidence':[{'sha256':'b','size':-3}]},{'evidence':7}]},"
                    "'terms':{'controls':[{'evidence':[{'sha256':'c'}]}]},'evidence':'no'}");
  g_autoptr (GPtrArray) files = lw_evidence_files_of (json_node_get_object (node));
  const LwEvidence *first, *second;

  g_assert_cmpuint (files->len, ==, 3);
  first = g_ptr_array_index (files, 0);
  second = g_ptr_array_index (files, 1);
  g_assert_cmpstr (first->name, ==, "_CON");
  g_assert_cmpstr (second->name, ==, "evidence");
  g_assert_cmpint (second->size, ==, 0);
}

static void
test_digests (void)
{
  g_assert_true (lw_evidence_sha256_is_valid (SHA));
  g_assert_false (lw_evidence_sha256_is_valid (SHA "0"));
  g_assert_false (lw_evidence_sha256_is_valid ("E3B0"));
  g_assert_false (lw_evidence_sha256_is_valid ("../../../etc/passwd"));
  g_assert_false (lw_evidence_sha256_is_valid (NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/evidence/names", test_names);
  g_test_add_func ("/evidence/long-names", test_long_names);
  g_test_add_func ("/evidence/programs", test_programs);
  g_test_add_func ("/evidence/in-events", test_in_events);
  g_test_add_func ("/evidence/of-content", test_of_content);
  g_test_add_func ("/evidence/digests", test_digests);
  return g_test_run ();
}
