from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("packages", "0004_mirror_change")]

    operations = [
        migrations.AddField(
            model_name="countedday",
            name="checks",
            field=models.JSONField(
                blank=True,
                default=list,
                help_text="What the last count was checked for.",
            ),
        ),
    ]
