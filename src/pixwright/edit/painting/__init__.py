"""Pictures painted from nothing: `skies`, `scenery` (nature) and `scenery_built`, and `weather` in front of a photograph."""
