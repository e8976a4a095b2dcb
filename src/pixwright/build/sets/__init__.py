"""The three data sets: each module has a `make(recipe, start, stop)` that fills places with rows."""
