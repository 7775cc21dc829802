/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-attention.h"

#define LW_TYPE_ATTENTION_FOLLOWER (lw_attention_follower_get_type ())
G_DECLARE_FINAL_TYPE (LwAttentionFollower, lw_attention_follower, LW, ATTENTION_FOLLOWER, GObject)

struct _LwAttentionFollower
{
  GObject parent_instance;

  GtkWidget *widget;      /* weak */
  LwWorkspace *workspace; /* weak */
  GtkWindow *window;      /* weak: whose signals are connected */
};

G_DEFINE_FINAL_TYPE (LwAttentionFollower, lw_attention_follower, G_TYPE_OBJECT)

static void changed (LwAttentionFollower *self);

/* Its window is another one, or the first. */
static void
follow_window (LwAttentionFollower *self)
{
  GtkRoot *root = gtk_widget_get_root (self->widget);

  if (!GTK_IS_WINDOW (root) || self->window == GTK_WINDOW (root))
    return;
  if (self->window != NULL)
    g_signal_handlers_disconnect_by_data (self->window, self);
  g_set_weak_pointer (&self->window, GTK_WINDOW (root));
  g_signal_connect_object (root, "notify::is-active", G_CALLBACK (changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (root, "notify::suspended", G_CALLBACK (changed), self,
                           G_CONNECT_SWAPPED);
}

static void
changed (LwAttentionFollower *self)
{
  LwAttention attention = LW_ATTENTION_HIDDEN;

  if (self->widget == NULL || self->workspace == NULL || lw_workspace_is_closed (self->workspace))
    return;
  follow_window (self);
  if (gtk_widget_get_mapped (self->widget) && self->window != NULL &&
      !gtk_window_is_suspended (self->window))
    attention = gtk_window_is_active (self->window) ? LW_ATTENTION_USED : LW_ATTENTION_SEEN;
  lw_workspace_set_attention (self->workspace, attention);
}

static void
lw_attention_follower_dispose (GObject *object)
{
  LwAttentionFollower *self = LW_ATTENTION_FOLLOWER (object);

  g_clear_weak_pointer (&self->widget);
  g_clear_weak_pointer (&self->workspace);
  g_clear_weak_pointer (&self->window);
  G_OBJECT_CLASS (lw_attention_follower_parent_class)->dispose (object);
}

static void
lw_attention_follower_class_init (LwAttentionFollowerClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_attention_follower_dispose;
}

static void
lw_attention_follower_init (LwAttentionFollower *self)
{
}

void
lw_attention_follow (GtkWidget *widget, LwWorkspace *workspace)
{
  LwAttentionFollower *self;

  g_return_if_fail (GTK_IS_WIDGET (widget));
  g_return_if_fail (LW_IS_WORKSPACE (workspace));
  self = g_object_new (LW_TYPE_ATTENTION_FOLLOWER, NULL);
  g_set_weak_pointer (&self->widget, widget);
  g_set_weak_pointer (&self->workspace, workspace);
  g_signal_connect_object (widget, "map", G_CALLBACK (changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (widget, "unmap", G_CALLBACK (changed), self, G_CONNECT_SWAPPED);
  changed (self);
  /* One workspace at a time is shown there. */
  g_object_set_data_full (G_OBJECT (widget), "lw-attention", self, g_object_unref);
}
