"""What a run says: `results` reads it, `statistics` gives intervals, `tables`, `page` and `curve` show it."""
