/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-watcher.h"

/* In milliseconds. A look at a Blob ledger with nothing new costs three or four listings of a page each. */
static const struct
{
  guint first;
  guint longest;
} waits[] = {
  [LW_ATTENTION_NONE] = { 0, 0 },
  [LW_ATTENTION_HIDDEN] = { 60 * 1000, 300 * 1000 },
  [LW_ATTENTION_SEEN] = { 5 * 1000, 30 * 1000 },
  [LW_ATTENTION_USED] = { 3 * 1000, 15 * 1000 },
};
/* The kernel tells of what this machine wrote; only other machines are asked about. */
#define WATCHED_FACTOR 2
/* Looks without news after which the wait has doubled. */
#define PATIENCE 4
/* Several markers that come at once are one piece of news. */
#define GATHER       150
#define MAX_MONITORS 3

struct _LwWatcher
{
  GObject parent_instance;

  char *log; /* nullable: in a folder */
  GFileMonitor *monitors[MAX_MONITORS];
  char *watched[MAX_MONITORS]; /* their folders */
  LwAttention attention;
  guint quiet; /* looks without news in a row */
  guint failures;
  gboolean started;
  gboolean looking;
  gboolean told; /* the kernel said something since the last look began */
  guint source;
};

static guint due_signal;

G_DEFINE_FINAL_TYPE (LwWatcher, lw_watcher, G_TYPE_OBJECT)

static gboolean
be_due (gpointer data)
{
  LwWatcher *self = data;

  self->source = 0;
  self->looking = TRUE;
  self->told = FALSE;
  g_signal_emit (self, due_signal, 0);
  return G_SOURCE_REMOVE;
}

guint
lw_watcher_get_interval (LwWatcher *self)
{
  guint64 wait;

  g_return_val_if_fail (LW_IS_WATCHER (self), 0);
  wait = waits[self->attention].first;
  if (self->monitors[0] != NULL)
    wait *= WATCHED_FACTOR;
  wait <<= MIN (self->quiet / PATIENCE, 8) + MIN (self->failures, 8);
  return (guint) MIN (wait, (guint64) waits[self->attention].longest *
                                (self->monitors[0] != NULL ? WATCHED_FACTOR : 1));
}

static void
schedule (LwWatcher *self, guint wait)
{
  g_clear_handle_id (&self->source, g_source_remove);
  if (self->started && !self->looking && self->attention != LW_ATTENTION_NONE)
    self->source = g_timeout_add (wait, be_due, self);
}

static void
changed (LwWatcher *self)
{
  if (self->told)
    return;
  self->told = TRUE;
  schedule (self, GATHER);
}

/* A folder's monitor does not see what is below its folders: the day and the hour that are written to now
 * are watched beside it. */
static void
watch (LwWatcher *self)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *day = g_date_time_format (now, "%Y-%m-%d");
  g_autofree char *hour = g_date_time_format (now, "%H");
  g_autofree char *paths[MAX_MONITORS] = { g_strdup (self->log),
                                           g_build_filename (self->log, day, NULL),
                                           g_build_filename (self->log, day, hour, NULL) };

  for (guint i = 0; i < MAX_MONITORS; i++)
    {
      g_autoptr (GFile) file = g_file_new_for_path (paths[i]);

      if (self->monitors[i] != NULL && g_strcmp0 (self->watched[i], paths[i]) == 0)
        continue;
      g_clear_object (&self->monitors[i]);
      if (!g_file_test (paths[i], G_FILE_TEST_IS_DIR))
        continue;
      self->monitors[i] = g_file_monitor_directory (file, G_FILE_MONITOR_NONE, NULL, NULL);
      g_set_str (&self->watched[i], paths[i]);
      if (self->monitors[i] != NULL)
        g_signal_connect_object (self->monitors[i], "changed", G_CALLBACK (changed), self,
                                 G_CONNECT_SWAPPED);
    }
}

void
lw_watcher_synced (LwWatcher *self, gboolean news, gboolean failed)
{
  g_return_if_fail (LW_IS_WATCHER (self));
  self->started = TRUE;
  self->looking = FALSE;
  self->quiet = news ? 0 : self->quiet + 1;
  self->failures = failed ? self->failures + 1 : 0;
  if (self->log != NULL && self->attention != LW_ATTENTION_NONE)
    watch (self);
  schedule (self, self->told ? GATHER : lw_watcher_get_interval (self));
}

void
lw_watcher_set_attention (LwWatcher *self, LwAttention attention)
{
  gboolean more;

  g_return_if_fail (LW_IS_WATCHER (self));
  if (self->attention == attention)
    return;
  more = attention > self->attention;
  self->attention = attention;
  if (attention == LW_ATTENTION_NONE)
    for (guint i = 0; i < MAX_MONITORS; i++)
      g_clear_object (&self->monitors[i]);
  if (more)
    self->quiet = 0;
  /* Whoever comes back wants to see what is there now. */
  schedule (self, more ? GATHER : lw_watcher_get_interval (self));
}

static void
lw_watcher_dispose (GObject *object)
{
  LwWatcher *self = LW_WATCHER (object);

  g_clear_handle_id (&self->source, g_source_remove);
  for (guint i = 0; i < MAX_MONITORS; i++)
    {
      g_clear_object (&self->monitors[i]);
      g_clear_pointer (&self->watched[i], g_free);
    }
  g_clear_pointer (&self->log, g_free);
  G_OBJECT_CLASS (lw_watcher_parent_class)->dispose (object);
}

static void
lw_watcher_class_init (LwWatcherClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_watcher_dispose;
  due_signal =
      g_signal_new ("due", LW_TYPE_WATCHER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
lw_watcher_init (LwWatcher *self)
{
  self->attention = LW_ATTENTION_HIDDEN;
}

LwWatcher *
lw_watcher_new (const char *ledger)
{
  LwWatcher *self = g_object_new (LW_TYPE_WATCHER, NULL);

  if (ledger != NULL && g_path_is_absolute (ledger))
    self->log = g_build_filename (ledger, "log", NULL);
  return self;
}
