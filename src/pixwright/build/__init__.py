"""Sources -> shards of samples: the data sets that everything here is trained and judged on."""
