from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ingest", "0002_count_estimated_bytes")]

    operations = [
        migrations.AddField(
            model_name="ingestrun",
            name="reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("source", "The source could not be read."),
                    ("empty", "The source has nothing of the day."),
                    ("implausible", "The source has far too little of the day."),
                    ("cut-off", "The run was cut off."),
                    ("other", "The day could not be stored."),
                ],
                max_length=16,
            ),
        ),
    ]
