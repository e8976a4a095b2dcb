"""Benchmarks as they lie on disk: each reader takes a folder in the layout in which the benchmark was published and yields examples."""
