from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("packages", "0010_events"),
    ]

    operations = [
        migrations.AddField(
            model_name="countedday",
            name="counted_for",
            field=models.TextField(
                blank=True,
                default="",
                help_text=(
                    "The packages it was counted for, as ',a,b,'; empty: all of them."
                ),
            ),
        ),
    ]
