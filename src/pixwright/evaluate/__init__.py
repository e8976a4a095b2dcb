"""A system + samples -> a report.

Start at `run/suites` (the papers' protocols by name) and `run/task`. `readers/` read benchmarks as they were published, `metrics/` score, `report/` makes tables
and pages, `study/` lets people compare. Nothing here calls a stand-in by a paper's name.
"""
