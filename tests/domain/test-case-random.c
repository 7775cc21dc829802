/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-case-record.h"
#include "lw-domain-fixture.h"
#include "lw-json.h"

/* What must hold of any record, however it came to be. */
static void
assert_sound (Record *record, LwCase *item)
{
  g_autoptr (GHashTable) people = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < item->approvals->len; i++)
    {
      const LwApproval *approval = g_ptr_array_index (item->approvals, i);

      if (!approval->counts)
        continue;
      g_assert_true (approval->sealed);
      g_assert_cmpstr (approval->digest, ==, item->digest);
      g_assert_true (has_seal (FIXTURE_ID, approval->digest, approval->by->id, record));
      g_assert_false (lw_person_equal (approval->by, item->content->requester));
      g_assert_false (lw_person_equal (approval->by, item->content->owner));
      g_assert_true (lw_rules_is_approver (item->rules, item->content, approval->by->id, NULL));
      g_hash_table_add (people, g_ascii_strdown (approval->by->id, -1));
    }
  g_assert_cmpuint (g_hash_table_size (people), ==, item->approvals_counting);
  g_assert_true ((item->phase == LW_PHASE_NEW) == (item->content == NULL));
  if (item->phase >= LW_PHASE_APPROVED)
    g_assert_cmpuint (item->approvals_counting, >=, item->approvals_needed);
  if (item->content != NULL)
    {
      g_autofree char *digest = lw_request_digest (item->content, NULL);

      g_assert_cmpstr (item->digest, ==, digest);
      g_assert_true (
          lw_person_equal (item->content->requester, &(LwPerson) { .id = (char *) PRIYA }));
    }
}

static void
random_event (Record *record, LwRequest **requests, char **digests)
{
  static const char *const people[] = { PRIYA, DANIEL, MEI, TOMAS, EVE };
  const char *who = people[g_test_rand_int_range (0, G_N_ELEMENTS (people))];
  guint which = (guint) g_test_rand_int_range (0, 2);
  LwEventKind kind = (LwEventKind) g_test_rand_int_range (0, LW_EVENT_UNKNOWN + 1);
  g_autoptr (JsonObject) body = NULL;

  /* Now and then what helps the record along, or it would hardly ever get anywhere. */
  if (g_test_rand_int_range (0, 3) == 0)
    kind = g_test_rand_bit () ? LW_EVENT_APPROVED : LW_EVENT_APPLYING;
  if (kind == LW_EVENT_SUBMITTED)
    {
      g_autoptr (LwCase) item = fold (record);

      body =
          submission (requests[which], item->revision + (g_test_rand_int_range (0, 5) > 0 ? 1 : 0));
      who = g_test_rand_int_range (0, 4) > 0 ? PRIYA : who;
    }
  else
    body = decision (digests[which], g_test_rand_bit () ? APPLIED : FAILED);
  if (kind == LW_EVENT_APPROVED && g_test_rand_int_range (0, 3) > 0)
    seal (record, digests[which], who);
  if (kind == LW_EVENT_APPROVED && g_test_rand_int_range (0, 8) == 0)
    json_object_set_member (body, "terms", lw_request_to_json (requests[1]));
  append (record, kind, who, body);
}

static void
test_random (void)
{
  g_autoptr (LwRequest) wide = fixture_request ();
  g_autoptr (LwRequest) tight = fixture_request ();
  g_autofree char *wide_digest = lw_request_digest (wide, NULL);
  g_autofree char *tight_digest = NULL;
  guint reached[LW_PHASE_RETIRED + 1] = { 0 };

  tighten_expiry (tight);
  tight_digest = lw_request_digest (tight, NULL);
  for (guint i = 0; i < 150; i++)
    {
      g_auto (Record) record = { 0 };

      record_init (&record, i % 2 ? "{'approvals':{'resource':2}}" : NULL);
      submit (&record, wide, 1);
      for (gint n = g_test_rand_int_range (1, 25); n > 0; n--)
        {
          g_autoptr (LwCase) item = NULL;

          random_event (&record, (LwRequest *[]) { wide, tight },
                        (char *[]) { wide_digest, tight_digest });
          /* Some records lose an event, or get one in a wrong place. */
          if (g_test_rand_int_range (0, 60) == 0)
            g_ptr_array_remove_index (
                record.events, (guint) g_test_rand_int_range (0, (gint32) record.events->len));
          if (record.events->len == 0)
            break;
          item = fold (&record);
          assert_sound (&record, item);
          reached[item->phase]++;
        }
    }
  g_assert_cmpuint (reached[LW_PHASE_APPROVED], >, 0);
  g_assert_cmpuint (reached[LW_PHASE_APPLYING], >, 0);
  g_assert_cmpuint (reached[LW_PHASE_REJECTED], >, 0);
}

/* What check allows before it is written is not flagged when read, and the other way round. */
static void
test_check_agrees (void)
{
  g_autoptr (LwRequest) wide = fixture_request ();
  g_autoptr (LwRequest) tight = fixture_request ();
  g_autofree char *wide_digest = lw_request_digest (wide, NULL);
  g_autofree char *tight_digest = NULL;

  tighten_expiry (tight);
  tight_digest = lw_request_digest (tight, NULL);
  for (guint i = 0; i < 100; i++)
    {
      g_auto (Record) record = { 0 };

      record_init (&record, NULL);
      for (guint n = 0; n < 12; n++)
        {
          g_autoptr (LwCase) before = NULL;
          g_autoptr (LwCase) after = NULL;
          g_autoptr (LwEvent) event = NULL;
          gboolean allowed;

          random_event (&record, (LwRequest *[]) { wide, tight },
                        (char *[]) { wide_digest, tight_digest });
          /* With the seal that the ledger would have written before the event. */
          event = g_ptr_array_steal_index (record.events, record.events->len - 1);
          before = fold (&record);
          g_ptr_array_add (record.events, lw_event_ref (event));
          if (event->kind == LW_EVENT_UNKNOWN)
            continue;
          allowed = lw_case_check (before, event->kind, event->by, event->body, NULL, NULL);
          after = fold (&record);
          g_assert_true (allowed != has_flag (after, "ledger.not-allowed", event->seq));
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/case/random", test_random);
  g_test_add_func ("/case/check-agrees", test_check_agrees);
  return g_test_run ();
}
