/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-columns.h"

struct _LwColumns
{
  GtkWidget parent_instance;
  int collapse;
  int spacing;
  int row_spacing;
};

G_DEFINE_FINAL_TYPE (LwColumns, lw_columns, GTK_TYPE_WIDGET)

static GQuark
weight_quark (void)
{
  return g_quark_from_static_string ("lw-columns-weight");
}

static guint
weight_of (GtkWidget *child)
{
  return GPOINTER_TO_UINT (g_object_get_qdata (G_OBJECT (child), weight_quark ()));
}

static GtkWidget *
next_visible (GtkWidget *child)
{
  while (child && !gtk_widget_should_layout (child))
    child = gtk_widget_get_next_sibling (child);
  return child;
}

#define FOR_EACH_CHILD(self, child)                                                                \
  for (GtkWidget *child = next_visible (gtk_widget_get_first_child (GTK_WIDGET (self))); child;    \
       child = next_visible (gtk_widget_get_next_sibling (child)))

static guint
total_weight (LwColumns *self, guint *n)
{
  guint total = 0;

  *n = 0;
  FOR_EACH_CHILD (self, child)
  {
    total += weight_of (child);
    (*n)++;
  }
  return total;
}

static int
share_of (LwColumns *self, GtkWidget *child, int width, guint total, guint n)
{
  return (width - self->spacing * (int) (n - 1)) * (int) weight_of (child) / (int) total;
}

static gboolean
is_collapsed (LwColumns *self, int width)
{
  GtkSettings *settings = gtk_widget_get_settings (GTK_WIDGET (self));
  guint n, total = total_weight (self, &n);

  if (n < 2)
    return FALSE;
  if (width < adw_length_unit_to_px (ADW_LENGTH_UNIT_SP, self->collapse, settings))
    return TRUE;
  FOR_EACH_CHILD (self, child)
  {
    int minimum;

    gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
    if (minimum > share_of (self, child, width, total, n))
      return TRUE;
  }
  return FALSE;
}

static GtkSizeRequestMode
lw_columns_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
measure_width (LwColumns *self, int *minimum, int *natural)
{
  int n = 0;

  FOR_EACH_CHILD (self, child)
  {
    int child_minimum, child_natural;

    gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, &child_minimum, &child_natural, NULL,
                        NULL);
    *minimum = MAX (*minimum, child_minimum);
    *natural += child_natural + (n++ > 0 ? self->spacing : 0);
  }
}

static void
lw_columns_measure (GtkWidget *widget,
                    GtkOrientation orientation,
                    int for_size,
                    int *minimum,
                    int *natural,
                    int *minimum_baseline,
                    int *natural_baseline)
{
  LwColumns *self = LW_COLUMNS (widget);
  gboolean collapsed;
  guint total, n, i = 0;

  *minimum = *natural = 0;
  *minimum_baseline = *natural_baseline = -1;
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      measure_width (self, minimum, natural);
      return;
    }

  total = total_weight (self, &n);
  collapsed = for_size >= 0 && is_collapsed (self, for_size);
  FOR_EACH_CHILD (self, child)
  {
    int child_minimum, child_natural;
    int width = for_size < 0 || collapsed ? for_size : share_of (self, child, for_size, total, n);

    gtk_widget_measure (child, GTK_ORIENTATION_VERTICAL, width, &child_minimum, &child_natural,
                        NULL, NULL);
    if (collapsed)
      {
        *minimum += child_minimum + (i > 0 ? self->row_spacing : 0);
        *natural += child_natural + (i > 0 ? self->row_spacing : 0);
      }
    else
      {
        *minimum = MAX (*minimum, child_minimum);
        *natural = MAX (*natural, child_natural);
      }
    i++;
  }
}

static void
allocate_collapsed (LwColumns *self, int width)
{
  int y = 0;

  FOR_EACH_CHILD (self, child)
  {
    int height;

    gtk_widget_measure (child, GTK_ORIENTATION_VERTICAL, width, NULL, &height, NULL, NULL);
    gtk_widget_size_allocate (child, &(GtkAllocation) { 0, y, width, height }, -1);
    y += height + self->row_spacing;
  }
}

static void
lw_columns_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  LwColumns *self = LW_COLUMNS (widget);
  gboolean rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  guint n, total = total_weight (self, &n);
  int x = 0;

  if (is_collapsed (self, width))
    {
      allocate_collapsed (self, width);
      return;
    }
  FOR_EACH_CHILD (self, child)
  {
    int share = share_of (self, child, width, total, n);

    gtk_widget_size_allocate (
        child, &(GtkAllocation) { rtl ? width - x - share : x, 0, share, height }, -1);
    x += share + self->spacing;
  }
}

static void
lw_columns_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))))
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (lw_columns_parent_class)->dispose (object);
}

static void
lw_columns_class_init (LwColumnsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lw_columns_dispose;
  widget_class->get_request_mode = lw_columns_get_request_mode;
  widget_class->measure = lw_columns_measure;
  widget_class->size_allocate = lw_columns_size_allocate;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GENERIC);
}

static void
lw_columns_init (LwColumns *self)
{
}

GtkWidget *
lw_columns_new (int collapse, int spacing, int row_spacing)
{
  LwColumns *self = g_object_new (LW_TYPE_COLUMNS, NULL);

  self->collapse = collapse;
  self->spacing = spacing;
  self->row_spacing = row_spacing;
  return GTK_WIDGET (self);
}

void
lw_columns_append (LwColumns *self, GtkWidget *child, guint weight)
{
  g_return_if_fail (LW_IS_COLUMNS (self));
  g_return_if_fail (weight > 0);

  g_object_set_qdata (G_OBJECT (child), weight_quark (), GUINT_TO_POINTER (weight));
  gtk_widget_set_parent (child, GTK_WIDGET (self));
}
