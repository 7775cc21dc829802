/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How long the main loop stands still at a time while large lists are read: the time between two polls,
 * by the clock and by what this thread worked. Nothing is asserted: the figures are of one run on one
 * machine. The design's budget is 8 ms. */

#include "config.h"

#include <stdlib.h>
#include <time.h>

#include "lw-client.h"
#include "lw-test.h"

#define ROUNDS  9
#define OBJECTS 5000

/* The main loop, watched */

static struct
{
  gint64 since; /* microseconds, of the clock; 0 before the first poll */
  gint64 worked_since;
  gint64 longest;
  gint64 most_work;
} loop;

static gint64
worked (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (gint64) now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

static int
watched_poll (GPollFD *fds, guint n, int timeout)
{
  int ready;

  if (loop.since != 0)
    {
      loop.longest = MAX (loop.longest, g_get_monotonic_time () - loop.since);
      loop.most_work = MAX (loop.most_work, worked () - loop.worked_since);
    }
  ready = g_poll (fds, n, timeout);
  loop.since = g_get_monotonic_time ();
  loop.worked_since = worked ();
  return ready;
}

/* Answers */

static char *
answer_with (const char *type, GString *body)
{
  char *answer = g_strdup_printf ("HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: "
                                  "%" G_GSIZE_FORMAT "\r\nConnection: close\r\n\r\n%s",
                                  type, body->len, body->str);

  g_string_free (body, TRUE);
  return answer;
}

static char *
exemptions_page (void)
{
  GString *body = g_string_new ("{\"value\":[");

  for (guint i = 0; i < OBJECTS; i++)
    g_string_append_printf (
        body,
        "%s{\"id\":\"/subscriptions/5b84a0b2-debd-5e07-b5b8-601756f9c338/resourceGroups/rg-%u/"
        "providers/Microsoft.Authorization/policyExemptions/lw-%u\",\"name\":\"lw-%u\",\"type\":"
        "\"Microsoft.Authorization/policyExemptions\",\"properties\":{\"policyAssignmentId\":"
        "\"/providers/Microsoft.Management/managementGroups/ai-workloads/providers/"
        "Microsoft.Authorization/policyAssignments/ai-security-baseline\","
        "\"policyDefinitionReferenceIds\":[\"aiServicesPrivateLink\",\"aiServicesLocalAuth\"],"
        "\"exemptionCategory\":\"Waiver\",\"displayName\":\"Exemption %u\",\"description\":"
        "\"The evaluation service needs public access until its private endpoint is there.\","
        "\"expiresOn\":\"2030-01-01T00:00:00Z\",\"metadata\":{\"leeway\":{\"request\":"
        "\"LW-%06u\",\"revision\":3,\"approvers\":[\"tomas@contoso.example\"]}}},\"systemData\":{"
        "\"createdBy\":\"priya@contoso.example\",\"createdByType\":\"User\",\"createdAt\":"
        "\"2026-01-02T03:04:05.678Z\",\"lastModifiedBy\":\"priya@contoso.example\","
        "\"lastModifiedByType\":\"User\",\"lastModifiedAt\":\"2026-01-02T03:04:05.678Z\"}}",
        i > 0 ? "," : "", i % 200, i, i, i, i);
  g_string_append (body, "]}");
  return answer_with ("application/json", body);
}

static char *
blobs_page (void)
{
  GString *body = g_string_new ("<?xml version=\"1.0\" encoding=\"utf-8\"?><EnumerationResults "
                                "ServiceEndpoint=\"https://x.example/\" ContainerName=\"requests\">"
                                "<MaxResults>5000</MaxResults><Blobs>");

  for (guint i = 0; i < OBJECTS; i++)
    g_string_append_printf (
        body,
        "<Blob><Name>requests/2026/%06u/events/%04u.json</Name><Properties><Creation-Time>Sun, 22 "
        "Nov 2026 21:00:00 GMT</Creation-Time><Last-Modified>Sun, 22 Nov 2026 21:00:00 "
        "GMT</Last-Modified><Etag>0x8DA0000000%05u</Etag><Content-Length>1234</Content-Length>"
        "<Content-Type>application/octet-stream</Content-Type><Content-Encoding "
        "/><Content-Language "
        "/><Content-CRC64 /><Content-MD5>AAAAAAAAAAAAAAAAAAAAAA==</Content-MD5><Cache-Control "
        "/><Content-Disposition /><BlobType>BlockBlob</BlobType><AccessTier>Hot</AccessTier>"
        "<LeaseStatus>unlocked</LeaseStatus><LeaseState>available</LeaseState></Properties>"
        "<Metadata /></Blob>",
        i / 10, i % 10, i);
  g_string_append (body, "</Blobs><NextMarker /></EnumerationResults>");
  return answer_with ("application/xml", body);
}

/* Lists */

static DexFuture *
list_exemptions (LwClient *client, const char *base)
{
  return lw_client_list_exemptions (client, "/subscriptions/5b84a0b2-debd-5e07-b5b8-601756f9c338",
                                    NULL);
}

static DexFuture *
list_blobs (LwClient *client, const char *base)
{
  g_autofree char *container = g_strconcat (base, "/requests", NULL);

  return lw_client_blob_list (client, container, NULL);
}

static guint
length_of (DexFuture *future)
{
  const GValue *value = dex_future_get_value (future, NULL);

  g_assert_nonnull (value);
  if (G_VALUE_HOLDS (value, G_TYPE_STRV))
    return g_strv_length (g_value_get_boxed (value));
  return ((GPtrArray *) g_value_get_boxed (value))->len;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a;
  double y = *(const double *) b;

  return x < y ? -1 : x > y;
}

static void
bench (const char *what, char *answer, DexFuture *(*start) (LwClient *client, const char *base))
{
  g_autofree char *owned = answer;
  g_autoptr (LwTestRaw) server = lw_test_raw_new (owned, FALSE);
  g_autoptr (LwClient) client = lw_test_client (server->base, 60000);
  double stalls[ROUNDS];
  double work[ROUNDS];
  double whole[ROUNDS];

  for (guint i = 0; i < ROUNDS; i++)
    {
      gint64 begun = g_get_monotonic_time ();
      g_autoptr (DexFuture) future = start (client, server->base);

      loop.since = loop.longest = loop.most_work = 0;
      while (dex_future_is_pending (future))
        g_main_context_iteration (NULL, TRUE);
      whole[i] = (double) (g_get_monotonic_time () - begun) / 1000;
      /* What was begun last has not come to a poll yet. */
      g_main_context_iteration (NULL, FALSE);
      stalls[i] = (double) loop.longest / 1000;
      work[i] = (double) loop.most_work / 1000;
      g_assert_cmpuint (length_of (future), ==, OBJECTS);
    }
  qsort (stalls, ROUNDS, sizeof *stalls, compare);
  qsort (work, ROUNDS, sizeof *work, compare);
  qsort (whole, ROUNDS, sizeof *whole, compare);
  g_print (
      "%-18s %6.1f KiB   main loop stands still for %6.1f ms (works for %6.1f ms) at the most; "
      "whole list %6.1f ms\n",
      what, (double) strlen (owned) / 1024, stalls[ROUNDS / 2], work[ROUNDS / 2],
      whole[ROUNDS / 2]);
}

int
main (void)
{
  dex_init ();
  g_main_context_set_poll_func (NULL, watched_poll);
  g_print ("lists of %d, each in one page; medians of %d rounds\n", OBJECTS, ROUNDS);
  bench ("exemptions", exemptions_page (), list_exemptions);
  bench ("blobs", blobs_page (), list_blobs);
  return 0;
}
