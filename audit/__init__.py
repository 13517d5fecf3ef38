"""A claim walks one way through this package and never back:

    intake -> check -> profile -> enrich -> measure -> judge -> score -> settle -> explain -> report

Each word is a module with one public function of the same name; `journey.py` calls them in this order. Nothing heavy is
imported here, so that an Airflow Dag can read the names of the stages without loading the engine.
"""

WHOLE_BATCH_STAGES = ("intake", "check", "profile")
BUCKET_STAGES = ("enrich", "measure", "judge", "score", "settle", "explain")
STAGES = (*WHOLE_BATCH_STAGES, *BUCKET_STAGES, "report")
